package io.destiny.crypto.bls;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Combines shares (linear-hybster.md §6): a threshold of them is aggregated unchecked, and the
 * aggregate checked with one pairing. Only if that fails is any single share looked at.
 */
public final class ShareCombiner {
  private final AggregateScheme scheme;

  public ShareCombiner(AggregateScheme scheme) {
    this.scheme = scheme;
  }

  /**
   * {@code Combined}; or {@code BadShares} naming every bad one of the given shares; or a false
   * {@code Verdict} where neither can be said: fewer shares than the threshold, all of them good.
   */
  public Result combine(byte[] statement, List<Share> shares) {
    return combine(statement, shares, 0);
  }

  /**
   * The same, of more shares than the threshold.
   *
   * @param least so many make the certificate where the threshold is lower
   */
  public Result combine(byte[] statement, List<Share> shares, int least) {
    int t = Math.max(scheme.threshold(), least);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment hash = G1.hash(arena, statement, Ciphersuite.STATEMENT);
      Certificate certificate = aggregate(arena, hash, shares, t);
      if (certificate != null) {
        return new Result.Combined(certificate);
      }
      List<Integer> bad = badSigners(arena, hash, shares, t);
      return bad.isEmpty() ? new Result.Verdict(false) : new Result.BadShares(bad);
    }
  }

  /** The certificate of the first shares, or null if it does not verify or cannot be made. */
  private @Nullable Certificate aggregate(
      Arena arena, MemorySegment hash, List<Share> shares, int t) {
    if (shares.size() < t) {
      return null;
    }
    List<Share> chosen = new ArrayList<>(shares.subList(0, t));
    chosen.sort(Comparator.comparingInt(Share::signer));
    int[] signers = new int[t];
    MemorySegment points = G1.allocate(arena, t);
    for (int i = 0; i < t; i++) {
      signers[i] = chosen.get(i).signer();
      if (signers[i] < 0
          || signers[i] >= scheme.size()
          || (i > 0 && signers[i] == signers[i - 1])
          || !G1.decode(arena, chosen.get(i).signature(), G1.at(points, i))) {
        return null;
      }
    }
    MemorySegment sum = scheme.aggregate(arena, signers, points);
    byte[] bitmap = scheme.bitmap(signers);
    PublicKey key = scheme.certificateKey(bitmap);
    if (key == null || Blst.g1IsInfinity(sum) || !Blst.g1InGroup(sum)) {
      return null;
    }
    return new PairingProduct(arena).with(hash, key).equalsSignature(sum)
        ? new Certificate(G1.encode(arena, sum), bitmap)
        : null;
  }

  private List<Integer> badSigners(Arena arena, MemorySegment hash, List<Share> shares, int t) {
    TreeSet<Integer> bad = new TreeSet<>();
    BitSet seen = new BitSet();
    List<Integer> signers = new ArrayList<>();
    List<PublicKey> keys = new ArrayList<>();
    MemorySegment points = G1.allocate(arena, Math.max(1, shares.size()));
    for (Share share : shares) {
      int signer = share.signer();
      if (signer < 0 || signer >= scheme.size() || seen.get(signer)) {
        bad.add(signer);
        continue;
      }
      seen.set(signer);
      MemorySegment point = G1.at(points, signers.size());
      if (G1.decode(arena, share.signature(), point) && Blst.g1InGroup(point)) {
        signers.add(signer);
        keys.add(scheme.shareKey(signer));
      } else {
        bad.add(signer);
      }
    }
    if (!signers.isEmpty()) {
      // the aggregate of exactly these has failed already
      boolean spoilt = bad.isEmpty() && signers.size() == t;
      MemorySegment weights = Scalars.weights(arena, signers.size(), Scalars.SHORT_WEIGHT_BITS);
      new Search(hash, signers, points, PublicKey.block(arena, keys), weights, bad).run(spoilt);
    }
    return List.copyOf(bad);
  }

  /** Bisects a set of shares of which some may be bad. */
  private record Search(
      MemorySegment hash,
      List<Integer> signers,
      MemorySegment points,
      MemorySegment keys,
      MemorySegment weights,
      TreeSet<Integer> bad) {
    /**
     * @param spoilt whether it is known that they are not all good
     */
    void run(boolean spoilt) {
      if (spoilt || !holds(0, signers.size())) {
        split(0, signers.size());
      }
    }

    /** Names the bad ones in a range that holds at least one. */
    private void split(int from, int to) {
      if (to - from == 1) {
        bad.add(signers.get(from));
        return;
      }
      int middle = (from + to) >>> 1;
      boolean leftHolds = holds(from, middle);
      if (!leftHolds) {
        split(from, middle);
      }
      if (leftHolds || !holds(middle, to)) {
        split(middle, to);
      }
    }

    private boolean holds(int from, int to) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment signature = G1.at(points, from);
        MemorySegment key = G2.at(keys, from);
        int count = to - from;
        if (count > 1) {
          MemorySegment weight = Scalars.weightsFrom(weights, from, Scalars.SHORT_WEIGHT_BITS);
          MemorySegment some = points.asSlice(from * G1.BYTES);
          MemorySegment their = keys.asSlice(from * G2.BYTES);
          signature = G1.weightedSum(arena, some, count, weight, Scalars.SHORT_WEIGHT_BITS);
          key = G2.weightedSum(arena, their, count, weight, Scalars.SHORT_WEIGHT_BITS);
        }
        return new PairingProduct(arena).withPoint(hash, key).equalsSignature(signature);
      }
    }
  }
}
