package io.destiny.core.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.kit.ClientTable.Disposition;
import io.destiny.core.model.Outcome;
import io.destiny.core.model.Request;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ClientTableTest {
  /** 00-system-model §6, against a table that keeps everything. */
  @Test
  void appliesEachTimestampAtMostOnceAndNeverAnOlderOne() {
    SplittableRandom random = new SplittableRandom(3);
    ClientTable table = new ClientTable();
    TreeMap<Long, Long> last = new TreeMap<>();
    for (int step = 0; step < 5_000; step++) {
      long client = random.nextLong(20) << 32 | random.nextLong(3);
      Request r = KitFixture.request(client, random.nextLong(1, 50), "op");
      long before = last.getOrDefault(client, -1L);
      Disposition expected =
          r.timestamp() > before
              ? Disposition.FRESH
              : r.timestamp() == before ? Disposition.REPEATED : Disposition.STALE;
      assertThat(table.order(r)).isEqualTo(expected);
      if (expected == Disposition.FRESH) {
        last.put(client, r.timestamp());
        table.store(r, Outcome.encode(List.of(KitFixture.bytes("r" + step))));
      }
      assertThat(table.lastTimestamp(client)).isEqualTo(Math.max(before, r.timestamp()));
    }
  }

  @Test
  void theChunksHoldTheWholeTableAndFollowOnlyItsContent() {
    ClientTable one = new ClientTable();
    ClientTable other = new ClientTable();
    for (int i = 0; i < 1000; i++) {
      fill(one, i, "result");
      fill(other, 999 - i, "result");
    }
    assertEqualChunks(one, other);
    assertEqualChunks(ClientTable.of(one.chunks()), one);
    fill(other, 5000, "x");
    assertThat(other.chunks()).hasSameSizeAs(one.chunks());
    assertThat(Arrays.deepEquals(array(other), array(one))).isFalse();
  }

  private static void fill(ClientTable table, int client, String result) {
    Request r = KitFixture.request(client, client + 1L, "op");
    table.order(r);
    table.store(r, KitFixture.bytes(result));
  }

  private static byte[][] array(ClientTable table) {
    return table.chunks().toArray(byte[][]::new);
  }

  private static void assertEqualChunks(ClientTable a, ClientTable b) {
    assertThat(Arrays.deepEquals(array(a), array(b))).isTrue();
  }

  @Test
  void aLongResultIsNotKept() {
    ClientTable table = new ClientTable();
    Request request = KitFixture.request(1, 2, "b");
    table.order(request);
    table.store(request, new byte[ClientTable.MAX_KEPT_RESULT + 1]);
    assertThat(Outcome.isNotKept(table.get(1).result())).isTrue();
  }

  /** A replica that catches up orders far ahead of what it executes. */
  @Test
  void aRepeatedRequestFindsItsReplyAlsoWhenALaterOneIsOrderedBeforeItIsExecuted() {
    ClientTable table = new ClientTable();
    Request first = KitFixture.request(1, 1, "a");
    Request second = KitFixture.request(1, 2, "b");
    table.order(first);
    assertThat(table.order(first)).isEqualTo(Disposition.REPEATED);
    table.order(second);
    table.store(first, KitFixture.bytes("reply"));
    assertThat(table.executed(1).timestamp()).isEqualTo(1);
    assertThat(table.executed(1).result()).isEqualTo(KitFixture.bytes("reply"));
    assertThat(table.get(1).timestamp()).isEqualTo(2);
    assertThat(table.get(1).result()).isNull();
    assertThat(table.order(first)).isEqualTo(Disposition.STALE);

    table.store(second, KitFixture.bytes("other"));
    assertThat(table.get(1)).isEqualTo(table.executed(1));
    assertThat(table.chunks()).hasSize(1);
  }
}
