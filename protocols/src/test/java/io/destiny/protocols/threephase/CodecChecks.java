package io.destiny.protocols.threephase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.kit.JoinedCodec;
import io.destiny.core.machine.Message;
import io.destiny.core.statement.MalformedException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** What each codec of the family must do: read what it writes, and nothing else. */
public final class CodecChecks {
  private static final int SENDER = 2;

  private final JoinedCodec codec;
  private final List<Message> messages;

  /**
   * @param messages one of each kind, and of each form of it
   */
  public CodecChecks(JoinedCodec codec, List<Message> messages) {
    this.codec = codec;
    this.messages = messages;
  }

  public void whatIsWrittenIsReadAgain() throws MalformedException {
    for (Message m : messages) {
      byte[] bytes = codec.encode(m, SENDER);
      assertThat(bytes).as(m.kind()).hasSize(m.wireSize());
      Message read = codec.decode(bytes, SENDER);
      assertThat(read).as(m.kind()).hasSameClassAs(m);
      assertThat(codec.encode(read, SENDER)).as(m.kind()).isEqualTo(bytes);
    }
  }

  public void everyPrefixAndEveryTrailingByteIsRefused() {
    for (Message m : messages) {
      byte[] bytes = codec.encode(m, SENDER);
      for (int length = 0; length < bytes.length; length++) {
        byte[] prefix = Arrays.copyOf(bytes, length);
        assertThatThrownBy(() -> codec.decode(prefix, SENDER))
            .as("%s, %d bytes", m.kind(), length)
            .isInstanceOf(MalformedException.class);
      }
      assertThatThrownBy(() -> codec.decode(Arrays.copyOf(bytes, bytes.length + 1), SENDER))
          .isInstanceOf(MalformedException.class);
    }
  }

  /** No bytes throw anything else; what is accepted has just one encoding. */
  public void garbageIsRefusedOrIsTheOneEncodingOfAMessage() {
    SplittableRandom random = new SplittableRandom(1);
    int accepted = 0;
    for (Message m : messages) {
      byte[] bytes = codec.encode(m, SENDER);
      for (int i = 0; i < 3_000; i++) {
        byte[] changed = bytes.clone();
        for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
          changed[random.nextInt(changed.length)] = (byte) random.nextInt();
        }
        try {
          Message read = codec.decode(changed, SENDER);
          assertThat(codec.encode(read, SENDER)).isEqualTo(changed);
          accepted++;
        } catch (MalformedException e) {
          // refused
        }
      }
    }
    assertThat(accepted).isPositive();
  }

  /** These have a slot of 0, which is for those without a slot alone. */
  public static void aSlotOf0IsRefused(JoinedCodec codec, List<Message> messages) {
    for (Message m : messages) {
      assertThatThrownBy(() -> codec.decode(codec.encode(m, SENDER), SENDER))
          .as(m.kind())
          .isInstanceOf(MalformedException.class);
    }
  }
}
