package io.destiny.crypto.bls;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** What a signature is for; the tag separates the two hashes to the curve. */
public final class Ciphersuite {
  /** Statements. */
  public static final Ciphersuite STATEMENT =
      new Ciphersuite("DESTINY-V1-SIG-BLS12381G1_XMD:SHA-256_SSWU_RO_");

  /** Proofs that the owner of a public key has its secret. */
  public static final Ciphersuite POSSESSION =
      new Ciphersuite("DESTINY-V1-POP-BLS12381G1_XMD:SHA-256_SSWU_RO_");

  private final MemorySegment tag;

  private Ciphersuite(String tag) {
    this.tag = Memory.copy(Arena.global(), tag.getBytes(StandardCharsets.US_ASCII));
  }

  MemorySegment tag() {
    return tag;
  }
}
