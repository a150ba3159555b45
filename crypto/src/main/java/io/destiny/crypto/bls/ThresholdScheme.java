package io.destiny.crypto.bls;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Threshold signatures: shares of Shamir's scheme at i+1, interpolated at 0. For small clusters the
 * group's key is (N-1)! times the polynomial's value at 0, which turns the coefficients into small
 * integers and makes the interpolation several times cheaper.
 */
public final class ThresholdScheme implements AggregateScheme {
  /** Sets of signers whose coefficients are kept; up to 10 kB each. */
  private static final int CACHED_SETS = 128;

  private static final byte[] NO_BITMAP = {};

  private final List<PublicKey> keys;
  private final PublicKey group;
  private final int threshold;
  private final BoundedCache<List<Integer>, LagrangeCoefficients> coefficients;

  public ThresholdScheme(List<PublicKey> keys, PublicKey group, int threshold) {
    this.keys = List.copyOf(keys);
    this.group = group.prepared();
    this.threshold = threshold;
    int n = keys.size();
    this.coefficients =
        new BoundedCache<>(CACHED_SETS, signers -> LagrangeCoefficients.of(signers, n));
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
    return bitmap.length == 0 ? group : null;
  }

  @Override
  public byte[] bitmap(int[] signers) {
    return NO_BITMAP;
  }

  @Override
  public MemorySegment aggregate(Arena arena, int[] signers, MemorySegment shares) {
    return coefficients(signers).interpolate(arena, shares);
  }

  private LagrangeCoefficients coefficients(int[] signers) {
    return Objects.requireNonNull(coefficients.get(Arrays.stream(signers).boxed().toList()));
  }

  /** Whether the group's key is what the share keys, all of one polynomial, interpolate to. */
  public boolean consistent() {
    int[] first = IntStream.range(0, threshold).toArray();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment points = PublicKey.block(arena, keys.subList(0, threshold));
      byte[] expected = coefficients(first).interpolateKeys(arena, points);
      return Arrays.equals(expected, group.encode()) && Shamir.onePolynomial(keys, threshold);
    }
  }
}
