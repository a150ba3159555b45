package io.destiny.sim.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
import io.destiny.core.kit.JoinedCodec;
import io.destiny.core.kit.KitCodec;
import io.destiny.core.kit.KitMessage;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Limits;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.sim.world.Frame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the mutating adversary does to a message is what its operators say. */
class MutationsTest {
  private static final int N = 5;
  private static final Settings SETTINGS =
      new Settings(
          new Domain(new byte[16], 0),
          new QuorumRule(N, FaultModel.HYBRID),
          1,
          Limits.DEFAULT,
          Settings.Tuning.defaults(2));

  private final Mutations mutations = new Mutations(new SplittableRandom(1), N);

  private static Frame frame(KitMessage message) {
    JoinedCodec codec = new JoinedCodec(SETTINGS, List.of(new KitCodec(SETTINGS)));
    return Frame.forged("D1." + message.kind(), codec.encode(message, 1));
  }

  private static byte[] filled(int length, int with) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) with);
    return bytes;
  }

  private static Digest digest(int of) {
    return Digest.of(filled(1, of));
  }

  private static Share share(int of) {
    return new Share(1, filled(Share.SIGNATURE_BYTES, of));
  }

  /** Three of five signed: R0, R2 and one more. */
  private static Certificate certificate(int of) {
    byte[] signers = {(byte) (0b101 | 1 << (of % 2 == 0 ? 3 : 4))};
    return new Certificate(filled(Share.SIGNATURE_BYTES, of), signers);
  }

  /** One message of each kind that has a share, a certificate or chunks. */
  private static List<Frame> messages(int of) {
    return List.of(
        frame(new KitMessage.ExecSig(1, of, of, digest(of), share(of))),
        frame(new KitMessage.ExecProof(1, of, of, digest(of), certificate(of))),
        frame(new KitMessage.CheckpointSig(of, digest(of), share(of))),
        frame(new KitMessage.CheckpointProof(of, digest(of), certificate(of))),
        frame(new KitMessage.Chunks(of, 0, 0, List.of(filled(40, of)))));
  }

  /** What an operator made of the messages that it changed. */
  private List<Frame> changed(Mutations.Operator operator) {
    List<Frame> changed = new ArrayList<>();
    for (Frame message : messages(7)) {
      byte[] bytes = mutations.apply(operator, message, messages(8));
      if (!Arrays.equals(bytes, message.bytes())) {
        changed.add(Frame.forged(message.name(), bytes));
      }
    }
    return changed;
  }

  private List<String> kindsChangedBy(Mutations.Operator operator) {
    return changed(operator).stream().map(Frame::kind).toList();
  }

  @ParameterizedTest
  @EnumSource(Mutations.Operator.class)
  void eachOperatorOnBytesChangesAMessage(Mutations.Operator operator) {
    // A signature of another cluster is made by the one who signs; see the swarm for that.
    boolean elsewhere = operator.ofDelivery() || operator == Mutations.Operator.OTHER_CLUSTER;
    assertThat(changed(operator).isEmpty()).isEqualTo(elsewhere);
  }

  @Test
  void aSpliceIsTheWholeCertificateOfAnotherStatementOfItsKind() {
    assertThat(kindsChangedBy(Mutations.Operator.CERTIFICATE_SPLICE))
        .containsExactly("ExecProof", "CheckpointProof");
    byte[] spliced = changed(Mutations.Operator.CERTIFICATE_SPLICE).getFirst().bytes();
    byte[] statement = messages(7).get(1).bytes();
    byte[] other = messages(8).get(1).bytes();
    int place = Layout.share("ExecProof");
    assertThat(Arrays.copyOf(spliced, place)).isEqualTo(Arrays.copyOf(statement, place));
    assertThat(Arrays.copyOfRange(spliced, place, spliced.length))
        .isEqualTo(Arrays.copyOfRange(other, place, other.length));
  }

  @Test
  void signersComeAndGoOneAtATime() {
    for (Frame fewer : changed(Mutations.Operator.SIGNER_DROPPED)) {
      assertThat(Integer.bitCount(fewer.bytes()[fewer.size() - 1])).isEqualTo(2);
    }
    for (Frame more : changed(Mutations.Operator.SIGNER_ADDED)) {
      assertThat(Integer.bitCount(more.bytes()[more.size() - 1])).isEqualTo(4);
    }
    assertThat(kindsChangedBy(Mutations.Operator.SIGNER_ADDED))
        .isEqualTo(kindsChangedBy(Mutations.Operator.SIGNER_DROPPED))
        .containsExactly("ExecProof", "CheckpointProof");
  }

  @Test
  void chunksAreDamagedOrThoseOfAnotherCheckpoint() {
    assertThat(kindsChangedBy(Mutations.Operator.CHUNK_FLIP)).containsExactly("Chunks");
    Frame other = changed(Mutations.Operator.CHUNK_OF_ANOTHER).getFirst();
    assertThat(other.sequence()).isEqualTo(7);
    assertThat(other.bytes()).endsWith(filled(40, 8));
  }

  @Test
  void whoseShareItIsCanBeChangedOnlyWhereItIsSaid() {
    assertThat(kindsChangedBy(Mutations.Operator.SHARE_OF_ANOTHER))
        .containsExactly("ExecSig", "CheckpointSig");
    assertThat(kindsChangedBy(Mutations.Operator.SIGNER_SWAP))
        .isSubsetOf("ExecSig", "CheckpointSig");
  }
}
