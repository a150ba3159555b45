package io.destiny.sim.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.Input;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.Step;
import io.destiny.core.model.Command;
import io.destiny.core.model.Digest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is kept is counted wherever it hangs, and once. */
class RetainedBytesTest {
  @Test
  void whatIsKeptIsCounted() {
    assertThat(RetainedBytes.of(new byte[1000])).isBetween(1000L, 1040L);
    assertThat(RetainedBytes.of(new Digest(1, 2, 3, 4))).isBetween(32L, 64L);
    byte[] operation = new byte[5000];
    Command command = new Command(1, 2, operation);
    assertThat(RetainedBytes.of(command)).isBetween(5000L, 5200L);
    List<Object> list = new ArrayList<>();
    long empty = RetainedBytes.of(list);
    list.add(command);
    list.add(command);
    list.add(operation);
    assertThat(RetainedBytes.of(list)).as("the bytes are there once").isBetween(5000L, 5400L);
    assertThat(empty).isLessThan(100);
    Map<Long, Object> map = new HashMap<>();
    for (long i = 0; i < 1000; i++) {
      map.put(i, new Digest(i, 0, 0, 0));
    }
    assertThat(RetainedBytes.of(map)).isBetween(1000 * 80L, 1000 * 200L);
    assertThat(RetainedBytes.of(new Object[] {map, map})).isBetween(1000 * 80L, 1000 * 200L);
  }

  @Test
  void aCircleEnds() {
    List<Object> circle = new ArrayList<>();
    circle.add(new Object[] {circle});
    assertThat(RetainedBytes.of(circle)).isBetween(16L, 200L);
  }

  /** As a fault wraps the protocol of a correct replica: what is wrapped counts, nothing else. */
  private record Around(@Nullable Protocol inner, byte[] surroundings) implements Protocol {
    @Override
    public void on(Input input, Step step) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Status status() {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void aProtocolIsFoundUnderWhatIsWrappedAroundIt() {
    Around inner = new Around(null, new byte[1000]);
    long one = RetainedBytes.of(inner);
    assertThat(one).isLessThan(100);
    assertThat(RetainedBytes.of(new Around(inner, new byte[1000]))).isEqualTo(2 * one);
  }
}
