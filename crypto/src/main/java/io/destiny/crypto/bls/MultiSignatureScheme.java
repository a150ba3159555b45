package io.destiny.crypto.bls;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Multi-signatures: the sum of signatures on the same bytes, and a bitmap of the signers, whose
 * keys' sum verifies it. Sound only for keys with proofs of possession.
 */
public final class MultiSignatureScheme implements AggregateScheme {
  /** Sums of keys kept, with precomputed lines 20 kB each. */
  private static final int CACHED_SUMS = 128;

  private final List<PublicKey> keys;
  private final int threshold;
  private final int bitmapBytes;
  private final BoundedCache<BitSet, PublicKey> sums = new BoundedCache<>(CACHED_SUMS, this::sum);

  public MultiSignatureScheme(List<PublicKey> keys, int threshold) {
    this.keys = List.copyOf(keys);
    this.threshold = threshold;
    this.bitmapBytes = (keys.size() + 7) / 8;
  }

  private @Nullable PublicKey sum(BitSet signers) {
    List<PublicKey> chosen = new ArrayList<>(signers.cardinality());
    signers.stream().forEach(i -> chosen.add(keys.get(i)));
    PublicKey sum = PublicKey.sum(chosen);
    return sum == null ? null : sum.prepared();
  }

  @Override
  public int threshold() {
    return threshold;
  }

  @Override
  public int size() {
    return keys.size();
  }

  @Override
  public PublicKey shareKey(int signer) {
    return keys.get(signer);
  }

  @Override
  public @Nullable PublicKey certificateKey(byte[] bitmap) {
    if (bitmap.length != bitmapBytes) {
      return null;
    }
    BitSet signers = BitSet.valueOf(bitmap);
    if (signers.length() > keys.size() || signers.cardinality() < threshold) {
      return null;
    }
    return sums.get(signers);
  }

  @Override
  public byte[] bitmap(int[] signers) {
    byte[] bitmap = new byte[bitmapBytes];
    for (int signer : signers) {
      bitmap[signer / 8] |= (byte) (1 << (signer % 8));
    }
    return bitmap;
  }

  @Override
  public MemorySegment aggregate(Arena arena, int[] signers, MemorySegment shares) {
    return G1.sum(arena, shares, signers.length);
  }
}
