package io.destiny.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.MerkleTree;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchTest {
  private static final Domain DOMAIN = new Domain(new byte[16], 1);
  private static final Limits LIMITS = new Limits(4, 1000, 200, 8);

  private static Request request(int timestamp, int commands) {
    return Request.of(
        DOMAIN, 1, timestamp, Collections.nCopies(commands, new byte[] {7}), new byte[64]);
  }

  private static List<Request> requests(int count) {
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      requests.add(request(i, 1));
    }
    return requests;
  }

  private static byte[] encode(Batch batch) {
    Writer w = new Writer(0);
    batch.encode(w);
    assertThat(w.size()).isEqualTo(batch.encodedLength());
    return w.toBytes();
  }

  private static Batch decode(byte[] bytes, Limits limits) throws MalformedException {
    Reader r = new Reader(bytes);
    Batch batch = Batch.decode(DOMAIN, r, limits);
    r.end();
    return batch;
  }

  @Test
  void aBatchComesBackAndItsDigestIsTheRootOverItsRequests() throws MalformedException {
    for (int size = 1; size <= 4; size++) {
      Batch sent = Batch.of(requests(size));
      Batch read = decode(encode(sent), LIMITS);
      assertThat(read.requests()).isEqualTo(sent.requests());
      assertThat(read.digest())
          .isEqualTo(MerkleTree.root(requests(size).stream().map(Request::digest).toList()));
      assertThat(read.commands()).isEqualTo(size);
      assertThat(read.isNoop()).isFalse();
    }
  }

  @Test
  void nothingIsTheNoopWithItsReservedDigest() throws MalformedException {
    assertThat(Batch.NOOP.digest().toHex())
        .isEqualTo("008a9561b375f5653824a89e3a850d6156a387b6541a47b44dc0928dce37abff");
    assertThat(Batch.of(List.of())).isSameAs(Batch.NOOP);
    assertThat(decode(new byte[4], LIMITS)).isSameAs(Batch.NOOP);
    assertThat(encode(Batch.NOOP)).containsExactly(0, 0, 0, 0);
  }

  @Test
  void moreRequestsThanTheLimitAreRefused() {
    byte[] five = encode(Batch.of(requests(5)));
    assertThatThrownBy(() -> decode(five, LIMITS)).isInstanceOf(MalformedException.class);
  }

  @Test
  void moreCommandsThanTheLimitAreRefusedUnlessInOneGroup() throws MalformedException {
    byte[] group = encode(Batch.of(List.of(request(1, 20))));
    assertThat(decode(group, LIMITS).commands()).isEqualTo(20);
    byte[] two = encode(Batch.of(List.of(request(1, 3), request(2, 2))));
    assertThatThrownBy(() -> decode(two, LIMITS)).isInstanceOf(MalformedException.class);
  }

  @Test
  void moreBytesThanTheLimitAreRefused() {
    byte[] bytes = encode(Batch.of(requests(4)));
    Limits tight = new Limits(4, bytes.length - 5, 200, 8);
    assertThatThrownBy(() -> decode(bytes, tight)).isInstanceOf(MalformedException.class);
  }

  @Test
  void aCountWithoutRequestsAllocatesNothing() {
    byte[] bytes = {(byte) 0x7F, -1, -1, -1};
    assertThatThrownBy(() -> decode(bytes, new Limits(Integer.MAX_VALUE, 1000, 200, 8)))
        .isInstanceOf(MalformedException.class);
  }
}
