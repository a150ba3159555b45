package io.destiny.crypto;

import io.destiny.core.crypto.Result.Refusal;
import io.destiny.core.model.Digest;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One monotonic counter and the last tuples certified with it (trusted-subsystem.md §2, §3). It
 * decides and records; signing comes after, outside the lock, since all schemes are deterministic:
 * a tuple of the ring gives the same bytes whenever it is signed.
 */
final class TrustedCounter {
  /** Ring length for {@link Counters#ORDER}. */
  static final int ORDER_RING = 256;

  /** Ring length for the other counters. */
  static final int OTHER_RING = 4;

  /** A tuple is previous value (or {@link #INDEPENDENT}), value, and the digest's four longs. */
  private static final int WIDTH = 6;

  private static final long INDEPENDENT = -1;
  private static final int FIRST_CAPACITY = 4;

  private final int capacity;
  private long[] ring = {};
  private int stored;
  private int next;
  private long value;

  TrustedCounter(int number) {
    capacity = number == Counters.ORDER ? ORDER_RING : OTHER_RING;
  }

  synchronized long value() {
    return value;
  }

  /**
   * The answer to a step.
   *
   * @param refusal null iff the tuple may be signed
   * @param current the counter's value after the step
   */
  record Decision(@Nullable Refusal refusal, long current) {}

  /** Checks a call's precondition and, if it holds, moves the counter: one atomic step. */
  synchronized Decision step(TrustedCall call) {
    return switch (call) {
      case TrustedCall.Independent f1 -> {
        if (f1.value() < 0) {
          yield refuse(Refusal.OUT_OF_RANGE);
        }
        if (certified(INDEPENDENT, f1.value(), f1.message())) {
          yield new Decision(null, value);
        }
        yield f1.value() > value
            ? advance(INDEPENDENT, f1.value(), f1.message())
            : refuse(Refusal.COUNTER);
      }
      case TrustedCall.Continuing f4 -> {
        if (f4.value() < 0 || f4.expected() < 0) {
          yield refuse(Refusal.OUT_OF_RANGE);
        }
        if (certified(f4.expected(), f4.value(), f4.message())) {
          yield new Decision(null, value);
        }
        yield f4.expected() == value && f4.value() >= value
            ? advance(f4.expected(), f4.value(), f4.message())
            : refuse(Refusal.COUNTER);
      }
    };
  }

  private Decision refuse(Refusal refusal) {
    return new Decision(refusal, value);
  }

  private Decision advance(long previous, long newValue, Digest message) {
    if (next * WIDTH == ring.length && ring.length < capacity * WIDTH) {
      int longer = Math.min(Math.max(FIRST_CAPACITY, 2 * next), capacity);
      ring = Arrays.copyOf(ring, longer * WIDTH);
    }
    int at = next * WIDTH;
    ring[at] = previous;
    ring[at + 1] = newValue;
    ring[at + 2] = message.a();
    ring[at + 3] = message.b();
    ring[at + 4] = message.c();
    ring[at + 5] = message.d();
    value = newValue;
    stored = Math.min(stored + 1, capacity);
    next = (next + 1) % capacity;
    return new Decision(null, newValue);
  }

  private boolean certified(long previous, long newValue, Digest message) {
    for (int i = 0; i < stored; i++) {
      int at = i * WIDTH;
      if (ring[at + 1] == newValue
          && ring[at] == previous
          && ring[at + 2] == message.a()
          && ring[at + 3] == message.b()
          && ring[at + 4] == message.c()
          && ring[at + 5] == message.d()) {
        return true;
      }
    }
    return false;
  }
}
