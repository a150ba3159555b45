package io.destiny.crypto.bls;

/**
 * That {@code signature} is the one of {@code key} over {@code statement}.
 *
 * @param signature a compressed point of G1, unchecked
 */
public record Claim(PublicKey key, byte[] statement, byte[] signature) {}
