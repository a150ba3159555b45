package io.destiny.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/**
 * {@code replica.yaml}: what one replica knows beyond the manifest. The names of the secret files
 * are relative to its folder.
 *
 * @param bind host that it listens on for replicas and clients
 * @param adminBind host that it listens on for the admin pages
 * @param provisionerKey the provisioner whose manifest it trusts, X.509
 */
record ReplicaFile(
    int replica,
    byte[] cluster,
    String bind,
    String adminBind,
    String certificate,
    String key,
    String executionKey,
    String data,
    byte[] provisionerKey) {
  static final String NAME = "replica.yaml";

  ObjectNode write() {
    return Fields.YAML
        .createObjectNode()
        .put("replica", replica)
        .put("cluster", Fields.base64(cluster))
        .put("bind", bind)
        .put("adminBind", adminBind)
        .put("certificate", certificate)
        .put("key", key)
        .put("executionKey", executionKey)
        .put("data", data)
        .put("provisionerKey", Fields.base64(provisionerKey));
  }

  static ReplicaFile read(Path folder, int replica) {
    Fields f = Fields.read(folder.resolve(NAME), "the replica's folder is not complete");
    ReplicaFile file =
        new ReplicaFile(
            f.integer("replica", replica, replica),
            f.bytes("cluster", 16),
            f.text("bind"),
            f.text("adminBind"),
            f.text("certificate"),
            f.text("key"),
            f.text("executionKey"),
            f.text("data"),
            f.bytes("provisionerKey"));
    f.end();
    return file;
  }
}
