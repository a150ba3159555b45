package io.destiny.protocols.threephase;

import io.destiny.core.engine.Watermark;
import io.destiny.core.model.Digest;
import io.destiny.core.model.QuorumRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a set of valid VIEW-CHANGEs for one view decides (pbft.md §5 rule 13): the primary takes it
 * for its NEW-VIEW, each backup takes it again and compares. P and Q are claims, resolved by
 * counting.
 *
 * <p>The base is the highest watermark, since each is proven by Q signers ({@link ViewChange}); so
 * h &lt; n holds of all VIEW-CHANGEs for the slots above it. A3, whether a payload is held, does
 * not choose: by A2 some correct replica can supply what was chosen.
 */
public final class Selection {
  private final QuorumRule rule;
  private final Digest noop;

  /** P and Q entries by slot. */
  private final TreeMap<Long, List<SlotClaim>> prepared = new TreeMap<>();

  private final TreeMap<Long, List<SlotClaim>> preprepared = new TreeMap<>();
  private final int size;

  private Selection(QuorumRule rule, Digest noop, List<ViewChange> set) {
    this.rule = rule;
    this.noop = noop;
    this.size = set.size();
    for (ViewChange v : set) {
      ClaimSets c = (ClaimSets) v.evidence();
      collect(c.prepared(), prepared);
      collect(c.preprepared(), preprepared);
    }
  }

  private static void collect(List<SlotClaim> claims, Map<Long, List<SlotClaim>> into) {
    claims.forEach(c -> into.computeIfAbsent(c.slot(), s -> new ArrayList<>()).add(c));
  }

  /**
   * The choice; null if the set does not decide yet.
   *
   * @param noop the digest of the null request
   * @param set of distinct senders
   */
  public static @Nullable Outcome of(QuorumRule rule, Digest noop, List<ViewChange> set) {
    if (set.size() < rule.quorum()) {
      return null;
    }
    return new Selection(rule, noop, set).from(ViewChange.highestBase(set));
  }

  private @Nullable Outcome from(Watermark base) {
    List<Digest> chosen = new ArrayList<>();
    long max = prepared.isEmpty() ? base.slot() : Math.max(prepared.lastKey(), base.slot());
    int last = 0;
    for (long n = base.slot() + 1; n <= max; n++) {
      Digest value = choose(n);
      boolean free = value == null;
      if (free && size - prepared.getOrDefault(n, List.of()).size() >= rule.quorum()) {
        value = noop;
      }
      if (value == null) {
        return null;
      }
      chosen.add(value);
      last = free ? last : chosen.size();
    }
    // A NOOP that was prepared may have been committed: it is a choice like any other.
    while (chosen.size() > last) {
      chosen.removeLast();
    }
    return new Outcome(base, List.copyOf(chosen));
  }

  /** A: of several the highest view, then the smallest digest; null: none. */
  private @Nullable Digest choose(long n) {
    List<SlotClaim> claims = prepared.getOrDefault(n, List.of());
    SlotClaim best = null;
    for (SlotClaim c : claims) {
      boolean better =
          best == null
              || c.view() > best.view()
              || (c.view() == best.view() && c.value().compareTo(best.value()) < 0);
      if (better && compatible(c, claims) && vouched(c)) {
        best = c;
      }
    }
    return best == null ? null : best.value();
  }

  /** A1: a quorum has no entry for the slot, one of a lower view, or the same. */
  private boolean compatible(SlotClaim c, List<SlotClaim> claims) {
    int against = 0;
    for (SlotClaim other : claims) {
      boolean same = other.view() == c.view() && other.value().equals(c.value());
      against += other.view() < c.view() || same ? 0 : 1;
    }
    return size - against >= rule.quorum();
  }

  /** A2: f+1 have pre-prepared it in that view or later, so a correct one has. */
  private boolean vouched(SlotClaim c) {
    int count = 0;
    for (SlotClaim q : preprepared.getOrDefault(c.slot(), List.of())) {
      count += q.value().equals(c.value()) && q.view() >= c.view() ? 1 : 0;
    }
    return count >= rule.weak();
  }
}
