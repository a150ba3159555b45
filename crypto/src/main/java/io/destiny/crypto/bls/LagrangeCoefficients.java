package io.destiny.crypto.bls;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The coefficients that interpolate a polynomial at 0 from its values at i+1 for a set of replicas
 * i, times {@link #scale}.
 */
final class LagrangeCoefficients {
  /**
   * Largest cluster with integer coefficients: (N-1)! times any coefficient still fits in 63 bits.
   */
  private static final int INTEGER_LIMIT = 13;

  private static final long Y_OFFSET = 48;

  private final MemorySegment scalars;
  private final int bits;
  private final boolean[] negative;

  private LagrangeCoefficients(MemorySegment scalars, int bits, boolean[] negative) {
    this.scalars = scalars;
    this.bits = bits;
    this.negative = negative;
  }

  /**
   * What every coefficient of a cluster of {@code n} is multiplied by: (n-1)!, which every
   * denominator divides (each is a product of distinct numbers up to a and up to b, a+b &lt; n), or
   * 1 in clusters too large for it to pay.
   */
  static long scale(int n) {
    long scale = 1;
    for (int i = 2; i < n && n <= INTEGER_LIMIT; i++) {
      scale *= i;
    }
    return scale;
  }

  /**
   * @param signers ascending, distinct, in 0..n-1
   */
  static LagrangeCoefficients of(List<Integer> signers, int n) {
    int[] x = signers.stream().mapToInt(i -> i + 1).toArray();
    return n <= INTEGER_LIMIT ? integers(x, scale(n)) : scalars(x);
  }

  private static LagrangeCoefficients integers(int[] x, long scale) {
    long[] values = new long[x.length];
    boolean[] negative = new boolean[x.length];
    int bits = 1;
    for (int i = 0; i < x.length; i++) {
      long denominator = 1;
      long numerator = scale;
      for (int j = 0; j < x.length; j++) {
        if (j != i) {
          denominator *= x[j] - x[i];
          numerator = Math.multiplyExact(numerator, x[j]);
        }
      }
      values[i] = Math.abs(numerator / denominator);
      negative[i] = denominator < 0;
      bits = Math.max(bits, 64 - Long.numberOfLeadingZeros(values[i]));
    }
    return new LagrangeCoefficients(littleEndian(values, bits), bits, negative);
  }

  private static MemorySegment littleEndian(long[] values, int bits) {
    int width = (bits + 7) / 8;
    byte[] bytes = new byte[values.length * width];
    for (int i = 0; i < values.length; i++) {
      for (int b = 0; b < width; b++) {
        bytes[i * width + b] = (byte) (values[i] >>> (8 * b));
      }
    }
    return Memory.copy(Arena.ofAuto(), bytes);
  }

  /** P / (x_i·Π(x_j - x_i)) with P the product of all x: one inversion for all denominators. */
  private static LagrangeCoefficients scalars(int[] x) {
    int t = x.length;
    MemorySegment scalars = Arena.ofAuto().allocate((long) t * Scalars.BYTES, 8);
    boolean[] negative = new boolean[t];
    try (Arena arena = Arena.ofConfined()) {
      FieldProduct product = new FieldProduct(arena);
      for (int xi : x) {
        product.times(xi);
      }
      MemorySegment all = product.take(arena);
      MemorySegment[] denominators = new MemorySegment[t];
      for (int i = 0; i < t; i++) {
        product.times(x[i]);
        for (int j = 0; j < t; j++) {
          if (j != i) {
            product.times(Math.abs(x[j] - x[i]));
            negative[i] ^= x[j] < x[i];
          }
        }
        denominators[i] = product.take(arena);
      }
      divide(arena, all, denominators, scalars);
    }
    return new LagrangeCoefficients(scalars, Scalars.BITS, negative);
  }

  /** Montgomery's trick: numerator / denominators[i] into out[i]. */
  private static void divide(
      Arena arena, MemorySegment numerator, MemorySegment[] denominators, MemorySegment out) {
    int t = denominators.length;
    MemorySegment[] prefix = new MemorySegment[t];
    for (int i = 0; i < t; i++) {
      prefix[i] = arena.allocate(Scalars.BYTES, 8);
      if (i == 0) {
        prefix[i].copyFrom(denominators[i]);
      } else {
        Blst.frMultiply(prefix[i], prefix[i - 1], denominators[i]);
      }
    }
    MemorySegment inverse = arena.allocate(Scalars.BYTES, 8);
    MemorySegment quotient = arena.allocate(Scalars.BYTES, 8);
    Blst.frInverse(inverse, prefix[t - 1]);
    for (int i = t - 1; i >= 0; i--) {
      if (i == 0) {
        quotient.copyFrom(inverse);
      } else {
        Blst.frMultiply(quotient, inverse, prefix[i - 1]);
        Blst.frMultiply(inverse, inverse, denominators[i]);
      }
      Blst.frMultiply(quotient, quotient, numerator);
      Blst.scalarFromFr(out.asSlice((long) i * Scalars.BYTES, Scalars.BYTES), quotient);
    }
  }

  /** The interpolated point of G1; turns points with negative coefficients round in place. */
  MemorySegment interpolate(Arena arena, MemorySegment points) {
    for (int i = 0; i < negative.length; i++) {
      if (negative[i]) {
        MemorySegment y = G1.at(points, i).asSlice(Y_OFFSET);
        Blst.fpNegate(y, y, 1);
      }
    }
    return G1.weightedSum(arena, points, negative.length, scalars, bits);
  }

  /** The encoded interpolated point of G2; turns points round as {@link #interpolate} does. */
  byte[] interpolateKeys(Arena arena, MemorySegment points) {
    for (int i = 0; i < negative.length; i++) {
      if (negative[i]) {
        MemorySegment y = G2.at(points, i).asSlice(2 * Y_OFFSET);
        Blst.fpNegate(y, y, 1);
        MemorySegment imaginary = y.asSlice(Y_OFFSET);
        Blst.fpNegate(imaginary, imaginary, 1);
      }
    }
    return G2.encode(arena, G2.weightedSum(arena, points, negative.length, scalars, bits));
  }

  /** A product of small numbers in the field; multiplies in a long for as long as that fits. */
  private static final class FieldProduct {
    private final MemorySegment limbs;
    private final MemorySegment factor;
    private final MemorySegment product;
    private long pending = 1;

    FieldProduct(Arena arena) {
      limbs = arena.allocate(Scalars.BYTES, 8);
      factor = arena.allocate(Scalars.BYTES, 8);
      product = arena.allocate(Scalars.BYTES, 8);
      reset();
    }

    private void reset() {
      limbs.fill((byte) 0);
      limbs.set(JAVA_LONG, 0, 1);
      Blst.frFromLongs(product, limbs);
    }

    /**
     * @param small 1..65535
     */
    void times(int small) {
      pending *= small;
      if (pending >>> 46 != 0) {
        flush();
      }
    }

    private void flush() {
      limbs.set(JAVA_LONG, 0, pending);
      Blst.frFromLongs(factor, limbs);
      Blst.frMultiply(product, product, factor);
      pending = 1;
    }

    /** The product so far; starts anew. */
    MemorySegment take(Arena arena) {
      flush();
      MemorySegment taken = arena.allocate(Scalars.BYTES, 8).copyFrom(product);
      reset();
      return taken;
    }
  }
}
