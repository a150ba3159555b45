package io.destiny.client;

import io.destiny.crypto.PublicKeys;
import java.util.List;

/**
 * What a client must know of a cluster: its public keys and where its replicas listen for clients.
 *
 * @param replicas one for each replica, in order of their numbers
 */
public record ClusterDescription(PublicKeys keys, List<Endpoint> replicas) {
  public ClusterDescription {
    replicas = List.copyOf(replicas);
    if (replicas.size() != keys.rule().n()) {
      throw new IllegalArgumentException(
          "a cluster of %d replicas with %d addresses".formatted(keys.rule().n(), replicas.size()));
    }
  }

  /**
   * Where a replica serves clients.
   *
   * @param host name or address
   * @param clientPort TCP port of the gRPC service
   * @param pin SHA-256 of the SubjectPublicKeyInfo of its TLS certificate, 32 bytes
   */
  public record Endpoint(String host, int clientPort, byte[] pin) {}
}
