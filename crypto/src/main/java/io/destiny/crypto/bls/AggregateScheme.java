package io.destiny.crypto.bls;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** How shares become one signature, and under which key that verifies. Thread-safe. */
public sealed interface AggregateScheme permits MultiSignatureScheme, ThresholdScheme {
  /** How many shares make a certificate. */
  int threshold();

  /** How many replicas there are. */
  int size();

  /** The key of one replica's shares. */
  PublicKey shareKey(int signer);

  /** The key under which a certificate with this bitmap verifies, or null if none does. */
  @Nullable PublicKey certificateKey(byte[] bitmap);

  /** The bitmap of a certificate made by these signers. */
  byte[] bitmap(int[] signers);

  /**
   * The aggregate of a threshold of shares, perhaps infinity.
   *
   * @param signers ascending
   * @param shares their points, one after the other; may be overwritten
   */
  MemorySegment aggregate(Arena arena, int[] signers, MemorySegment shares);
}
