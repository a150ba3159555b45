package io.destiny.crypto.bls;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.security.SecureRandom;

/** Scalars of the prime-order groups. Here big integers: for key ceremonies, not for hot paths. */
final class Scalars {
  /** The order r of G1 and G2. */
  static final BigInteger ORDER =
      new BigInteger("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001", 16);

  /** Bits of a full scalar. */
  static final int BITS = 255;

  /** Bytes of a full scalar. */
  static final int BYTES = 32;

  /** Bits of the random weights of a batch check. */
  static final int WEIGHT_BITS = 128;

  /** Bits of the random weights in a search for bad shares (linear-hybster.md §6). */
  static final int SHORT_WEIGHT_BITS = 64;

  private static final SecureRandom RANDOM = new SecureRandom();

  private Scalars() {}

  /** Fills {@code out} with a uniform scalar in 1..r-1, big-endian. */
  static void random(SecureRandom random, byte[] out) {
    byte[] wide = new byte[48];
    BigInteger value;
    do {
      random.nextBytes(wide);
      value = new BigInteger(1, wide).mod(ORDER);
    } while (value.signum() == 0);
    System.arraycopy(bigEndian(value), 0, out, 0, BYTES);
  }

  /** 32 bytes, big-endian, of a value in 0..r-1. */
  static byte[] bigEndian(BigInteger value) {
    byte[] out = new byte[BYTES];
    byte[] bytes = value.toByteArray();
    int length = Math.min(bytes.length, BYTES);
    System.arraycopy(bytes, bytes.length - length, out, BYTES - length, length);
    return out;
  }

  /** 32 bytes, little-endian, of a value in 0..r-1. */
  static byte[] littleEndian(BigInteger value) {
    byte[] big = bigEndian(value);
    byte[] out = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      out[i] = big[BYTES - 1 - i];
    }
    return out;
  }

  /** Random weights that nobody can foresee, none of them zero, one after the other. */
  static MemorySegment weights(Arena arena, int count, int bits) {
    int width = bits / 8;
    byte[] bytes = new byte[width * count];
    RANDOM.nextBytes(bytes);
    for (int i = 0; i < count; i++) {
      bytes[i * width] |= 1;
    }
    return Memory.copy(arena, bytes);
  }

  /** The weights from the given index on. */
  static MemorySegment weightsFrom(MemorySegment weights, int index, int bits) {
    return weights.asSlice((long) index * (bits / 8));
  }
}
