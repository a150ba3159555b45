package io.destiny.protocols.sbft;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Rule 16 of sbft.md §5 for one slot, written once more, slowly and word for word, over small
 * numbers.
 */
final class DualPath {
  /** Nothing need be proposed again. */
  static final int FREE = -1;

  /** What is wrong with the rule. */
  enum Mutation {
    NONE,
    /** 16 d: fast evidence wins whatever its view. */
    FAST_ALWAYS_WINS,
    /** 16 d: fast evidence is not looked at. */
    FAST_IGNORED,
    /** 16 c: the highest view that anybody claims counts, not the (f+1)-th. */
    ONE_CLAIM_COUNTS,
    /** 16 a: a commit proof is not looked at. */
    PROOF_IGNORED
  }

  /** A value in a view. */
  record At(int view, int value) {}

  /**
   * What one VIEW-CHANGE says; null where it says nothing.
   *
   * @param proof a committed value
   */
  record Said(int replica, Integer proof, At prepared, At accepted) {}

  private DualPath() {}

  static int choose(List<Said> set, int f, Mutation mutation) {
    for (Said s : set) {
      if (s.proof != null && mutation != Mutation.PROOF_IGNORED) {
        return s.proof; // a)
      }
    }
    At star = new At(-1, FREE); // b)
    for (Said s : set) {
      if (s.prepared != null && s.prepared.view > star.view) {
        star = s.prepared;
      }
    }
    At hat = hat(set, f, mutation);
    if (mutation == Mutation.FAST_IGNORED) {
      hat = new At(-1, FREE);
    }
    if (mutation == Mutation.FAST_ALWAYS_WINS && hat.view > -1) {
      return hat.value;
    }
    if (star.view >= hat.view && star.view > -1) { // d)
      return star.value;
    }
    return hat.view > star.view ? hat.value : FREE;
  }

  /** C: v̂ and d̂. */
  private static At hat(List<Said> set, int f, Mutation mutation) {
    Map<Integer, List<Integer>> views = new TreeMap<>();
    for (Said s : set) {
      if (s.accepted != null) {
        views.computeIfAbsent(s.accepted.value, v -> new ArrayList<>()).add(s.accepted.view);
      }
    }
    int rank = mutation == Mutation.ONE_CLAIM_COUNTS ? 1 : f + 1;
    Map<Integer, Integer> w = new TreeMap<>();
    views.forEach(
        (value, of) -> {
          of.sort((a, b) -> b - a);
          w.put(value, of.size() >= rank ? of.get(rank - 1) : -1);
        });
    int most = w.values().stream().mapToInt(x -> x).max().orElse(-1);
    List<Integer> best = w.keySet().stream().filter(v -> w.get(v) == most).toList();
    return most < 0 || best.size() > 1 ? new At(-1, FREE) : new At(most, best.getFirst());
  }
}
