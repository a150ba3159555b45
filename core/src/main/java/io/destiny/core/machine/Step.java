package io.destiny.core.machine;

import java.util.random.RandomGenerator;

/** One turn of a protocol; time stands still in it. */
public interface Step {
  /** Monotonic nanoseconds; only differences mean anything. */
  long now();

  /** Wall clock, milliseconds since 1970. */
  long wallMillis();

  /** Seeded from (run seed, replica). */
  RandomGenerator random();

  void emit(Effect effect);
}
