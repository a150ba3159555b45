package io.destiny.protocols.dqbft;

import io.destiny.core.model.Assignment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Accepted O-lists that are not executed (dqbft.md §3): proposed validly in the present O-view, or
 * committed.
 */
final class AcceptedLists {
  private static final class Accepted {
    final OrderList list;
    boolean committed;

    Accepted(OrderList list) {
      this.list = list;
    }
  }

  private final TreeMap<Long, Accepted> lists = new TreeMap<>();

  /** Per instance: which of {@link #lists} name it, and up to which slot. */
  private final List<TreeMap<Long, Long>> named = new ArrayList<>();

  /** Per instance: the highest slot that a list of {@link #lists} names, and a committed one. */
  private final long[] claimed;

  private final long[] demanded;

  AcceptedLists(int n) {
    this.claimed = new long[n];
    this.demanded = new long[n];
    for (int i = 0; i < n; i++) {
      named.add(new TreeMap<>());
    }
  }

  /** The highest slot of D_n that a list names; 0: none. */
  long claimed(int n) {
    return claimed[n];
  }

  /** The same of the lists in O-slots before this one. */
  long claimedBefore(int n, long list) {
    long end = 0;
    for (long slot : named.get(n).headMap(list, false).values()) {
      end = Math.max(end, slot);
    }
    return end;
  }

  /** The highest slot of D_n that a committed list names; 0: none. */
  long demanded(int n) {
    return demanded[n];
  }

  /** The list in this O-slot if it is committed. */
  @Nullable OrderList committed(long slot) {
    Accepted a = lists.get(slot);
    return a != null && a.committed ? a.list : null;
  }

  /** The highest version of each client's ASSIGNs in them. */
  Map<Long, Long> assigned() {
    Map<Long, Long> versions = new TreeMap<>();
    for (Accepted accepted : lists.values()) {
      for (Assignment a : accepted.list.assignments()) {
        versions.merge(a.client(), a.version(), Math::max);
      }
    }
    return versions;
  }

  void accept(long slot, OrderList list, boolean committed) {
    Accepted a = lists.get(slot);
    if (a != null && a.committed) {
      // What a liar proposed to this replica alone may be told after what all committed.
      return;
    }
    if (a == null || !a.list.digest().equals(list.digest())) {
      forget(slot);
      a = new Accepted(list);
      lists.put(slot, a);
      for (OrderList.Entry e : list.entries()) {
        named.get(e.instance()).put(slot, e.slot());
        claimed[e.instance()] = Math.max(claimed[e.instance()], e.slot());
      }
    }
    if (committed) {
      a.committed = true;
      for (OrderList.Entry e : list.entries()) {
        demanded[e.instance()] = Math.max(demanded[e.instance()], e.slot());
      }
    }
  }

  void forget(long slot) {
    Accepted a = lists.remove(slot);
    if (a != null) {
      for (OrderList.Entry e : a.list.entries()) {
        named.get(e.instance()).remove(slot);
        count(e.instance());
      }
    }
  }

  void forgetBelow(long slot) {
    while (!lists.isEmpty() && lists.firstKey() < slot) {
      forget(lists.firstKey());
    }
  }

  void forgetUncommitted() {
    for (Long slot : List.copyOf(lists.keySet())) {
      if (committed(slot) == null) {
        forget(slot);
      }
    }
  }

  /** A list that names D_n is gone. */
  private void count(int n) {
    claimed[n] = 0;
    demanded[n] = 0;
    for (Map.Entry<Long, Long> e : named.get(n).entrySet()) {
      claimed[n] = Math.max(claimed[n], e.getValue());
      if (committed(e.getKey()) != null) {
        demanded[n] = Math.max(demanded[n], e.getValue());
      }
    }
  }
}
