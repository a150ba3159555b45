package io.destiny.protocols.threephase;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Rules 11 and 13 of pbft.md §5 written once more, slowly and word for word, over small numbers:
 * digests are 1, 2, 3 and so on, ordered like numbers; 0 is the null request.
 */
final class Claims {
  static final int NOOP = 0;
  static final int UNDECIDED = -1;

  /** An entry of P or of Q. */
  record Entry(int slot, int value, int view) {}

  /** The entries of one VIEW-CHANGE, whose h is 0. */
  record Said(int replica, List<Entry> p, List<Entry> q) {}

  private Claims() {}

  /** Rule 11 of the entries. */
  static boolean valid(Said v, int target, int low, int window) {
    for (List<Entry> entries : List.of(v.p, v.q)) {
      for (Entry e : entries) {
        if (e.slot <= low || e.slot > low + window || e.view >= target) {
          return false;
        }
      }
    }
    for (Entry p : v.p) {
      long same = v.p.stream().filter(o -> o.slot == p.slot).count();
      boolean covered =
          v.q.stream().anyMatch(q -> q.slot == p.slot && q.value == p.value && q.view >= p.view);
      if (same > 1 || !covered) {
        return false;
      }
    }
    return v.q.stream().noneMatch(q -> v.q.stream().filter(o -> o.slot == q.slot).count() > 64);
  }

  private static Entry of(Said v, int slot) {
    return v.p.stream().filter(e -> e.slot == slot).findFirst().orElse(null);
  }

  /** A1. */
  private static boolean compatible(Entry c, List<Said> set, int quorum) {
    int count = 0;
    for (Said v : set) {
      Entry e = of(v, c.slot);
      if (e == null || e.view < c.view || (e.view == c.view && e.value == c.value)) {
        count++;
      }
    }
    return count >= quorum;
  }

  /** A2. */
  private static boolean vouched(Entry c, List<Said> set, int weak) {
    int count = 0;
    for (Said v : set) {
      if (v.q.stream().anyMatch(q -> q.slot == c.slot && q.value == c.value && q.view >= c.view)) {
        count++;
      }
    }
    return count >= weak;
  }

  /** What rule A of rule 13 chooses for one slot, or {@link #UNDECIDED}. */
  static int choose(int slot, List<Said> set, int quorum, int weak, boolean withA2) {
    List<Entry> good = new ArrayList<>();
    for (Said v : set) {
      Entry e = of(v, slot);
      if (e != null && compatible(e, set, quorum) && (!withA2 || vouched(e, set, weak))) {
        good.add(e);
      }
    }
    if (good.isEmpty()) {
      return UNDECIDED;
    } else {
      int highest = good.stream().mapToInt(Entry::view).max().orElseThrow();
      return good.stream()
          .filter(e -> e.view == highest)
          .mapToInt(Entry::value)
          .min()
          .orElseThrow();
    }
  }

  /** The whole of X, from slot 1; null if a slot is undecided. */
  static List<Integer> chosen(List<Said> set, int quorum, int weak, boolean withA2) {
    TreeSet<Integer> named = new TreeSet<>(List.of(0));
    set.forEach(v -> v.p.forEach(e -> named.add(e.slot)));
    List<Integer> all = new ArrayList<>();
    int last = 0;
    for (int slot = 1; slot <= named.last(); slot++) {
      int value = choose(slot, set, quorum, weak, withA2);
      boolean free = value == UNDECIDED;
      if (free) {
        int at = slot;
        value = set.stream().filter(v -> of(v, at) == null).count() >= quorum ? NOOP : UNDECIDED;
      }
      if (value == UNDECIDED) {
        return null;
      }
      all.add(value);
      last = free ? last : slot;
    }
    // A NOOP by rule B at the end is dropped; one that was prepared is a choice like any other.
    return all.subList(0, last);
  }
}
