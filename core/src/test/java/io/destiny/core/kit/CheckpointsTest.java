package io.destiny.core.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Validity;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Limits;
import io.destiny.core.model.QuorumRule;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckpointsTest {
  private static final List<List<Digest>> PARTS = List.of(List.of(KitFixture.digest("app")));
  private static final long[] EXECUTED = {4, 5, 6};

  private final RecordingTurn turn = new RecordingTurn();
  private final Checkpoints checkpoints = new Checkpoints(KitFixture.settings(3, 0));

  private Digest taken(long slot) {
    return checkpoints.taken(slot, PARTS, EXECUTED);
  }

  private void durable(long slot) {
    checkpoints.durable(slot, turn);
    checkpoints.onComputed(turn.job(), new Result.Signed(KitFixture.share(0)), turn);
  }

  private Checkpoints.Own proof(long slot, Digest state) {
    checkpoints.onProof(
        1, new KitMessage.CheckpointProof(slot, state, KitFixture.certificate()), turn);
    return checkpoints.onComputed(turn.job(), new Result.Verdict(true), turn);
  }

  @Test
  void isStableOnlyWhenProvenAndDurable() {
    Digest state = taken(8);
    assertThat(proof(8, state)).isNull();
    assertThat(checkpoints.stable()).isZero();
    Checkpoints.Own own = checkpoints.durable(8, turn);
    assertThat(own).isNotNull();
    assertThat(own.executed()).containsExactly(4, 5, 6);
    assertThat(checkpoints.stable()).isEqualTo(8);
    assertThat(turn.all(Effect.DropSnapshots.class)).containsExactly(new Effect.DropSnapshots(8));
  }

  /** 00-system-model §7: 2f+1 vouch for it in the BFT model. */
  @Test
  void twoOfFourAreTooFewWithoutTrustedSubsystems() {
    Settings bft =
        new Settings(
            KitFixture.DOMAIN,
            new QuorumRule(4, FaultModel.BFT),
            0,
            Limits.DEFAULT,
            Settings.Tuning.defaults(1));
    Digest state = KitFixture.digest("state");
    for (int bitmap : new int[] {0b0011, 0b0111, 0b1111}) {
      Certificate c = new Certificate(new byte[Share.SIGNATURE_BYTES], new byte[] {(byte) bitmap});
      KitMessage.CheckpointProof proof = new KitMessage.CheckpointProof(8, state, c);
      boolean enough = bitmap != 0b0011;
      assertThat(Checkpoints.verify(bft, proof))
          .isInstanceOf(enough ? Validity.Depends.class : Validity.Invalid.class);
      assertThat(Checkpoints.verify(KitFixture.settings(3, 0), proof))
          .isInstanceOf(Validity.Depends.class);
    }
  }

  @Test
  void oneSnapshotBeforeTheStableOneIsKept() {
    for (long slot : new long[] {8, 16, 24}) {
      Digest state = taken(slot);
      durable(slot);
      assertThat(proof(slot, state)).isNotNull();
    }
    assertThat(checkpoints.own(8)).isNull();
    assertThat(checkpoints.own(16)).isNotNull();
    assertThat(turn.all(Effect.DropSnapshots.class).getLast())
        .isEqualTo(new Effect.DropSnapshots(16));
  }

  @Test
  void theStableOneIsKeptHoweverManyComeAfterIt() {
    durable8();
    for (long slot = 16; slot < 400; slot += 8) {
      taken(slot);
      durable(slot);
    }
    assertThat(checkpoints.stable()).isEqualTo(8);
    assertThat(checkpoints.own(8)).isNotNull();
    assertThat(checkpoints.own(200)).as("it was voted for").isNotNull();
  }

  private void durable8() {
    Digest state = taken(8);
    durable(8);
    assertThat(proof(8, state)).isNotNull();
  }

  @Test
  void twoVotesOnTheOwnStateMakeAProof() {
    Digest state = taken(8);
    durable(8);
    checkpoints.onSig(1, new KitMessage.CheckpointSig(8, state, KitFixture.share(1)), turn);
    assertThat(turn.jobs.get(turn.job())).isInstanceOf(Work.Combine.class);
    Result combined = new Result.Combined(KitFixture.certificate());
    assertThat(checkpoints.onComputed(turn.job(), combined, turn)).isNotNull();
    assertThat(turn.all(Effect.Broadcast.class)).hasSize(1);
  }

  @Test
  void votesOnlyForWhatItCouldHandOutAfterAPowerFailure() {
    taken(8);
    assertThat(turn.jobs).isEmpty();
    assertThat(turn.all(Effect.Send.class)).isEmpty();
    durable(8);
    assertThat(turn.sentTo(8 % 3)).hasSize(1);
  }

  @Test
  void votesOnAnotherStateDoNotCount() {
    taken(8);
    durable(8);
    Digest other = KitFixture.digest("other");
    checkpoints.onSig(1, new KitMessage.CheckpointSig(8, other, KitFixture.share(1)), turn);
    assertThat(turn.jobs.values()).noneMatch(Work.Combine.class::isInstance);
  }

  @Test
  void stopsWhenFPlusOneReplicasVouchForAnotherState() {
    taken(8);
    durable(8);
    assertThat(proof(8, KitFixture.digest("other"))).isNull();
    assertThat(turn.halted()).isTrue();
  }

  @Test
  void aForgedProofChangesNothingAndItsSenderIsNotVerifiedAgain() {
    KitMessage.CheckpointProof forged =
        new KitMessage.CheckpointProof(8, KitFixture.digest("x"), KitFixture.certificate());
    checkpoints.onProof(1, forged, turn);
    checkpoints.onComputed(turn.job(), new Result.Verdict(false), turn);
    long job = turn.job();
    checkpoints.onProof(1, forged, turn);
    assertThat(turn.job()).isEqualTo(job);
    assertThat(checkpoints.proof()).isNull();
    checkpoints.onProof(2, forged, turn);
    assertThat(turn.job()).as("another sender is heard").isEqualTo(job + 1);
  }
}
