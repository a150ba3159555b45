package io.destiny.core.engine;

/**
 * An instance's low watermark h with the proof that its checkpoint is stable, as VIEW-CHANGEs carry
 * it (hybster.md §5, dqbft.md §8). The proof is opaque to engines.
 *
 * @param slot h; 0, which needs no proof, before the first checkpoint
 * @param proof what {@link Port#check} reads, at most {@link #MAX_PROOF} bytes
 */
public record Watermark(long slot, byte[] proof) {
  /** Longest proof that a decoder accepts. */
  public static final int MAX_PROOF = 2048;
}
