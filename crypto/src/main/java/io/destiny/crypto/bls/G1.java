package io.destiny.crypto.bls;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Operations on G1, where signatures and hashed statements live. Points are affine unless said. */
final class G1 {
  /** An affine point in memory. */
  static final long BYTES = 96;

  /** A Jacobian point in memory. */
  static final long POINT_BYTES = 144;

  /** The compressed encoding. */
  static final int ENCODED_BYTES = 48;

  private static final long ALIGNMENT = 8;

  private G1() {}

  static MemorySegment allocate(Arena arena, int count) {
    return arena.allocate(BYTES * count, ALIGNMENT);
  }

  static MemorySegment at(MemorySegment points, int index) {
    return points.asSlice(index * BYTES, BYTES);
  }

  /**
   * Decodes a canonical encoding of a point on the curve other than infinity; does not look at the
   * subgroup.
   */
  static boolean decode(Arena arena, byte[] encoded, MemorySegment out) {
    return encoded.length == ENCODED_BYTES
        && Blst.g1Uncompress(out, Memory.copy(arena, encoded)) == 0
        && !Blst.g1IsInfinity(out);
  }

  static byte[] encode(Arena arena, MemorySegment point) {
    MemorySegment out = arena.allocate(ENCODED_BYTES);
    Blst.g1Compress(out, point);
    return Memory.bytes(out);
  }

  /** The hash of a statement to the curve. */
  static MemorySegment hash(Arena arena, byte[] statement, Ciphersuite suite) {
    MemorySegment jacobian = hashToJacobian(arena, statement, suite);
    return affine(arena, jacobian);
  }

  static MemorySegment hashToJacobian(Arena arena, byte[] statement, Ciphersuite suite) {
    MemorySegment point = arena.allocate(POINT_BYTES, ALIGNMENT);
    Blst.hashToG1(point, Memory.copy(arena, statement), suite.tag());
    return point;
  }

  static MemorySegment affine(Arena arena, MemorySegment jacobian) {
    MemorySegment out = allocate(arena, 1);
    Blst.g1ToAffine(out, jacobian);
    return out;
  }

  /** The sum of contiguous points. */
  static MemorySegment sum(Arena arena, MemorySegment points, int count) {
    MemorySegment out = arena.allocate(POINT_BYTES, ALIGNMENT);
    Blst.g1Sum(out, Memory.array(arena, points), count);
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
    MemorySegment scratch = arena.allocate(Blst.g1ScratchBytes(count), ALIGNMENT);
    Blst.Terms terms =
        new Blst.Terms(Memory.array(arena, points), count, Memory.array(arena, scalars), bits);
    Blst.g1WeightedSum(out, terms, scratch);
    return affine(arena, out);
  }

  /** An array of addresses of {@code points}, for functions that do not take contiguous ones. */
  static MemorySegment pointers(Arena arena, MemorySegment... points) {
    MemorySegment array = arena.allocate(ADDRESS, points.length);
    for (int i = 0; i < points.length; i++) {
      array.setAtIndex(ADDRESS, i, points[i]);
    }
    return array;
  }
}
