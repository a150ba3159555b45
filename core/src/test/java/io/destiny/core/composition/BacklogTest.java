package io.destiny.core.composition;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.DropReason;
import io.destiny.core.model.Request;
import io.destiny.core.statement.Domain;
import java.util.List;
import org.junit.jupiter.api.Test;

class BacklogTest {
  private record Held(Request request) implements Batcher.Held {
    @Override
    public boolean queued() {
      return false;
    }
  }

  private final Backlog<Held> backlog = new Backlog<>();

  private static Held held(long client, long timestamp, int bytes) {
    Domain domain = new Domain(new byte[16], 3);
    List<byte[]> commands = List.of(new byte[bytes]);
    return new Held(Request.of(domain, client, timestamp, commands, new byte[64]));
  }

  @Test
  void theHighestOfAClientIsHeld() {
    Held first = held(7, 2, 1);
    assertThat(backlog.refuses(first.request())).isNull();
    backlog.put(first);
    assertThat(backlog.refuses(held(7, 2, 1).request())).isEqualTo(DropReason.DUPLICATE);
    assertThat(backlog.refuses(held(7, 1, 1).request())).isEqualTo(DropReason.DUPLICATE);
    assertThat(backlog.upTo(7, 1)).isNull();
    assertThat(backlog.upTo(7, 2)).isSameAs(first);
    assertThat(backlog.upTo(8, 2)).isNull();

    Held second = held(7, 3, 1);
    assertThat(backlog.refuses(second.request())).isNull();
    backlog.remove(first);
    backlog.put(second);
    assertThat(backlog.has(first)).isFalse();
    assertThat(backlog.has(second)).isTrue();
    assertThat(backlog.get(7)).isSameAs(second);
    assertThat(backlog.size()).isEqualTo(1);
  }

  @Test
  void noFurtherClientIsTakenWhenItIsFull() {
    Held large = held(9, 1, (64 << 20) + 1);
    backlog.put(large);
    assertThat(backlog.refuses(held(3, 1, 1).request())).isEqualTo(DropReason.FULL);
    assertThat(backlog.refuses(held(9, 2, 1).request())).as("in the other's place").isNull();
    backlog.remove(large);
    assertThat(backlog.refuses(held(3, 1, 1).request())).isNull();
  }

  @Test
  void clientsAreInOrder() {
    backlog.put(held(9, 1, 1));
    backlog.put(held(3, 1, 1));
    assertThat(backlog.clients()).containsExactly(3L, 9L);
    assertThat(backlog.all()).extracting(h -> h.request().client()).containsExactly(9L, 3L);
  }
}
