package io.destiny.sim.fault;

import java.util.SortedMap;
import java.util.TreeMap;

/** How often each kind of fault struck (V3). */
final class Injected {
  private final SortedMap<String, Long> counts = new TreeMap<>();
  private final long seed;

  Injected(long seed) {
    this.seed = seed;
  }

  long seed() {
    return seed;
  }

  void count(String word) {
    counts.merge(word, 1L, Long::sum);
  }

  SortedMap<String, Long> counts() {
    return new TreeMap<>(counts);
  }
}
