package io.destiny.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.crypto.ClientAlgorithm;
import java.nio.file.Path;

/**
 * {@code client.yaml}: the secret of an enrolled client.
 *
 * @param key PKCS#8
 * @param provisionerKey the provisioner whose manifest it trusts, X.509
 */
public record ClientFile(
    int principal, byte[] cluster, ClientAlgorithm algorithm, byte[] key, byte[] provisionerKey) {
  static final String NAME = "client.yaml";

  ObjectNode write() {
    String name = algorithm == ClientAlgorithm.ED25519 ? "ed25519" : "ecdsa-p256";
    return Fields.YAML
        .createObjectNode()
        .put("principal", principal)
        .put("cluster", Fields.base64(cluster))
        .put("clientSignature", name)
        .put("key", Fields.base64(key))
        .put("provisionerKey", Fields.base64(provisionerKey));
  }

  static ClientFile read(Path folder) {
    Fields f = Fields.read(folder.resolve(NAME), "a client needs its key");
    ClientFile file =
        new ClientFile(
            f.integer("principal", 0, Integer.MAX_VALUE),
            f.bytes("cluster", 16),
            f.choice("clientSignature", ManifestFile.ALGORITHMS),
            f.bytes("key"),
            f.bytes("provisionerKey"));
    f.end();
    return file;
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "client " + principal;
  }
}
