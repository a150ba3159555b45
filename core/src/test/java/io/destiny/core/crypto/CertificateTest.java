package io.destiny.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CertificateTest {
  private static byte[] point(int fill) {
    byte[] point = new byte[48];
    Arrays.fill(point, (byte) fill);
    return point;
  }

  @Test
  void certificatesComeBackWithAndWithoutABitmap() throws MalformedException {
    for (int length : new int[] {0, 1, 38, 255}) {
      Certificate c = new Certificate(point(7), new byte[length]);
      Writer w = new Writer(0);
      c.encode(w);
      assertThat(w.size()).isEqualTo(c.encodedLength()).isEqualTo(49 + length);
      Reader r = new Reader(w.toBytes());
      assertThat(Certificate.decode(r)).isEqualTo(c).hasSameHashCodeAs(c);
      r.end();
    }
  }

  @Test
  void sharesComeBack() throws MalformedException {
    Share share = new Share(65_534, point(9));
    Writer w = new Writer(0);
    share.encode(w);
    assertThat(w.size()).isEqualTo(Share.BYTES);
    assertThat(Share.decode(new Reader(w.toBytes()))).isEqualTo(share).hasSameHashCodeAs(share);
  }

  @Test
  void signerSignatureAndBitmapCount() {
    assertThat(new Share(1, point(1)))
        .isNotEqualTo(new Share(2, point(1)))
        .isNotEqualTo(new Share(1, point(2)));
    assertThat(new Certificate(point(1), new byte[1]))
        .isNotEqualTo(new Certificate(point(1), new byte[] {1}))
        .isNotEqualTo(new Certificate(point(2), new byte[1]))
        .isNotEqualTo(new Certificate(point(1), new byte[0]));
  }

  @Test
  void otherLengthsAreRefused() {
    assertThatThrownBy(() -> new Share(0, new byte[47]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Certificate(new byte[96], new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Certificate(point(0), new byte[256]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void truncationIsRefused() {
    Writer w = new Writer(0);
    new Certificate(point(7), new byte[3]).encode(w);
    for (int length = 0; length < w.size(); length++) {
      Reader r = new Reader(Arrays.copyOf(w.toBytes(), length));
      assertThatThrownBy(() -> Certificate.decode(r)).isInstanceOf(MalformedException.class);
    }
  }
}
