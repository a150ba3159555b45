package io.destiny.crypto.bls;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * Checks many signatures at once: e(Σ r_i·S_i, G) = Π_k e(Σ r_i·H_i, K_k) with random weights r_i,
 * where the inner sum runs over the claims of one key. Costs one pairing a distinct key, plus one.
 */
public final class BatchVerifier {
  /** Most claims checked together; bounds memory. */
  private static final int CHUNK = 256;

  private final Arena arena;
  private final List<Claim> claims;
  private final Ciphersuite suite;

  /** Positions in {@code claims} of those that are worth a pairing, claims of one key together. */
  private final int[] order;

  private final boolean[] valid;
  private final MemorySegment signatures;
  private final MemorySegment hashes;
  private final MemorySegment weights;

  private BatchVerifier(Arena arena, List<Claim> claims, Ciphersuite suite) {
    this.arena = arena;
    this.claims = claims;
    this.suite = suite;
    this.valid = new boolean[claims.size()];
    this.signatures = G1.allocate(arena, claims.size());
    this.hashes = G1.allocate(arena, claims.size());
    this.order = decode();
    this.weights = Scalars.weights(arena, order.length, Scalars.WEIGHT_BITS);
  }

  /** Which claims are true. */
  public static boolean[] verify(List<Claim> claims, Ciphersuite suite) {
    boolean[] valid = new boolean[claims.size()];
    for (int from = 0; from < valid.length; from += CHUNK) {
      List<Claim> chunk = claims.subList(from, Math.min(valid.length, from + CHUNK));
      try (Arena arena = Arena.ofConfined()) {
        boolean[] part = new BatchVerifier(arena, chunk, suite).run();
        System.arraycopy(part, 0, valid, from, part.length);
      }
    }
    return valid;
  }

  /** Fills signatures and hashes in an order in which the claims of one key are together. */
  private int[] decode() {
    IdentityHashMap<PublicKey, List<Integer>> byKey = new IdentityHashMap<>();
    List<List<Integer>> groups = new ArrayList<>();
    for (int i = 0; i < claims.size(); i++) {
      byKey
          .computeIfAbsent(
              claims.get(i).key(),
              k -> {
                List<Integer> group = new ArrayList<>();
                groups.add(group);
                return group;
              })
          .add(i);
    }
    int[] positions = new int[claims.size()];
    int count = 0;
    for (List<Integer> group : groups) {
      for (int i : group) {
        Claim claim = claims.get(i);
        MemorySegment signature = G1.at(signatures, count);
        if (G1.decode(arena, claim.signature(), signature) && Blst.g1InGroup(signature)) {
          G1.at(hashes, count).copyFrom(G1.hash(arena, claim.statement(), suite));
          positions[count++] = i;
        }
      }
    }
    return Arrays.copyOf(positions, count);
  }

  private boolean[] run() {
    if (order.length > 0) {
      if (holds(0, order.length)) {
        accept(0, order.length);
      } else {
        split(0, order.length);
      }
    }
    return valid;
  }

  private void accept(int from, int to) {
    for (int i = from; i < to; i++) {
      valid[order[i]] = true;
    }
  }

  /** Finds the true ones in a range that holds at least one false one. */
  private void split(int from, int to) {
    if (to - from == 1) {
      return;
    }
    int middle = (from + to) >>> 1;
    if (holds(from, middle)) {
      accept(from, middle);
      split(middle, to);
      return;
    }
    split(from, middle);
    if (holds(middle, to)) {
      accept(middle, to);
    } else {
      split(middle, to);
    }
  }

  private PublicKey key(int position) {
    return claims.get(order[position]).key();
  }

  private boolean holds(int from, int to) {
    // an arena of its own, so that a long search does not pile up scratch memory
    try (Arena scratch = Arena.ofConfined()) {
      PairingProduct product = new PairingProduct(scratch);
      if (to - from == 1) {
        return product
            .with(G1.at(hashes, from), key(from))
            .equalsSignature(G1.at(signatures, from));
      }
      int start = from;
      while (start < to) {
        PublicKey key = key(start);
        int end = start + 1;
        while (end < to && key(end) == key) {
          end++;
        }
        product.with(weighted(scratch, hashes, start, end), key);
        start = end;
      }
      return product.equalsSignature(weighted(scratch, signatures, from, to));
    }
  }

  private MemorySegment weighted(Arena scratch, MemorySegment points, int from, int to) {
    return G1.weightedSum(
        scratch,
        points.asSlice(from * G1.BYTES),
        to - from,
        Scalars.weightsFrom(weights, from, Scalars.WEIGHT_BITS),
        Scalars.WEIGHT_BITS);
  }
}
