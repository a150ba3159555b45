package io.destiny.server;

import io.destiny.core.app.StateMachine;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Status;
import io.destiny.core.trusted.ThreshSign;
import io.destiny.crypto.BlsCrypto;
import io.destiny.crypto.trusted.TrustedProcessClient;
import io.destiny.crypto.trusted.TrustedProcessLauncher;
import io.destiny.node.Node;
import io.destiny.node.NodeConfig;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.catalog.ProtocolEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A replica in this process. An embedder gives it a state machine:
 *
 * <pre>{@code
 * try (DestinyReplica replica =
 *     DestinyReplica.builder().folder(cluster, 0).application(new Ledger()).start()) {
 *   replica.stopped().join();
 * }
 * }</pre>
 */
public final class DestinyReplica implements AutoCloseable {
  private final Node node;
  private final ThreshSign trusted;
  private final boolean ownsTrusted;

  private DestinyReplica(Node node, ThreshSign trusted, boolean ownsTrusted) {
    this.node = node;
    this.trusted = trusted;
    this.ownsTrusted = ownsTrusted;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** What the replica says of itself. */
  public Status status() {
    return node.status();
  }

  /** Completes when the replica has stopped, exceptionally if it stopped by itself. */
  public CompletableFuture<Void> stopped() {
    return node.stopped();
  }

  /** The port for clients. */
  public int clientPort() {
    return node.clientPort();
  }

  /** The port of the admin pages. */
  public int adminPort() {
    return node.adminPort();
  }

  /** Stops cleanly; the trusted process goes on. Idempotent. */
  @Override
  public void close() {
    node.close();
    if (ownsTrusted && trusted instanceof TrustedProcessClient client) {
      try {
        client.close();
      } catch (IOException e) {
        throw new UncheckedIOException("the connection to the trusted process does not close", e);
      }
    }
  }

  /** The parts of a replica. A folder is needed; the rest has defaults. */
  public static final class Builder {
    private @Nullable ClusterFolder folder;
    private int replica;
    private @Nullable StateMachine application;
    private @Nullable ThreshSign trusted;
    private NodeConfig.@Nullable Queues queues;
    private List<String> jvm = JvmCommand.prefix();

    private Builder() {}

    /** The cluster's folder, and which of its replicas this is. */
    public Builder folder(ClusterFolder cluster, int number) {
      folder = cluster;
      replica = number;
      return this;
    }

    /**
     * The cluster's folder, and which of its replicas this is.
     *
     * @throws ConfigException if the folder cannot be used
     */
    public Builder folder(Path cluster, int number) {
      return folder(ClusterFolder.open(cluster), number);
    }

    /** What is replicated; the key-value store if nothing is said. */
    public Builder application(StateMachine machine) {
      application = machine;
      return this;
    }

    /**
     * A trusted subsystem of the embedder's, which remains its own to close; the replica's isolated
     * process if nothing is said.
     */
    public Builder trusted(ThreshSign subsystem) {
      trusted = subsystem;
      return this;
    }

    /** How much is held for others before they are told to wait. */
    public Builder queues(NodeConfig.Queues limits) {
      queues = limits;
      return this;
    }

    /** The JVM with its class path that a trusted process is started with. */
    public Builder jvm(List<String> commandPrefix) {
      jvm = List.copyOf(commandPrefix);
      return this;
    }

    /**
     * Starts the replica, and its trusted process unless one answers.
     *
     * @throws ConfigException if the folder or the protocol cannot be used
     * @throws IOException if a port is taken, or the data or the trusted process cannot be used:
     *     one sentence for the operator
     */
    public DestinyReplica start() throws IOException {
      ClusterFolder cluster = Objects.requireNonNull(folder, "a replica needs a cluster's folder");
      ClusterManifest manifest = cluster.manifest();
      ClusterFolder.ReplicaPart part = cluster.replica(replica);
      ProtocolEntry protocol =
          Catalog.find(manifest.protocol())
              .orElseThrow(
                  () ->
                      new ConfigException(
                          "%s names protocol '%s', which this build does not have"
                              .formatted(cluster.path(), manifest.protocol())));
      BlsCrypto crypto = crypto(cluster, part);
      ThreshSign given = trusted;
      ThreshSign used =
          given == null ? TrustedProcessLauncher.ensureRunning(part.folder(), jvm) : given;
      Settings settings = manifest.settings(replica);
      try {
        Node node =
            Node.start(
                config(manifest, part),
                protocol.create(settings),
                protocol.codec(settings),
                crypto,
                used,
                application == null ? new KeyValueStore(manifest.maxStateBytes()) : application,
                manifest.keys());
        return new DestinyReplica(node, used, given == null);
      } catch (IOException | RuntimeException e) {
        if (given == null && used instanceof TrustedProcessClient client) {
          client.close();
        }
        throw e;
      }
    }

    private BlsCrypto crypto(ClusterFolder cluster, ClusterFolder.ReplicaPart part) {
      try {
        return new BlsCrypto(cluster.keys(), replica, part.executionKey());
      } catch (IllegalArgumentException e) {
        throw new ConfigException(
            part.folder() + ": the execution key is damaged: " + e.getMessage(), e);
      }
    }

    private NodeConfig config(ClusterManifest manifest, ClusterFolder.ReplicaPart part) {
      List<NodeConfig.Endpoint> peers = new ArrayList<>();
      for (ClusterManifest.Member m : manifest.members()) {
        peers.add(new NodeConfig.Endpoint(m.host(), m.peerPort(), m.pin()));
      }
      ClusterManifest.Member self = manifest.members().get(replica);
      try {
        return new NodeConfig(
            manifest.protocol(),
            manifest.settings(replica),
            peers,
            new NodeConfig.Bind(
                part.bind(),
                self.peerPort(),
                self.clientPort(),
                part.adminBind(),
                self.adminPort()),
            part.certificatePem(),
            part.keyPem(),
            part.data(),
            queues == null ? NodeConfig.Queues.defaults(peers.size()) : queues);
      } catch (IllegalArgumentException e) {
        throw new ConfigException(part.folder() + ": " + e.getMessage(), e);
      }
    }
  }
}
