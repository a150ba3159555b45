package io.destiny.cli;

import io.destiny.client.ClientOptions;
import io.destiny.client.ClusterDescription;
import io.destiny.client.DestinyClient;
import io.destiny.crypto.ClientSigner;
import io.destiny.server.ClientFile;
import io.destiny.server.ClusterFolder;
import io.destiny.server.ClusterManifest;
import io.destiny.server.ConfigException;
import java.util.ArrayList;
import java.util.List;

/** Clients of a cluster whose folder is at hand. */
final class Clusters {
  private Clusters() {}

  /** What the manifest says, as the client library wants it. */
  static ClusterDescription describe(ClusterManifest manifest) {
    List<ClusterDescription.Endpoint> endpoints = new ArrayList<>();
    for (ClusterManifest.Member m : manifest.members()) {
      endpoints.add(new ClusterDescription.Endpoint(m.host(), m.clientPort(), m.pin()));
    }
    return new ClusterDescription(manifest.keys(), endpoints);
  }

  /** A client with the folder's enrolled key. */
  static DestinyClient connect(ClusterFolder folder, ClientOptions options) {
    ClientFile file = folder.client();
    ClusterManifest manifest = folder.manifest();
    try {
      return DestinyClient.connect(
          describe(manifest),
          ClientSigner.of(file.algorithm(), file.key()),
          options
              .withPrincipal(file.principal())
              .withMaxOperationBytes(manifest.limits().maxOperationBytes()));
    } catch (IllegalArgumentException e) {
      throw new ConfigException("client.yaml or the options: " + e.getMessage(), e);
    }
  }
}
