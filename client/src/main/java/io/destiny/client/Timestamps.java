package io.destiny.client;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Request numbers: microseconds of the wall clock since 1970, never twice and never falling in this
 * process, and above those of an earlier process unless the clock was set back.
 */
final class Timestamps {
  private final AtomicLong last = new AtomicLong();

  long next() {
    long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    return last.updateAndGet(previous -> Math.max(previous + 1, now));
  }
}
