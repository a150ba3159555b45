package io.destiny.protocols.threephase;

import io.destiny.core.crypto.Work;
import io.destiny.core.model.Digest;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.List;

/**
 * The sets P and Q (pbft.md §2): claims, which prove nothing (§7).
 *
 * @param prepared P, by slot
 * @param preprepared Q, by slot and digest
 */
public record ClaimSets(List<SlotClaim> prepared, List<SlotClaim> preprepared) implements Evidence {
  /** Most Q entries of one slot (rule 11). */
  public static final int MOST_A_SLOT = 64;

  /** What a replica claims of the slots (low, high]. */
  public static ClaimSets of(SlotHistory history, long low, long high) {
    return new ClaimSets(history.prepared(low, high), history.preprepared(low, high));
  }

  /** Rule 11. */
  @Override
  public boolean wellFormed(QuorumRule rule, long low, long high, long view) {
    return within(prepared, low, high, view)
        && within(preprepared, low, high, view)
        && sorted(prepared, 1)
        && sorted(preprepared, MOST_A_SLOT)
        && prepared.stream().allMatch(this::preprepared);
  }

  private static boolean within(List<SlotClaim> claims, long low, long high, long view) {
    for (SlotClaim c : claims) {
      if (c.slot() <= low || c.slot() > high || c.view() >= view) {
        return false;
      }
    }
    return true;
  }

  /** By slot and digest, none twice, and at most so many a slot. */
  private static boolean sorted(List<SlotClaim> claims, int most) {
    int same = 1;
    for (int i = 1; i < claims.size(); i++) {
      SlotClaim before = claims.get(i - 1);
      SlotClaim c = claims.get(i);
      same = c.slot() == before.slot() ? same + 1 : 1;
      boolean after =
          c.slot() > before.slot()
              || (c.slot() == before.slot() && c.value().compareTo(before.value()) > 0);
      if (!after || same > most) {
        return false;
      }
    }
    return true;
  }

  private boolean preprepared(SlotClaim p) {
    int low = 0;
    int high = preprepared.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      SlotClaim q = preprepared.get(middle);
      int order = Long.compare(q.slot(), p.slot());
      order = order == 0 ? q.value().compareTo(p.value()) : order;
      if (order == 0) {
        return q.view() >= p.view();
      }
      low = order < 0 ? middle + 1 : low;
      high = order < 0 ? high : middle;
    }
    return false;
  }

  @Override
  public List<Work> proofs(Domain domain, int instance) {
    return List.of();
  }

  @Override
  public boolean names(long slot, Digest value) {
    return preprepared.stream().anyMatch(c -> c.slot() == slot && c.value().equals(value));
  }

  // ---- bytes

  @Override
  public int encodedLength() {
    return 8 + SlotClaim.BYTES * (prepared.size() + preprepared.size());
  }

  @Override
  public void encode(Writer w) {
    SlotClaim.encode(prepared, w);
    SlotClaim.encode(preprepared, w);
  }

  /** Reads what {@link #encode} wrote. */
  public static ClaimSets decode(Reader r) throws MalformedException {
    return new ClaimSets(SlotClaim.decodeAll(r), SlotClaim.decodeAll(r));
  }
}
