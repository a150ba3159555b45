package io.destiny.node;

import io.destiny.core.trusted.ThreshSign;
import org.jspecify.annotations.Nullable;

/** What shows that a replica may vote under its present key (00-system-model.md §8). */
public sealed interface Witness {
  /**
   * Hybrid model: counters that outlive the replica's process show what it has signed, whatever
   * became of its log.
   */
  record TrustedCounters(ThreshSign subsystem) implements Witness {}

  /**
   * BFT model: nothing but the log shows what it has signed.
   *
   * @param lost why the log is not, or may not be, all of it, as the end of a sentence; null: it is
   *     whole
   */
  record OwnLog(@Nullable String lost) implements Witness {}
}
