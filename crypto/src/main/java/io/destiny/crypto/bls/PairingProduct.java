package io.destiny.crypto.bls;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A product of pairings e(P_j, Q_j), compared with e(S, G) for the generator G: one final
 * exponentiation for all.
 */
final class PairingProduct {
  private static final long GT_BYTES = 576;
  private static final MemorySegment MINUS_GENERATOR_LINES = minusGeneratorLines();

  private final Arena arena;
  private final MemorySegment product;
  private boolean empty = true;

  /** Pairs without precomputed lines, run together at the end. */
  private final List<MemorySegment> points = new ArrayList<>();

  private final List<MemorySegment> keys = new ArrayList<>();

  PairingProduct(Arena arena) {
    this.arena = arena;
    this.product = arena.allocate(GT_BYTES, 8);
  }

  private static MemorySegment minusGeneratorLines() {
    MemorySegment lines = Arena.global().allocate(68 * 288L, 8);
    Blst.precomputeLines(lines, Blst.constant("BLS12_381_NEG_G2", G2.BYTES));
    return lines;
  }

  private void multiply(MemorySegment lines, MemorySegment point) {
    if (empty) {
      Blst.millerLoopLines(product, lines, point);
      empty = false;
    } else {
      MemorySegment factor = arena.allocate(GT_BYTES, 8);
      Blst.millerLoopLines(factor, lines, point);
      Blst.gtMultiply(product, product, factor);
    }
  }

  /** Multiplies by e(point, key). */
  PairingProduct with(MemorySegment point, PublicKey key) {
    MemorySegment lines = key.lines();
    return lines == null ? withPoint(point, key.point()) : withLines(point, lines);
  }

  private PairingProduct withLines(MemorySegment point, MemorySegment lines) {
    multiply(lines, point);
    return this;
  }

  PairingProduct withPoint(MemorySegment point, MemorySegment key) {
    points.add(point);
    keys.add(key);
    return this;
  }

  /** Whether the product is e(signature, G). Ends the use of this object. */
  boolean equalsSignature(MemorySegment signature) {
    multiply(MINUS_GENERATOR_LINES, signature);
    if (!points.isEmpty()) {
      MemorySegment factor = arena.allocate(GT_BYTES, 8);
      Blst.millerLoops(
          factor,
          G1.pointers(arena, keys.toArray(MemorySegment[]::new)),
          G1.pointers(arena, points.toArray(MemorySegment[]::new)),
          points.size());
      Blst.gtMultiply(product, product, factor);
    }
    Blst.finalExponentiation(product, product);
    return Blst.gtIsOne(product);
  }
}
