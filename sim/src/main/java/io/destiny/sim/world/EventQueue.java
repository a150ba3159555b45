package io.destiny.sim.world;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What will happen, by (time, order of insertion), and the virtual clock. A timing wheel: events of
 * the present bucket are in a small heap, those of the next second in unsorted buckets, later ones
 * in a second heap. An event is one object, since it is touched three times only and nearly always
 * cold: arrays of its fields would cost a cache miss each.
 */
final class EventQueue {
  private static final int BUCKET_BITS = 16;
  private static final int BUCKETS = 1 << 14;

  /** What will happen; in a bucket of the wheel they form a chain. */
  private static final class Event {
    final long time;
    final long number;
    final Runnable action;
    final @Nullable Life life;
    @Nullable Event next;

    Event(long time, long number, Runnable action, @Nullable Life life) {
      this.time = time;
      this.number = number;
      this.action = action;
      this.life = life;
    }

    boolean before(Event e) {
      return time < e.time || (time == e.time && number < e.number);
    }
  }

  /** Four children a node: a small heap stays in few cache lines. */
  private static final class Heap {
    private @Nullable Event[] events = new Event[64];
    private int size;

    private Event at(int i) {
      return Objects.requireNonNull(events[i]);
    }

    @Nullable Event first() {
      return events[0];
    }

    void push(Event e) {
      if (size == events.length) {
        events = Arrays.copyOf(events, 2 * size);
      }
      int i = size++;
      while (i > 0 && e.before(at((i - 1) >> 2))) {
        events[i] = events[(i - 1) >> 2];
        i = (i - 1) >> 2;
      }
      events[i] = e;
    }

    /** Takes the first event away; there must be one. */
    Event pop() {
      Event first = at(0);
      Event last = at(--size);
      events[size] = null;
      int i = 0;
      while (size > 0) {
        int best = -1;
        int end = Math.min(4 * i + 5, size);
        for (int c = 4 * i + 1; c < end; c++) {
          if (best < 0 || at(c).before(at(best))) {
            best = c;
          }
        }
        if (best < 0 || !at(best).before(last)) {
          events[i] = last;
          break;
        }
        events[i] = events[best];
        i = best;
      }
      return first;
    }
  }

  private final Heap near = new Heap();
  private final Heap far = new Heap();
  private final @Nullable Event[] wheel = new Event[BUCKETS];

  private long now;
  private long inserted;
  private long inWheel;

  /** The bucket whose events are in {@link #near}. */
  private long bucket;

  long now() {
    return now;
  }

  /**
   * Schedules {@code action} in {@code delay} ≥ 0 nanoseconds.
   *
   * @param life whose end makes it void, null for none
   */
  void in(long delay, @Nullable Life life, Runnable action) {
    add(new Event(now + Math.max(0, delay), reserve(), action, life));
  }

  /** A place in the order of insertion, for an event that may have to be scheduled. */
  long reserve() {
    return inserted++;
  }

  /** Schedules what has had its place in the order of insertion since {@link #reserve}. */
  void at(long time, long number, @Nullable Life life, Runnable action) {
    add(new Event(Math.max(now, time), number, action, life));
  }

  private void add(Event event) {
    long b = event.time >> BUCKET_BITS;
    if (b <= bucket) {
      near.push(event);
    } else if (b - bucket < BUCKETS) {
      int i = (int) (b & (BUCKETS - 1));
      event.next = wheel[i];
      wheel[i] = event;
      inWheel++;
    } else {
      far.push(event);
    }
  }

  /** The next event, null if there is none not beyond the bucket of {@code time}. */
  private @Nullable Event next(long time) {
    Event first = near.first();
    while (first == null) {
      Event later = far.first();
      if (inWheel == 0 && later == null) {
        return null;
      }
      long b = inWheel > 0 || later == null ? bucket + 1 : later.time >> BUCKET_BITS;
      if (b > time >> BUCKET_BITS) {
        return null;
      }
      bucket = b;
      while (later != null && later.time >> BUCKET_BITS <= bucket) {
        near.push(far.pop());
        later = far.first();
      }
      int i = (int) (bucket & (BUCKETS - 1));
      for (Event e = wheel[i]; e != null; ) {
        Event following = e.next;
        e.next = null;
        near.push(e);
        inWheel--;
        e = following;
      }
      wheel[i] = null;
      first = near.first();
    }
    return first;
  }

  /** Whether anything is left that happens not later than {@code time}. */
  boolean due(long time) {
    Event first = next(time);
    return first != null && first.time <= time;
  }

  boolean isEmpty() {
    return near.first() == null && inWheel == 0 && far.first() == null;
  }

  /** Moves the clock to the next event and runs it; there must be one. */
  void runNext() {
    if (next(Long.MAX_VALUE) == null) {
      throw new IllegalStateException("nothing is left to happen");
    }
    Event event = near.pop();
    now = event.time;
    Life life = event.life;
    if (life == null) {
      event.action.run();
    } else if (life.live()) {
      if (life.paused() > 0) {
        in(life.paused(), life, event.action);
      } else {
        event.action.run();
      }
    }
  }

  /** Moves the clock forward; nothing may be due before. */
  void moveTo(long time) {
    now = Math.max(now, time);
  }
}
