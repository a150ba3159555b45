package io.destiny.sim.fault;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** How often each kind of fault struck (V3). */
final class Injected {
  private final SortedMap<String, Long> counts = new TreeMap<>();

  /** By identity: two faults may be equal, and one of them strike. Never iterated. */
  private final Set<Fault> struck = Collections.newSetFromMap(new IdentityHashMap<>());

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

  /** A fault of the plan did something. */
  void count(Fault fault) {
    struck.add(fault);
    count(fault.kind().word());
  }

  boolean struck(Fault fault) {
    return struck.contains(fault);
  }

  SortedMap<String, Long> counts() {
    return new TreeMap<>(counts);
  }
}
