package io.destiny.crypto.bls;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Moves bytes into and out of native memory. */
final class Memory {
  private Memory() {}

  static MemorySegment copy(Arena arena, byte[] bytes) {
    MemorySegment segment = arena.allocate(Math.max(8, bytes.length), 8);
    MemorySegment.copy(bytes, 0, segment, JAVA_BYTE, 0, bytes.length);
    return segment.asSlice(0, bytes.length);
  }

  static byte[] bytes(MemorySegment segment) {
    return segment.toArray(JAVA_BYTE);
  }

  /** What blst takes for an array of pointers to contiguous elements: the first, then null. */
  static MemorySegment array(Arena arena, MemorySegment elements) {
    MemorySegment array = arena.allocate(ADDRESS, 2);
    array.setAtIndex(ADDRESS, 0, elements);
    array.setAtIndex(ADDRESS, 1, MemorySegment.NULL);
    return array;
  }
}
