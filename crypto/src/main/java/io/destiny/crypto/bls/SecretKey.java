package io.destiny.crypto.bls;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.Arrays;

/** A scalar that signs. Its memory outside the heap is wiped after each use. */
public final class SecretKey {
  /** Length of the encoded form, big-endian. */
  public static final int BYTES = 32;

  private final byte[] scalar;

  private SecretKey(byte[] scalar) {
    this.scalar = scalar;
  }

  /** A fresh key. */
  public static SecretKey generate(SecureRandom random) {
    byte[] encoded = new byte[BYTES];
    Scalars.random(random, encoded);
    return new SecretKey(encoded);
  }

  /**
   * Decodes a key.
   *
   * @throws IllegalArgumentException unless it is 32 bytes, not zero and below the group's order
   */
  public static SecretKey decode(byte[] encoded) {
    try (Arena arena = Arena.ofConfined()) {
      if (encoded.length != BYTES) {
        throw new IllegalArgumentException("not a secret key");
      }
      MemorySegment copy = scalar(arena, encoded);
      boolean valid = Blst.scalarCheck(copy);
      copy.fill((byte) 0);
      if (!valid) {
        throw new IllegalArgumentException("not a secret key");
      }
    }
    return new SecretKey(encoded.clone());
  }

  private static MemorySegment scalar(Arena arena, byte[] encoded) {
    MemorySegment bytes = Memory.copy(arena, encoded);
    MemorySegment scalar = arena.allocate(BYTES, 8);
    Blst.scalarFromBytes(scalar, bytes);
    bytes.fill((byte) 0);
    return scalar;
  }

  /** The encoded form; the caller answers for it. */
  public byte[] encode() {
    return scalar.clone();
  }

  public PublicKey publicKey() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment secret = scalar(arena, scalar);
      byte[] encoded = G2.encode(arena, G2.fromSecret(arena, secret));
      secret.fill((byte) 0);
      return PublicKey.decode(encoded);
    }
  }

  /** The signature over {@code statement}: a compressed point of G1, 48 bytes; deterministic. */
  public byte[] sign(byte[] statement, Ciphersuite suite) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment hash = G1.hashToJacobian(arena, statement, suite);
      MemorySegment secret = scalar(arena, scalar);
      MemorySegment signature = arena.allocate(G1.POINT_BYTES, 8);
      Blst.signInG1(signature, hash, secret);
      secret.fill((byte) 0);
      return G1.encode(arena, G1.affine(arena, signature));
    }
  }

  /** Forgets the key; it must not be used afterwards. */
  public void destroy() {
    Arrays.fill(scalar, (byte) 0);
  }

  @Override
  public String toString() {
    return "secret key";
  }
}
