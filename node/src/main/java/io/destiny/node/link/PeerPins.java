package io.destiny.node.link;

import io.destiny.core.model.Digest;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which replica a certificate belongs to: the one whose configured pin its public key has. */
public final class PeerPins {
  private final Map<Digest, Integer> replicas = new HashMap<>();

  /**
   * @param pins SHA-256 of each replica's SubjectPublicKeyInfo, in order of their numbers
   */
  public PeerPins(List<byte[]> pins) {
    for (int i = 0; i < pins.size(); i++) {
      replicas.put(Digest.fromBytes(pins.get(i)), i);
    }
  }

  /** The replica's number, or -1 for a stranger. */
  public int replicaOf(X509Certificate certificate) {
    byte[] key = certificate.getPublicKey().getEncoded();
    return key == null ? -1 : replicas.getOrDefault(Digest.of(key), -1);
  }
}
