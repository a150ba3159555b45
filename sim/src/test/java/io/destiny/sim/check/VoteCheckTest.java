package io.destiny.sim.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Message;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The oracle of votes without trusted counters fires on hand-made bad traces. */
class VoteCheckTest {
  private static final Digest A = new Digest(1, 0, 0, 0);
  private static final Digest B = new Digest(2, 0, 0, 0);

  /** Four replicas, of which R3 lies. */
  private final VoteCheck check = new VoteCheck(new Scope(4, false, Set.of(0, 1, 2)));

  private void says(int replica, String kind, long view, Digest digest) {
    Writer w = new Writer(64).u8(1).u8(1).u16(0).u32(0).u32(view).u64(5).u16(replica).u16(0);
    w = kind.equals("ViewChange") ? w.u16(replica) : w.digest(digest);
    try {
      check.look(replica, kind, new Reader(w.toBytes()));
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  private void fires(String rule, Runnable step) {
    Violation v = catchThrowableOfType(Violation.class, step::run);
    assertThat(v).isNotNull();
    assertThat(v.rule()).isEqualTo(rule);
  }

  private void committed(int replica, Digest digest) {
    check.effect(replica, 1, new Effect.Note(new Effect.Event.Committed(0, 5, digest)));
  }

  @Test
  void aSlotThatIsAgreedOnPasses() {
    assertThatCode(
            () -> {
              says(0, "PrePrepare", 0, A);
              says(1, "Prepare", 0, A);
              says(2, "Prepare", 0, A);
              says(0, "Commit", 0, A);
              says(1, "Commit", 0, A);
              committed(1, A);
              committed(2, A);
            })
        .doesNotThrowAnyException();
  }

  @Test
  void aSlotThatIsCommittedByAllOrByAQuorumsSharesPasses() {
    assertThatCode(
            () -> {
              // R0 leads and collects: its own shares stay at home. The liar is taken to have
              // signed.
              says(0, "PrePrepare", 0, A);
              says(1, "SignShare", 0, A);
              says(2, "SignShare", 0, A);
              committed(0, A);
              says(1, "CommitShare", 0, A);
              says(2, "CommitShare", 0, A);
              committed(1, A);
            })
        .doesNotThrowAnyException();
  }

  @Test
  void s3NotAllHaveAcceptedAndTooFewHavePrepared() {
    says(0, "PrePrepare", 0, A);
    says(1, "SignShare", 0, A);
    fires("S3", () -> committed(0, A));
  }

  @Test
  void s3AShareOnH2BeforeAQuorumHasAccepted() {
    VoteCheck honest = new VoteCheck(new Scope(7, false, null));
    Writer w = new Writer(64).u8(1).u8(1).u16(0).u32(0).u32(0).u64(5).u16(1).u16(0).digest(A);
    Violation v =
        catchThrowableOfType(
            Violation.class, () -> honest.look(1, "CommitShare", new Reader(w.toBytes())));
    assertThat(v.rule()).isEqualTo("S3");
  }

  @Test
  void s12AReplicaSignsTwo() {
    says(1, "SignShare", 0, A);
    fires("S12", () -> says(1, "SignShare", 0, B));
  }

  @Test
  void s14AReplicaSignsInAViewThatItHasLeft() {
    says(1, "ViewChange", 2, A);
    fires("S14", () -> says(1, "SignShare", 1, A));
  }

  @Test
  void s1SharesOnTwoDigestsInOneView() {
    says(1, "SignShare", 0, A);
    says(2, "SignShare", 0, B);
    says(1, "CommitShare", 0, A);
    fires("S1", () -> says(2, "CommitShare", 0, B));
  }

  @Test
  void s12AReplicaVotesForTwo() {
    says(1, "Prepare", 0, A);
    says(1, "Prepare", 1, B);
    fires("S12", () -> says(1, "Prepare", 0, B));
  }

  @Test
  void s14AReplicaVotesInAViewThatItHasLeft() {
    says(1, "ViewChange", 2, A);
    says(1, "Prepare", 2, A);
    fires("S14", () -> says(1, "Prepare", 1, A));
  }

  @Test
  void s14AReplicaVotesWithoutALog() {
    check.wiped(1);
    fires("S14", () -> says(1, "Prepare", 0, A));
  }

  @Test
  void s3TooFewHavePrepared() {
    VoteCheck honest = new VoteCheck(new Scope(4, false, null));
    Writer w = new Writer(64).u8(1).u8(1).u16(0).u32(0).u32(0).u64(5).u16(1).u16(0).digest(A);
    Violation v =
        catchThrowableOfType(
            Violation.class, () -> honest.look(1, "Commit", new Reader(w.toBytes())));
    assertThat(v.rule()).isEqualTo("S3");
  }

  @Test
  void s3TooFewHaveCommitted() {
    fires("S3", () -> committed(1, A));
  }

  @Test
  void s1TwoDigestsArePreparedInOneView() {
    says(1, "Prepare", 0, A);
    says(2, "Prepare", 0, B);
    says(1, "Commit", 0, A);
    fires("S1", () -> says(2, "Commit", 0, B));
  }

  /** Its log had it, and so has its VIEW-CHANGE. */
  @Test
  void aVoteThatWaitedForTheDiskInACrashMayBeSentOnceItsViewIsLeft() {
    record Vote(String kind, int instance, long sequence) implements Message {
      @Override
      public int wireSize() {
        return HEADER_BYTES;
      }

      @Override
      public boolean bulk() {
        return false;
      }
    }
    Effect waiting = new Effect.Broadcast(new Vote("Prepare", 0, 5));
    check.effect(1, 1, waiting);
    check.crashed(1);
    says(1, "ViewChange", 1, A);
    assertThatCode(() -> says(1, "Prepare", 0, A)).doesNotThrowAnyException();
    // Nor one that has left already, or another one.
    check.effect(2, 1, waiting);
    check.released(2, 1, waiting);
    check.crashed(2);
    says(2, "ViewChange", 1, A);
    fires("S14", () -> says(2, "Prepare", 0, A));
    fires("S14", () -> says(1, "PrePrepare", 0, A));
  }
}
