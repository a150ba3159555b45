package io.destiny.protocols.threephase;

import io.destiny.core.engine.Value;
import io.destiny.core.machine.Invariant;
import io.destiny.core.model.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * pSet and qSet of one instance with the payloads that qSet names (pbft.md §2): what no view change
 * forgets, and only a stable checkpoint does.
 */
public final class SlotHistory {
  private static final class Accepted {
    final Value value;
    long view;

    Accepted(Value value, long view) {
      this.value = value;
      this.view = view;
    }
  }

  private final TreeMap<Long, SlotClaim> prepared = new TreeMap<>();
  private final TreeMap<Long, TreeMap<Digest, Accepted>> preprepared = new TreeMap<>();

  /**
   * A value was pre-prepared here; false if its payload was held already, so that the log has it.
   */
  public boolean accept(long slot, Value value, long view) {
    TreeMap<Digest, Accepted> known = preprepared.computeIfAbsent(slot, s -> new TreeMap<>());
    Accepted before = known.get(value.digest());
    if (before != null) {
      before.view = Math.max(before.view, view);
      return false;
    }
    known.put(value.digest(), new Accepted(value, view));
    if (known.size() > ClaimSets.MOST_A_SLOT) {
      dropLowest(slot, known);
    }
    return true;
  }

  /** That of the P entry is kept, and those of the highest views (rule 11). */
  private void dropLowest(long slot, Map<Digest, Accepted> known) {
    SlotClaim p = prepared.get(slot);
    Digest lowest = null;
    long view = Long.MAX_VALUE;
    for (Map.Entry<Digest, Accepted> e : known.entrySet()) {
      boolean kept = p != null && p.value().equals(e.getKey());
      if (!kept && e.getValue().view < view) {
        view = e.getValue().view;
        lowest = e.getKey();
      }
    }
    if (lowest != null) {
      known.remove(lowest);
    }
  }

  /** A value was prepared here. */
  public void prepare(SlotClaim claim) {
    SlotClaim before = prepared.put(claim.slot(), claim);
    Invariant.check(
        before == null || before.view() <= claim.view(), "I3: the view in pSet never falls");
  }

  /** The payload of a digest that was pre-prepared at this slot. */
  public @Nullable Value payload(long slot, Digest value) {
    TreeMap<Digest, Accepted> known = preprepared.get(slot);
    Accepted accepted = known == null ? null : known.get(value);
    return accepted == null ? null : accepted.value;
  }

  /** What was pre-prepared at a slot in the highest view; null if nothing was. */
  public @Nullable SlotClaim latest(long slot) {
    SlotClaim latest = null;
    for (Map.Entry<Digest, Accepted> e :
        preprepared.getOrDefault(slot, new TreeMap<>()).entrySet()) {
      if (latest == null || e.getValue().view > latest.view()) {
        latest = new SlotClaim(slot, e.getKey(), e.getValue().view);
      }
    }
    return latest;
  }

  /** P: what was prepared in (low, high]. */
  public List<SlotClaim> prepared(long low, long high) {
    return List.copyOf(prepared.subMap(low, false, high, true).values());
  }

  /** Q: what was pre-prepared in (low, high]. */
  public List<SlotClaim> preprepared(long low, long high) {
    List<SlotClaim> all = new ArrayList<>();
    preprepared
        .subMap(low, false, high, true)
        .forEach(
            (slot, known) ->
                known.forEach(
                    (digest, accepted) -> all.add(new SlotClaim(slot, digest, accepted.view))));
    return List.copyOf(all);
  }

  /** A checkpoint is stable. */
  public void truncate(long stable) {
    prepared.headMap(stable, true).clear();
    preprepared.headMap(stable, true).clear();
  }
}
