package io.destiny.crypto;

/**
 * What one replica must keep to itself.
 *
 * @param executionKey π's secret, 32 bytes, held by the replica process
 * @param provision the content of {@code provision.once}, for its trusted subsystem only
 */
public record ReplicaSecrets(byte[] executionKey, byte[] provision) {
  @Override
  public String toString() {
    return "replica secrets";
  }
}
