package io.destiny.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/**
 * {@code provisioner.yaml}: the administrators' secret. It signs manifests and reconfigurations;
 * replicas and clients know its public half.
 *
 * @param key Ed25519, PKCS#8
 */
record ProvisionerFile(byte[] key) {
  static final String NAME = "provisioner.yaml";

  ObjectNode write() {
    return Fields.YAML.createObjectNode().put("key", Fields.base64(key));
  }

  static ProvisionerFile read(Path folder) {
    Fields f =
        Fields.read(
            folder.resolve(NAME), "only the administrators, who have it, can change the cluster");
    ProvisionerFile file = new ProvisionerFile(f.bytes("key"));
    f.end();
    return file;
  }

  @Override
  public String toString() {
    return "provisioner's key";
  }
}
