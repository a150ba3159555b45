package io.destiny.sim.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Delta debugging (ddmin) on a set of numbered things. */
final class Shrinker {
  private Shrinker() {}

  /**
   * A subset with which {@code fails} still holds and of which, unless the runs were spent, no part
   * tried can be left out.
   */
  static Set<Integer> minimise(Set<Integer> all, Predicate<Set<Integer>> fails, int most) {
    List<Integer> left = new ArrayList<>(all);
    int parts = 2;
    int runs = 0;
    while (!left.isEmpty() && runs < most) {
      boolean smaller = false;
      int size = Math.max(1, (left.size() + parts - 1) / parts);
      for (int from = 0; from < left.size() && runs < most; from += size) {
        List<Integer> rest = new ArrayList<>(left.subList(0, from));
        rest.addAll(left.subList(Math.min(left.size(), from + size), left.size()));
        runs++;
        if (fails.test(new TreeSet<>(rest))) {
          left = rest;
          parts = Math.max(2, parts - 1);
          smaller = true;
          break;
        }
      }
      if (!smaller) {
        if (size == 1) {
          break;
        }
        parts = Math.min(left.size(), parts * 2);
      }
    }
    return new TreeSet<>(left);
  }
}
