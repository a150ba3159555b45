package io.destiny.core.model;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DigestTest {
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @Test
  void itIsSha256() {
    assertThat(Digest.of("abc".getBytes(US_ASCII)).toHex()).isEqualTo(ABC);
    assertThat(Digest.of("a".getBytes(US_ASCII), "bc".getBytes(US_ASCII)).toHex()).isEqualTo(ABC);
    assertThat(Digest.of("xabcy".getBytes(US_ASCII), 1, 3).toHex()).isEqualTo(ABC);
  }

  @Test
  void bytesComeBack() {
    Digest d = Digest.of("abc".getBytes(US_ASCII));
    assertThat(Digest.fromBytes(d.toBytes())).isEqualTo(d);
    assertThat(d.toBytes()).hasSize(32).startsWith(0xBA, 0x78);
    assertThat(d).hasToString("ba7816bf");
    assertThat(d.prefix()).isEqualTo(0xba7816bf8f01cfeaL);
    assertThatThrownBy(() -> Digest.fromBytes(new byte[31]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theOrderIsThatOfTheBytes() {
    Digest low = new Digest(1, 0, 0, 0);
    Digest high = new Digest(-1, 0, 0, 0);
    assertThat(low).isLessThan(high);
    assertThat(new Digest(1, 0, 0, 1)).isGreaterThan(low);
    assertThat(new Digest(1, 0, -1, 0)).isGreaterThan(new Digest(1, 0, 1, 0));
    assertThat(new Digest(1, -1, 0, 0)).isGreaterThan(new Digest(1, 1, 0, 0));
  }
}
