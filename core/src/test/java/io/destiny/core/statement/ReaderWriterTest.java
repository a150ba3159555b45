package io.destiny.core.statement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.model.Digest;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReaderWriterTest {
  private static byte[] all() {
    return new Writer(0)
        .u8(200)
        .u16(65_535)
        .u32(0xFFFF_FFFEL)
        .u64(-2)
        .raw(new byte[] {1, 2})
        .bytes(new byte[] {3})
        .digest(new Digest(1, -1, Long.MIN_VALUE, Long.MAX_VALUE))
        .toBytes();
  }

  @Test
  void whatIsWrittenIsReadBack() throws MalformedException {
    Reader r = new Reader(all());
    assertThat(r.u8()).isEqualTo(200);
    assertThat(r.u16()).isEqualTo(65_535);
    assertThat(r.u32()).isEqualTo(0xFFFF_FFFEL);
    assertThat(r.u64()).isEqualTo(-2);
    assertThat(r.raw(2)).containsExactly(1, 2);
    assertThat(r.bytes(1)).containsExactly(3);
    assertThat(r.digest()).isEqualTo(new Digest(1, -1, Long.MIN_VALUE, Long.MAX_VALUE));
    assertThat(r.remaining()).isZero();
    r.end();
  }

  @Test
  void numbersAreBigEndian() {
    assertThat(new Writer(16).u16(0x0102).u32(0x03040506L).u64(0x0708090A0B0C0D0EL).toBytes())
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
  }

  @Test
  void aWriterGrows() {
    Writer w = new Writer(1);
    for (int i = 0; i < 10_000; i++) {
      w.u32(i);
    }
    assertThat(w.size()).isEqualTo(40_000);
    assertThat(w.toBytes()).hasSize(40_000).endsWith(0, 0, 0x27, 0x0F);
  }

  private interface Step {
    void on(Reader r) throws MalformedException;
  }

  private static void readAll(Reader r) throws MalformedException {
    for (Step step :
        new Step[] {
          Reader::u8,
          Reader::u16,
          Reader::u32,
          Reader::u64,
          x -> x.raw(2),
          x -> x.bytes(1),
          Reader::digest,
          Reader::end
        }) {
      step.on(r);
    }
  }

  @Test
  void everyTruncationIsRefused() {
    byte[] bytes = all();
    for (int length = 0; length < bytes.length; length++) {
      Reader r = new Reader(Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> readAll(r)).isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void trailingBytesAreRefused() {
    Reader r = new Reader(Arrays.copyOf(all(), all().length + 1));
    assertThatThrownBy(() -> readAll(r))
        .isInstanceOf(MalformedException.class)
        .hasMessage("trailing bytes");
  }

  @Test
  void aLengthIsCheckedBeforeAnythingIsAllocated() {
    byte[] huge = new Writer(16).u32(0xFFFF_FFFFL).toBytes();
    assertThatThrownBy(() -> new Reader(huge).bytes(Integer.MAX_VALUE))
        .isInstanceOf(MalformedException.class)
        .hasMessage("field over its limit");
    byte[] large = new Writer(16).u32(Integer.MAX_VALUE).toBytes();
    assertThatThrownBy(() -> new Reader(large).bytes(Integer.MAX_VALUE))
        .isInstanceOf(MalformedException.class)
        .hasMessage("truncated");
    byte[] over = new Writer(16).bytes(new byte[5]).toBytes();
    assertThatThrownBy(() -> new Reader(over).bytes(4)).isInstanceOf(MalformedException.class);
  }

  @Test
  void aRefusalHasNoStackTrace() {
    assertThat(new MalformedException("x").getStackTrace()).isEmpty();
  }

  /** S19, P8: bytes from outside make a reader throw its own rejection and nothing else. */
  @Test
  void randomBytesNeverThrowAnythingElse() {
    Random random = new Random(1);
    for (int i = 0; i < 50_000; i++) {
      byte[] bytes = new byte[random.nextInt(80)];
      random.nextBytes(bytes);
      Reader r = new Reader(bytes);
      try {
        while (true) {
          switch (random.nextInt(8)) {
            case 0 -> r.u8();
            case 1 -> r.u16();
            case 2 -> r.u32();
            case 3 -> r.u64();
            case 4 -> r.raw(random.nextInt(20));
            case 5 -> r.bytes(random.nextInt(100));
            case 6 -> r.digest();
            default -> r.end();
          }
          if (r.remaining() == 0) {
            break;
          }
        }
      } catch (MalformedException expected) {
        assertThat(r.remaining()).isNotNegative();
      }
    }
  }
}
