package io.destiny.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RequestTest {
  private static final Domain DOMAIN = new Domain(new byte[16], 1);
  private static final int LIMIT = 1 << 16;
  private static final byte[] SIGNATURE = {9, 9, 9};

  private static Request request(long timestamp, byte[]... commands) {
    return Request.of(DOMAIN, 5L << 32 | 2, timestamp, List.of(commands), SIGNATURE);
  }

  private static byte[] encode(Request request) {
    Writer w = new Writer(0);
    request.encode(w);
    assertThat(w.size()).isEqualTo(request.encodedLength());
    return w.toBytes();
  }

  private static Request decode(byte[] bytes, int limit) throws MalformedException {
    Reader r = new Reader(bytes);
    Request request = Request.decode(DOMAIN, r, limit);
    r.end();
    return request;
  }

  @Test
  void aGroupComesBack() throws MalformedException {
    Request sent = request(3, new byte[] {1}, new byte[0], new byte[] {2, 3});
    Request read = decode(encode(sent), LIMIT);
    assertThat(read).isEqualTo(sent).hasSameHashCodeAs(sent);
    assertThat(read.commands()).containsExactly(new byte[] {1}, new byte[0], new byte[] {2, 3});
    assertThat(read.timestamp()).isEqualTo(3);
    assertThat(Request.principal(read.client())).isEqualTo(5);
    assertThat(read.statement()).isEqualTo(sent.statement());
  }

  /** The digest names the signature too, so whether a payload is valid follows from its digest. */
  @Test
  void theDigestCoversEverything() {
    Request base = request(3, new byte[] {1}, new byte[] {2});
    byte[] other = DOMAIN.cluster();
    other[0]++;
    assertThat(
            List.of(
                request(4, new byte[] {1}, new byte[] {2}).digest(),
                request(3, new byte[] {1, 2}).digest(),
                request(3, new byte[] {2}, new byte[] {1}).digest(),
                Request.of(DOMAIN, 5L << 32 | 3, 3, base.commands(), SIGNATURE).digest(),
                Request.of(DOMAIN, base.client(), 3, base.commands(), new byte[] {9}).digest(),
                Request.of(new Domain(other, 1), base.client(), 3, base.commands(), SIGNATURE)
                    .digest()))
        .doesNotContain(base.digest())
        .doesNotHaveDuplicates();
    // A request outlives the epoch that it was signed in.
    Domain later = new Domain(DOMAIN.cluster(), DOMAIN.epoch() + 1);
    assertThat(Request.of(later, base.client(), 3, base.commands(), SIGNATURE).digest())
        .isEqualTo(base.digest());
    assertThat(base.digest()).isEqualTo(Digest.of(base.statement(), SIGNATURE));
  }

  @Test
  void aGroupHas1To65535Commands() {
    assertThatThrownBy(() -> Request.group(List.of())).isInstanceOf(IllegalArgumentException.class);
    List<byte[]> most = Collections.nCopies(65_535, new byte[0]);
    assertThat(Request.group(most)).hasSize(2 + 4 * 65_535);
    assertThatThrownBy(() -> Request.group(Collections.nCopies(65_536, new byte[0])))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void limitsAndEmptyGroupsAreRefused() {
    byte[] bytes = encode(request(1, new byte[100]));
    assertThatThrownBy(() -> decode(bytes, 105)).isInstanceOf(MalformedException.class);
    Request atLimit = request(1, new byte[100]);
    assertThat(Request.group(atLimit.commands())).hasSize(106);

    byte[] empty = new Writer(0).u64(1).u64(1).bytes(new byte[] {0, 0}).bytes(SIGNATURE).toBytes();
    assertThatThrownBy(() -> decode(empty, LIMIT)).hasMessage("empty group");
    byte[] trailing =
        new Writer(0)
            .u64(1)
            .u64(1)
            .bytes(new Writer(0).u16(1).bytes(new byte[1]).u8(0).toBytes())
            .bytes(SIGNATURE)
            .toBytes();
    assertThatThrownBy(() -> decode(trailing, LIMIT)).hasMessage("trailing bytes");
    byte[] longSignature =
        new Writer(0)
            .u64(1)
            .u64(1)
            .bytes(Request.group(List.of(new byte[1])))
            .bytes(new byte[Request.MAX_SIGNATURE + 1])
            .toBytes();
    assertThatThrownBy(() -> decode(longSignature, LIMIT)).hasMessage("field over its limit");
  }

  @Test
  void anOperationAtItsLimitPasses() throws MalformedException {
    assertThat(decode(encode(request(1, new byte[100])), 106).commands()).hasSize(1);
  }

  /** P8: whatever the bytes, and what is accepted is canonical. */
  @Test
  void garbledBytesAreRefusedOrReadCanonically() {
    Random random = new Random(7);
    byte[] good = encode(request(3, new byte[] {1}, new byte[] {2, 3}));
    int accepted = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = Arrays.copyOf(good, good.length - (i % 4 == 0 ? random.nextInt(10) : 0));
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        assertThat(encode(decode(bytes, LIMIT))).isEqualTo(bytes);
        accepted++;
      } catch (MalformedException expected) {
        // refused
      }
    }
    assertThat(accepted).isPositive();
  }
}
