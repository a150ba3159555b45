package io.destiny.crypto;

import io.destiny.core.model.Digest;
import io.destiny.crypto.sign.SignatureSuite;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;

/**
 * A replica's own Ed25519 key, with which it signs what others must be able to check later (pbft.md
 * §7). Its seed is a hash of the execution key's secret, so that there is one secret to provision,
 * store and replace: who has the one has the other.
 */
final class ReplicaSigner {
  private static final byte[] TAG = "DS-REPLICA-SIGNING-KEY".getBytes(StandardCharsets.US_ASCII);

  private final PrivateKey key;

  /**
   * @param executionKey π's secret
   */
  ReplicaSigner(byte[] executionKey) {
    this.key = SignatureSuite.ed25519PrivateKey(seed(executionKey));
  }

  private static byte[] seed(byte[] executionKey) {
    return Digest.of(TAG, executionKey).toBytes();
  }

  /** The public key, 32 bytes. */
  static byte[] publicKey(byte[] executionKey) {
    return SignatureSuite.ed25519PublicKey(seed(executionKey));
  }

  byte[] sign(byte[] statement) {
    return SignatureSuite.ED25519.sign(key, statement);
  }
}
