package io.destiny.cli;

import io.destiny.client.ClientOptions;
import io.destiny.client.ClusterDescription;
import io.destiny.client.DestinyClient;
import io.destiny.core.model.Reconfiguration;
import io.destiny.core.model.Request;
import io.destiny.crypto.ClientAlgorithm;
import io.destiny.crypto.ClientSigner;
import io.destiny.server.ClientFile;
import io.destiny.server.ClusterFolder;
import io.destiny.server.ClusterManifest;
import io.destiny.server.ConfigException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

  /** Reads what replicas of later epochs show. */
  private static @Nullable ClusterDescription successor(
      byte[] manifest, ClusterDescription present) {
    ClusterManifest next = ClusterManifest.successor(present.keys(), manifest);
    return next == null ? null : describe(next);
  }

  /** The administrators' own client, with the provisioner's key and session 0. */
  static DestinyClient administrators(ClusterFolder folder, ClientOptions options) {
    ClusterManifest manifest = folder.manifest();
    return DestinyClient.connect(
        describe(manifest),
        Clusters::successor,
        ClientSigner.of(ClientAlgorithm.ED25519, folder.provisionerPrivateKey()),
        options
            .withPrincipal(Request.principal(Reconfiguration.CLIENT))
            .withSessions(0, 0)
            .withMaxOperationBytes(manifest.limits().maxOperationBytes()));
  }

  /** A client with the folder's enrolled key; it goes on in later epochs. */
  static DestinyClient connect(ClusterFolder folder, ClientOptions options) {
    ClientFile file = folder.client();
    ClusterManifest manifest = folder.manifest();
    try {
      return DestinyClient.connect(
          describe(manifest),
          Clusters::successor,
          ClientSigner.of(file.algorithm(), file.key()),
          options
              .withPrincipal(file.principal())
              .withMaxOperationBytes(manifest.limits().maxOperationBytes()));
    } catch (IllegalArgumentException e) {
      throw new ConfigException("client.yaml or the options: " + e.getMessage(), e);
    }
  }
}
