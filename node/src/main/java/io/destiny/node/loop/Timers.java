package io.destiny.node.loop;

import io.destiny.core.machine.TimerKey;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Running timers, ordered by (deadline, insertion number). Used by the loop alone. */
final class Timers {
  private record Entry(long deadline, long number, TimerKey key) {}

  // deadlines are nanoTime values, of which only differences mean anything
  private static final Comparator<Entry> ORDER =
      (a, b) -> {
        int byDeadline = Long.signum(a.deadline - b.deadline);
        return byDeadline != 0 ? byDeadline : Long.compare(a.number, b.number);
      };

  private final TreeSet<Entry> order = new TreeSet<>(ORDER);
  private final Map<TimerKey, Entry> running = new HashMap<>();
  private long inserted;

  /** Starts a timer, or starts it anew. */
  void start(TimerKey key, long deadline) {
    Entry entry = new Entry(deadline, inserted++, key);
    Entry replaced = running.put(key, entry);
    if (replaced != null) {
      order.remove(replaced);
    }
    order.add(entry);
  }

  void stop(TimerKey key) {
    Entry stopped = running.remove(key);
    if (stopped != null) {
      order.remove(stopped);
    }
  }

  /** Takes the first timer whose deadline has come, or null. */
  @Nullable TimerKey takeDue(long now) {
    if (order.isEmpty() || order.first().deadline - now > 0) {
      return null;
    }
    Entry due = order.removeFirst();
    running.remove(due.key);
    return due.key;
  }

  /** Nanoseconds until the first deadline, 0 if it has come, {@code most} if it is later. */
  long untilNext(long now, long most) {
    return order.isEmpty() ? most : Math.clamp(order.first().deadline - now, 0, most);
  }
}
