package io.destiny.protocols.threephase;

import io.destiny.core.model.Digest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Votes of one phase of one slot, counted by distinct sender (00-system-model §2): of each sender
 * one, that of its highest view, and within a view the first. So votes of later views wait here,
 * one a sender, until their view is entered.
 */
public final class Votes {
  private record Bucket(long view, Digest value, BitSet senders) {}

  private final List<Bucket> buckets = new ArrayList<>(1);

  /** Records a vote; false if this sender has voted in this view or a later one. */
  public boolean add(int sender, long view, Digest value) {
    Bucket found = null;
    for (Bucket b : buckets) {
      if (b.senders.get(sender)) {
        if (b.view >= view) {
          return false;
        }
        b.senders.clear(sender);
      }
      if (b.view == view && b.value.equals(value)) {
        found = b;
      }
    }
    if (found == null) {
      buckets.removeIf(b -> b.senders.isEmpty());
      found = new Bucket(view, value, new BitSet());
      buckets.add(found);
    }
    found.senders.set(sender);
    return true;
  }

  /** How many senders have voted so. */
  public int count(long view, Digest value) {
    for (Bucket b : buckets) {
      if (b.view == view && b.value.equals(value)) {
        return b.senders.cardinality();
      }
    }
    return 0;
  }

  /** What at least so many have voted for in one view; null if there is nothing. */
  public @Nullable Digest agreed(int least) {
    for (Bucket b : buckets) {
      if (b.senders.cardinality() >= least) {
        return b.value;
      }
    }
    return null;
  }

  /** Who has voted for {@code value} in any view. */
  public List<Integer> senders(Digest value) {
    TreeSet<Integer> all = new TreeSet<>();
    for (Bucket b : buckets) {
      if (b.value.equals(value)) {
        b.senders.stream().forEach(all::add);
      }
    }
    return List.copyOf(all);
  }

  /** Forgets the votes of earlier views. */
  public void forgetBelow(long view) {
    buckets.removeIf(b -> b.view < view);
  }
}
