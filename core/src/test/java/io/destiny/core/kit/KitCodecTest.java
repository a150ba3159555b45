package io.destiny.core.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.engine.ConsensusEngine.Progress;
import io.destiny.core.machine.Message;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.MalformedException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KitCodecTest {
  private static final Digest D = KitFixture.digest("d");

  private final JoinedCodec codec =
      new JoinedCodec(KitFixture.settings(3, 0), List.of(new KitCodec(KitFixture.settings(3, 0))));

  private static List<Message> messages() {
    Progress progress = new Progress(0, true, 1, 2, 9, new long[] {1, 2, 3, 4});
    return List.of(
        new KitMessage.ExecSig(2, 5, 17, D, KitFixture.share(1)),
        new KitMessage.ExecProof(0, 5, 17, D, KitFixture.certificate()),
        new KitMessage.CheckpointSig(128, D, KitFixture.share(1)),
        new KitMessage.CheckpointProof(128, D, KitFixture.certificate()),
        new KitMessage.GetState(128),
        new KitMessage.Manifest(128, List.of(List.of(D, D), List.of(), List.of(D))),
        new KitMessage.GetChunks(128, 1, 7, 16),
        new KitMessage.Chunks(128, 1, 7, List.of(new byte[3], new byte[0])),
        new KitMessage.Status(
            128,
            List.of(
                new KitMessage.Status.Entry(1, progress),
                new KitMessage.Status.Entry(Instances.ORDER, progress))),
        new KitMessage.Relay(KitFixture.request(1L << 32, 4, "a", "b")),
        new KitMessage.Recovered(128),
        new KitMessage.Probe(-5),
        new KitMessage.ProbeAck(-5, 128, D, 130, true),
        new KitMessage.ProbeAck(7, 0, D, 0, false));
  }

  @Test
  void whatIsWrittenIsReadAndHasTheSizeItSays() throws MalformedException {
    for (Message m : messages()) {
      byte[] bytes = codec.encode(m, 1);
      assertThat(bytes).as(m.kind()).hasSize(m.wireSize());
      Message read = codec.decode(bytes, 1);
      assertThat(codec.encode(read, 1)).as(m.kind()).isEqualTo(bytes);
    }
  }

  @Test
  void theSenderIsTheChannels() {
    byte[] bytes = codec.encode(messages().getFirst(), 1);
    assertThatThrownBy(() -> codec.decode(bytes, 2)).isInstanceOf(MalformedException.class);
  }

  /**
   * S19 and canonical form: accept(b) implies encode(decode(b)) = b, and nothing else is thrown.
   */
  @Test
  void garbledBytesAreRefusedOrCanonical() {
    SplittableRandom random = new SplittableRandom(11);
    int accepted = 0;
    for (int round = 0; round < 20_000; round++) {
      List<Message> all = messages();
      byte[] bytes = codec.encode(all.get(random.nextInt(all.size())), 1);
      if (random.nextInt(4) == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 4));
      }
      for (int flips = random.nextInt(3); flips > 0 && bytes.length > 0; flips--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        Message m = codec.decode(bytes, 1);
        accepted++;
        assertThat(codec.encode(m, 1)).isEqualTo(bytes);
      } catch (MalformedException e) {
        assertThat(e.getMessage()).isNotBlank();
      }
    }
    assertThat(accepted).isBetween(1_000, 19_000);
  }

  @Test
  void aStateOfHealthThatDoesNotExistIsRefused() {
    byte[] bytes = codec.encode(new KitMessage.ProbeAck(1, 128, D, 130, true), 1);
    bytes[bytes.length - 1] = 2;
    assertThatThrownBy(() -> codec.decode(bytes, 1)).isInstanceOf(MalformedException.class);
    byte[] negative = codec.encode(new KitMessage.ProbeAck(1, 128, D, -1, true), 1);
    assertThatThrownBy(() -> codec.decode(negative, 1)).isInstanceOf(MalformedException.class);
  }

  @Test
  void aProgressNearTheEndOfNumbersIsRefused() {
    Progress far = new Progress(0, false, 0, Long.MAX_VALUE, Long.MAX_VALUE, new long[4]);
    byte[] bytes =
        codec.encode(new KitMessage.Status(0, List.of(new KitMessage.Status.Entry(0, far))), 1);
    assertThatThrownBy(() -> codec.decode(bytes, 1)).isInstanceOf(MalformedException.class);
  }
}
