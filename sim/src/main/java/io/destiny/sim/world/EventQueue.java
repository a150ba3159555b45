package io.destiny.sim.world;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What will happen, by (time, order of insertion), and the virtual clock. A timing wheel on
 * primitive arrays: events of the present bucket are in a small heap, those of the next second in
 * unsorted buckets, later ones in a second heap.
 */
final class EventQueue {
  private static final int BUCKET_BITS = 16;
  private static final int BUCKETS = 1 << 14;

  /** A heap or a plain bag of events. */
  private static final class Bag {
    long[] times = new long[4];
    long[] numbers = new long[4];
    Runnable[] actions = new Runnable[4];
    @Nullable Life[] lives = new Life[4];
    int size;

    void add(long time, long number, Runnable action, @Nullable Life life) {
      if (size == times.length) {
        int more = size * 2;
        times = Arrays.copyOf(times, more);
        numbers = Arrays.copyOf(numbers, more);
        actions = Arrays.copyOf(actions, more);
        lives = Arrays.copyOf(lives, more);
      }
      put(size++, time, number, action, life);
    }

    private void put(int i, long time, long number, Runnable action, @Nullable Life life) {
      times[i] = time;
      numbers[i] = number;
      actions[i] = action;
      lives[i] = life;
    }

    private void move(int from, int to) {
      put(to, times[from], numbers[from], actions[from], lives[from]);
    }

    private boolean before(int i, long time, long number) {
      return times[i] < time || (times[i] == time && numbers[i] < number);
    }

    void push(long time, long number, Runnable action, @Nullable Life life) {
      add(time, number, action, life);
      int i = size - 1;
      while (i > 0 && !before((i - 1) >> 2, time, number)) {
        move((i - 1) >> 2, i);
        i = (i - 1) >> 2;
      }
      put(i, time, number, action, life);
    }

    /** Takes the first event of the heap away. */
    void pop() {
      int last = --size;
      long time = times[last];
      long number = numbers[last];
      Runnable action = actions[last];
      Life life = lives[last];
      int i = 0;
      while (true) {
        int best = -1;
        int end = Math.min(4 * i + 5, last);
        for (int c = 4 * i + 1; c < end; c++) {
          if (best < 0 || before(c, times[best], numbers[best])) {
            best = c;
          }
        }
        if (best < 0 || !before(best, time, number)) {
          break;
        }
        move(best, i);
        i = best;
      }
      put(i, time, number, action, life);
      actions[last] = EventQueue::nothing;
      lives[last] = null;
    }

    /** Moves all events to a heap. */
    void drainTo(Bag heap) {
      for (int i = 0; i < size; i++) {
        heap.push(times[i], numbers[i], actions[i], lives[i]);
        actions[i] = EventQueue::nothing;
        lives[i] = null;
      }
      size = 0;
    }
  }

  private final Bag near = new Bag();
  private final Bag far = new Bag();
  private final @Nullable Bag[] wheel = new Bag[BUCKETS];

  /** Emptied buckets, used again so that memory follows what is pending. */
  private final ArrayDeque<Bag> spare = new ArrayDeque<>();

  private long now;
  private long inserted;
  private long inWheel;

  /** The bucket whose events are in {@link #near}. */
  private long bucket;

  /** Stands where an event was, so that its memory can go. */
  private static void nothing() {}

  long now() {
    return now;
  }

  /**
   * Schedules {@code action} in {@code delay} ≥ 0 nanoseconds.
   *
   * @param life whose end makes it void, null for none
   */
  void in(long delay, @Nullable Life life, Runnable action) {
    long time = now + Math.max(0, delay);
    long number = inserted++;
    long b = time >> BUCKET_BITS;
    if (b <= bucket) {
      near.push(time, number, action, life);
    } else if (b - bucket < BUCKETS) {
      int i = (int) (b & (BUCKETS - 1));
      Bag bag = wheel[i];
      if (bag == null) {
        bag = spare.isEmpty() ? new Bag() : spare.removeLast();
        wheel[i] = bag;
      }
      bag.add(time, number, action, life);
      inWheel++;
    } else {
      far.push(time, number, action, life);
    }
  }

  /** Fills {@link #near} from the next bucket that has events, not beyond {@code time}. */
  private boolean fill(long time) {
    while (near.size == 0) {
      if (inWheel == 0 && far.size == 0) {
        return false;
      }
      long next = inWheel > 0 ? bucket + 1 : far.times[0] >> BUCKET_BITS;
      if (next > time >> BUCKET_BITS) {
        return false;
      }
      bucket = next;
      while (far.size > 0 && far.times[0] >> BUCKET_BITS <= bucket) {
        near.push(far.times[0], far.numbers[0], far.actions[0], far.lives[0]);
        far.pop();
      }
      int i = (int) (bucket & (BUCKETS - 1));
      Bag bag = wheel[i];
      if (bag != null) {
        inWheel -= bag.size;
        bag.drainTo(near);
        wheel[i] = null;
        spare.addLast(bag);
      }
    }
    return true;
  }

  /** Whether anything is left that happens not later than {@code time}. */
  boolean due(long time) {
    return fill(time) && near.times[0] <= time;
  }

  boolean isEmpty() {
    return near.size == 0 && inWheel == 0 && far.size == 0;
  }

  /** Moves the clock to the next event and runs it; there must be one. */
  void runNext() {
    fill(Long.MAX_VALUE);
    now = near.times[0];
    Runnable action = near.actions[0];
    Life life = near.lives[0];
    near.pop();
    if (life == null) {
      action.run();
    } else if (life.live()) {
      if (life.paused() > 0) {
        in(life.paused(), life, action);
      } else {
        action.run();
      }
    }
  }

  /** Moves the clock forward; nothing may be due before. */
  void moveTo(long time) {
    now = Math.max(now, time);
  }
}
