package io.destiny.crypto.bls;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Operations on G2, where public keys live. Points are affine unless said. */
final class G2 {
  /** An affine point in memory. */
  static final long BYTES = 192;

  /** A Jacobian point in memory. */
  static final long POINT_BYTES = 288;

  /** The compressed encoding. */
  static final int ENCODED_BYTES = 96;

  private static final long ALIGNMENT = 8;

  private G2() {}

  static MemorySegment allocate(Arena arena, int count) {
    return arena.allocate(BYTES * count, ALIGNMENT);
  }

  static MemorySegment at(MemorySegment points, int index) {
    return points.asSlice(index * BYTES, BYTES);
  }

  /** Decodes a canonical encoding of a point of the group other than infinity. */
  static boolean decode(Arena arena, byte[] encoded, MemorySegment out) {
    return encoded.length == ENCODED_BYTES
        && Blst.g2Uncompress(out, Memory.copy(arena, encoded)) == 0
        && !Blst.g2IsInfinity(out)
        && Blst.g2InGroup(out);
  }

  static byte[] encode(Arena arena, MemorySegment point) {
    MemorySegment out = arena.allocate(ENCODED_BYTES);
    Blst.g2Compress(out, point);
    return Memory.bytes(out);
  }

  /** The generator times a secret. */
  static MemorySegment fromSecret(Arena arena, MemorySegment secret) {
    MemorySegment out = arena.allocate(POINT_BYTES, ALIGNMENT);
    Blst.g2FromSecret(out, secret);
    return affine(arena, out);
  }

  private static MemorySegment affine(Arena arena, MemorySegment jacobian) {
    MemorySegment out = allocate(arena, 1);
    Blst.g2ToAffine(out, jacobian);
    return out;
  }

  /** The sum of contiguous points. */
  static MemorySegment sum(Arena arena, MemorySegment points, int count) {
    MemorySegment out = arena.allocate(POINT_BYTES, ALIGNMENT);
    Blst.g2Sum(out, Memory.array(arena, points), count);
    return affine(arena, out);
  }

  /**
   * The sum of contiguous points, each times its scalar.
   *
   * @param scalars contiguous, each ⌈bits/8⌉ bytes, little-endian
   */
  static MemorySegment weightedSum(
      Arena arena, MemorySegment points, int count, MemorySegment scalars, int bits) {
    MemorySegment out = arena.allocate(POINT_BYTES, ALIGNMENT);
    MemorySegment scratch = arena.allocate(Blst.g2ScratchBytes(count), ALIGNMENT);
    Blst.Terms terms =
        new Blst.Terms(Memory.array(arena, points), count, Memory.array(arena, scalars), bits);
    Blst.g2WeightedSum(out, terms, scratch);
    return affine(arena, out);
  }
}
