package io.destiny.core.kit;

import io.destiny.core.crypto.Share;
import io.destiny.core.model.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Shares on the statements of one (view, slot), at most one a signer. Unchecked: only an aggregate
 * is verified, and a single share after it failed (linear-hybster.md §6).
 */
public final class ShareCollector {
  private record Entry(Digest statement, Share share) {}

  private final TreeMap<Integer, Entry> bySigner = new TreeMap<>();

  /** Records a share; false if this signer already has one here. */
  public boolean add(Digest statement, Share share) {
    return bySigner.putIfAbsent(share.signer(), new Entry(statement, share)) == null;
  }

  /** The shares on {@code statement}, those of blacklisted signers last. */
  public List<Share> on(Digest statement, Blacklist blacklist, long slot) {
    List<Share> good = new ArrayList<>();
    List<Share> doubtful = new ArrayList<>();
    for (Entry e : bySigner.values()) {
      if (e.statement.equals(statement)) {
        (blacklist.contains(e.share.signer(), slot) ? doubtful : good).add(e.share);
      }
    }
    good.addAll(doubtful);
    return good;
  }

  /** Forgets a bad share; its signer may not send another one for this slot. */
  public void reject(int signer) {
    bySigner.computeIfPresent(signer, (i, e) -> new Entry(REJECTED, e.share));
  }

  /** No statement has this digest. */
  private static final Digest REJECTED = new Digest(0, 0, 0, 0);
}
