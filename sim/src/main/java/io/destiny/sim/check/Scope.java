package io.destiny.sim.check;

import java.util.BitSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What all oracles of a run share: who is correct, the arithmetic of the fault model worked out
 * here and not by the code under test, and how often each oracle had an occasion and checked.
 */
public final class Scope {
  /** Occasions and checks of one oracle. */
  static final class Count {
    long checked;
    long occasions;
  }

  private final int n;
  private final boolean hybrid;
  private final @Nullable BitSet correct;
  private final SortedMap<String, Count> counts;

  /**
   * @param hybrid whether N = 2f+1 replicas have trusted counters; else N = 3f+1
   * @param correct the replicas that follow the protocol; null: all
   */
  public Scope(int n, boolean hybrid, @Nullable Set<Integer> correct) {
    this(n, hybrid, correct == null ? null : bits(correct), new TreeMap<>());
  }

  /** Whether there are trusted counters. */
  boolean hybrid() {
    return hybrid;
  }

  private Scope(int n, boolean hybrid, @Nullable BitSet correct, SortedMap<String, Count> counts) {
    this.n = n;
    this.hybrid = hybrid;
    this.correct = correct;
    this.counts = counts;
  }

  private static BitSet bits(Set<Integer> replicas) {
    BitSet set = new BitSet();
    replicas.forEach(set::set);
    return set;
  }

  /** The same run in an epoch with so many members. */
  Scope members(int count) {
    return new Scope(count, hybrid, correct, counts);
  }

  /** For checks of hand-made traces: three replicas with trusted counters, all correct. */
  static Scope three() {
    return new Scope(3, true, null);
  }

  int n() {
    return n;
  }

  int f() {
    return hybrid ? (n - 1) / 2 : (n - 1) / 3;
  }

  /** Signers of a commit certificate (00-system-model §2). */
  int quorum() {
    return hybrid ? n / 2 + 1 : (n + f() + 2) / 2;
  }

  /** One correct replica at least. */
  int weak() {
    return f() + 1;
  }

  boolean correct(int replica) {
    return correct == null || correct.get(replica);
  }

  /** Whether any replica does not follow the protocol. */
  boolean liars() {
    return correct != null && correct.get(0, n).cardinality() < n;
  }

  /** The counter of an oracle; naming it makes it part of the run. */
  Count count(String id) {
    return counts.computeIfAbsent(id, i -> new Count());
  }

  /** Whether an oracle is part of the run. */
  boolean has(String id) {
    return counts.containsKey(id);
  }

  /**
   * The oracles that are part of the run; what they count beside their checks is not among them.
   */
  SortedSet<String> names() {
    SortedSet<String> names = new TreeSet<>(counts.keySet());
    names.removeIf(id -> id.indexOf(' ') >= 0);
    return names;
  }

  /** How often each oracle that had an occasion checked something. */
  SortedMap<String, Long> checked() {
    SortedMap<String, Long> all = new TreeMap<>();
    counts.forEach(
        (id, c) -> {
          if (c.checked > 0 || c.occasions > 0) {
            all.put(id, c.checked);
          }
        });
    return all;
  }

  /**
   * @throws Violation naming V1 if an oracle had an occasion and checked nothing
   */
  void finish() {
    counts.forEach(
        (id, c) -> {
          if (c.occasions > 0 && c.checked == 0) {
            throw new Violation(
                "V1", id + " had " + c.occasions + " occasions and checked nothing");
          }
        });
  }
}
