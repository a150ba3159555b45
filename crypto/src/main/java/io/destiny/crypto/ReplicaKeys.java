package io.destiny.crypto;

/**
 * The public keys of one replica.
 *
 * @param boot b, which names the provisioning of its trusted subsystem
 * @param attestationKey the trusted subsystem's Ed25519 key, X.509 or its 32 bytes
 * @param orderingKey G2, compressed, 96 bytes
 * @param orderingPossession G1, compressed, 48 bytes; empty with {@link Scheme#THRESHOLD}
 * @param executionKey as {@code orderingKey}
 * @param executionPossession as {@code orderingPossession}
 * @param signingKey the replica's own Ed25519 key, 32 bytes, which its execution key determines
 */
public record ReplicaKeys(
    long boot,
    byte[] attestationKey,
    byte[] orderingKey,
    byte[] orderingPossession,
    byte[] executionKey,
    byte[] executionPossession,
    byte[] signingKey) {}
