package io.destiny.sim.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EventQueueTest {
  private record Event(long time, int number) {}

  /** Against a deliberately dumb queue: delays within a bucket, over buckets, beyond the wheel. */
  @Test
  void eventsComeByTimeAndThenByInsertion() {
    for (long seed = 1; seed <= 30; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      EventQueue queue = new EventQueue();
      PriorityQueue<Event> dumb =
          new PriorityQueue<>(
              Comparator.comparingLong(Event::time).thenComparingInt(Event::number));
      List<Integer> ran = new ArrayList<>();
      List<Integer> expected = new ArrayList<>();
      int number = 0;
      for (int i = 0; i < 3000; i++) {
        if (random.nextInt(3) > 0) {
          long delay = random.nextLong(1L << random.nextInt(1, 34));
          int id = number++;
          queue.in(delay, null, () -> ran.add(id));
          dumb.add(new Event(queue.now() + delay, id));
        } else if (!queue.isEmpty()) {
          queue.runNext();
          Event first = dumb.remove();
          expected.add(first.number);
          assertThat(queue.now()).isEqualTo(first.time);
        } else {
          queue.moveTo(queue.now() + random.nextLong(1L << 33));
        }
      }
      while (!queue.isEmpty()) {
        queue.runNext();
        expected.add(dumb.remove().number);
      }
      assertThat(ran).isEqualTo(expected);
      assertThat(dumb).isEmpty();
    }
  }

  @Test
  void nothingIsDueBeforeItsTime() {
    EventQueue queue = new EventQueue();
    queue.in(5_000_000_000L, null, () -> {});
    assertThat(queue.due(4_999_999_999L)).isFalse();
    assertThat(queue.due(5_000_000_000L)).isTrue();
  }
}
