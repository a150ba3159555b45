package io.destiny.crypto.bls;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A point of G2 other than infinity: the public key of a replica, of a group, or a sum of some. */
public final class PublicKey {
  /** Length of the encoded form, a compressed point. */
  public static final int BYTES = G2.ENCODED_BYTES;

  private static final long LINES_BYTES = 68 * 288L;

  private final MemorySegment point;
  private final @Nullable MemorySegment lines;

  private PublicKey(MemorySegment point, @Nullable MemorySegment lines) {
    this.point = point;
    this.lines = lines;
  }

  /**
   * Decodes a key.
   *
   * @throws IllegalArgumentException unless it is the canonical encoding of a point of the
   *     prime-order group other than infinity
   */
  public static PublicKey decode(byte[] encoded) {
    MemorySegment point = G2.allocate(Arena.ofAuto(), 1);
    try (Arena arena = Arena.ofConfined()) {
      if (!G2.decode(arena, encoded, point)) {
        throw new IllegalArgumentException("not a public key");
      }
    }
    return new PublicKey(point, null);
  }

  /** The encoded form. */
  public byte[] encode() {
    try (Arena arena = Arena.ofConfined()) {
      return G2.encode(arena, point);
    }
  }

  /**
   * The same key, made ready for many checks: what a pairing computes from the key alone is kept
   * (20 kB), which saves a quarter of each check.
   */
  PublicKey prepared() {
    if (lines != null) {
      return this;
    }
    MemorySegment ready = Arena.ofAuto().allocate(LINES_BYTES, 8);
    Blst.precomputeLines(ready, point);
    return new PublicKey(point, ready);
  }

  /** The sum of keys, or null if it is infinity. */
  static @Nullable PublicKey sum(List<PublicKey> keys) {
    MemorySegment sum = G2.allocate(Arena.ofAuto(), 1);
    try (Arena arena = Arena.ofConfined()) {
      sum.copyFrom(G2.sum(arena, block(arena, keys), keys.size()));
    }
    return Blst.g2IsInfinity(sum) ? null : new PublicKey(sum, null);
  }

  /** The points of {@code keys}, one after the other. */
  static MemorySegment block(Arena arena, List<PublicKey> keys) {
    MemorySegment block = G2.allocate(arena, keys.size());
    for (int i = 0; i < keys.size(); i++) {
      G2.at(block, i).copyFrom(keys.get(i).point);
    }
    return block;
  }

  MemorySegment point() {
    return point;
  }

  @Nullable MemorySegment lines() {
    return lines;
  }
}
