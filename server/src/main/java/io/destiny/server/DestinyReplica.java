package io.destiny.server;

import io.destiny.core.app.StateMachine;
import io.destiny.core.machine.MessageCodec;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Status;
import io.destiny.core.trusted.ThreshSign;
import io.destiny.crypto.BlsCrypto;
import io.destiny.crypto.trusted.DurableFile;
import io.destiny.crypto.trusted.TrustedProcessClient;
import io.destiny.crypto.trusted.TrustedProcesses;
import io.destiny.node.Ending;
import io.destiny.node.Node;
import io.destiny.node.NodeConfig;
import io.destiny.node.Witness;
import io.destiny.node.storage.RocksStore;
import io.destiny.protocols.catalog.ProtocolEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A replica in this process, through all epochs that it is a member of. An embedder gives it a
 * state machine:
 *
 * <pre>{@code
 * try (DestinyReplica replica =
 *     DestinyReplica.builder().folder(cluster, 0).application(new Ledger()).start()) {
 *   replica.stopped().join();
 * }
 * }</pre>
 */
public final class DestinyReplica implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DestinyReplica.class);

  private final Builder parts;
  private final int replica;
  private final ReplicaHome home;
  private final StateMachine application;
  private final CompletableFuture<@Nullable Void> stopped = new CompletableFuture<>();

  private volatile Life life;
  private boolean closing; // guarded by this

  /**
   * The node of one epoch.
   *
   * @param trusted to be closed with it; null if it is the embedder's, or there is none
   */
  private record Life(Node node, @Nullable TrustedProcessClient trusted) {
    void close() {
      node.close();
      try {
        if (trusted != null) {
          trusted.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException("the connection to the trusted process does not close", e);
      }
    }
  }

  private DestinyReplica(Builder parts, ReplicaHome home) throws IOException {
    this.parts = parts;
    this.replica = parts.replica;
    this.home = home;
    StateMachine given = parts.application;
    this.application = given == null ? new KeyValueStore(home.manifest().maxStateBytes()) : given;
    // Held until it is known which life it is: the first one may be over at once.
    synchronized (this) {
      this.life = begin();
    }
    if (home.dismissed()) {
      CompletableFuture.delayedExecutor(Node.FAREWELL_SECONDS, TimeUnit.SECONDS)
          .execute(this::dismiss);
    }
  }

  /** Ends here unless the order has ended it meanwhile. */
  private synchronized void dismiss() {
    if (!closing && home.dismissed()) {
      closing = true;
      life.close();
      ended(home.noMember());
    }
  }

  private void ended(NoMemberException e) {
    LOG.info("replica {} ends: {}", replica, e.getMessage());
    stopped.completeExceptionally(e);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** What the replica says of itself. */
  public Status status() {
    return life.node.status();
  }

  /**
   * Completes when the replica has stopped, exceptionally if it stopped by itself: because its
   * state is doubtful, or with a {@link NoMemberException}.
   */
  public CompletableFuture<@Nullable Void> stopped() {
    return stopped.copy();
  }

  /** The port for clients. */
  public int clientPort() {
    return life.node.clientPort();
  }

  /** The port of the admin pages. */
  public int adminPort() {
    return life.node.adminPort();
  }

  /** Stops cleanly; the trusted process goes on. Idempotent. */
  @Override
  public synchronized void close() {
    closing = true;
    life.close();
    stopped.complete(null);
  }

  /** Starts the node of the epoch that the folder is in. */
  private Life begin() throws IOException {
    ClusterManifest manifest = home.manifest();
    ClusterFolder.ReplicaPart part = home.part();
    ProtocolEntry protocol = manifest.entry();
    BlsCrypto crypto = crypto(manifest, part);
    Settings settings = manifest.settings(replica);
    NodeConfig config = config(manifest, part);
    LongFunction<ThreshSign> given = parts.trusted;
    TrustedProcessClient process =
        given == null && protocol.trusted()
            ? TrustedProcesses.forEpoch(
                part.folder(), home.provision(), manifest.epoch(), parts.jvm)
            : null;
    try {
      Protocol machine = protocol.create(settings);
      MessageCodec codec = protocol.codec(settings);
      ThreshSign subsystem =
          given != null && protocol.trusted() ? given.apply(manifest.epoch()) : process;
      RocksStore store = RocksStore.open(config.dataFolder(), settings);
      Witness witness =
          subsystem == null
              ? ownLog(manifest, part, store)
              : new Witness.TrustedCounters(subsystem);
      Node.Parts all =
          new Node.Parts(
              machine,
              codec,
              crypto,
              witness,
              application,
              manifest.keys(),
              later -> leftBehind(manifest, later));
      return supervised(Node.start(config, all, store), process);
    } catch (IOException | RuntimeException e) {
      if (process != null) {
        process.close();
      }
      throw e;
    }
  }

  private Life supervised(Node node, @Nullable TrustedProcessClient process) {
    Life begun = new Life(node, process);
    var _ =
        node.stopped()
            .whenComplete(
                (ending, cause) ->
                    Thread.ofPlatform()
                        .daemon()
                        .name("replica-" + replica + "-epochs")
                        .start(() -> ended(begun, ending, cause)));
    return begun;
  }

  /** Of a replica without a trusted subsystem; counts a start. The store is closed if it fails. */
  private Witness ownLog(ClusterManifest manifest, ClusterFolder.ReplicaPart part, RocksStore store)
      throws IOException {
    try {
      // The file must not outlive a log whose folder a power cut takes back.
      new DurableFile(part.data()).syncFolder();
      LogWitness.Key key = LogWitness.Key.of(manifest, replica);
      String lost = new LogWitness(part.folder(), store.identity(), key).begin();
      if (lost != null) {
        LOG.warn(
            "replica {} is an observer in epoch {}: {}. It executes and serves, and votes again under"
                + " the key of a new epoch (destiny reconfigure --rotate)",
            replica,
            manifest.epoch(),
            lost);
      }
      return new Witness.OwnLog(lost);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private void ended(Life over, @Nullable Ending ending, @Nullable Throwable cause) {
    if (ending == null) {
      stopped.completeExceptionally(
          cause == null ? new IllegalStateException("a node ends with a reason") : cause);
      return;
    }
    try {
      goOn(over, ending);
    } catch (NoMemberException e) {
      ended(e);
    } catch (IOException | RuntimeException e) {
      LOG.error("replica {} stops: {}", replica, e.getMessage());
      stopped.completeExceptionally(e);
    }
  }

  private synchronized void goOn(Life over, Ending ending) throws IOException {
    if (closing) {
      return;
    }
    long before = home.manifest().epoch();
    over.close();
    switch (ending) {
      case Ending.Closed _ -> {
        stopped.complete(null);
        return;
      }
      case Ending.BeginAgain _ -> {}
      case Ending.EpochOver e -> home.goOver(e);
      case Ending.LeftBehind l -> home.join(l.manifest());
    }
    life = begin();
    LOG.info(
        "replica {} begins again in epoch {} (before: {})",
        replica,
        home.manifest().epoch(),
        before);
  }

  /**
   * Whether a manifest that a peer shows says that this replica's epoch is over. That of the next
   * one does not: it may not have begun, and the state held here may be needed to begin it. One
   * further on does, since the administrators sign it when the one between is in force.
   */
  private static boolean leftBehind(ClusterManifest present, byte[] shown) {
    ClusterManifest later = present.successor(shown);
    return later != null && later.epoch() > present.epoch() + 1;
  }

  private BlsCrypto crypto(ClusterManifest manifest, ClusterFolder.ReplicaPart part) {
    try {
      BlsCrypto crypto = new BlsCrypto(manifest.keys(), replica, part.executionKey());
      if (!crypto.ownKeyFits()) {
        throw new ConfigException(
            "%s has no execution key of epoch %d: copy %s there from where `destiny reconfigure` ran"
                .formatted(
                    part.folder(),
                    manifest.epoch(),
                    ClusterFolder.epochFolder(part.folder(), manifest.epoch()).getFileName()));
      }
      return crypto;
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
    NodeConfig.Queues queues = parts.queues;
    try {
      return new NodeConfig(
          manifest.protocol(),
          manifest.settings(replica),
          peers,
          new NodeConfig.Bind(
              part.bind(), self.peerPort(), self.clientPort(), part.adminBind(), self.adminPort()),
          part.certificatePem(),
          part.keyPem(),
          part.data(),
          home.manifestBytes(),
          queues == null ? NodeConfig.Queues.defaults(peers.size()) : queues);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(part.folder() + ": " + e.getMessage(), e);
    }
  }

  /** The parts of a replica. A folder is needed; the rest has defaults. */
  public static final class Builder {
    private @Nullable ClusterFolder folder;
    private int replica;
    private @Nullable StateMachine application;
    private @Nullable LongFunction<ThreshSign> trusted;
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
     * Trusted subsystems of the embedder's, one for each epoch, which remain its own to close; the
     * replica's isolated processes if nothing is said. Not asked for in the BFT model.
     */
    public Builder trusted(LongFunction<ThreshSign> byEpoch) {
      trusted = byEpoch;
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
     * Starts the replica, and its trusted process if it has one and none answers.
     *
     * @throws ConfigException if the folder or the protocol cannot be used
     * @throws IOException if a port is taken, or the data or the trusted process cannot be used:
     *     one sentence for the operator
     */
    public DestinyReplica start() throws IOException {
      ClusterFolder cluster = Objects.requireNonNull(folder, "a replica needs a cluster's folder");
      return new DestinyReplica(copy(), ReplicaHome.open(cluster, replica));
    }

    private Builder copy() {
      Builder copy = new Builder();
      copy.folder = folder;
      copy.replica = replica;
      copy.application = application;
      copy.trusted = trusted;
      copy.queues = queues;
      copy.jvm = jvm;
      return copy;
    }
  }
}
