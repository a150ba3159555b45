package io.destiny.node;

import io.destiny.core.app.StateMachine;
import io.destiny.core.crypto.ClientRegistry;
import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.MessageCodec;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Status;
import io.destiny.core.trusted.ThreshSign;
import io.destiny.node.gateway.Gateway;
import io.destiny.node.link.Links;
import io.destiny.node.link.TlsContexts;
import io.destiny.node.loop.CryptoPool;
import io.destiny.node.loop.Inbox;
import io.destiny.node.loop.ReplicaLoop;
import io.destiny.node.loop.ThreadStarter;
import io.destiny.node.metrics.AdminServer;
import io.destiny.node.metrics.NodeMetrics;
import io.destiny.node.storage.Recovery;
import io.destiny.node.storage.Store;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running replica. */
public final class Node implements AutoCloseable {
  /**
   * How long one that is no member of the next epoch stays in its own: those left behind there may
   * have nobody else to be brought to its end by.
   */
  public static final int FAREWELL_SECONDS = 10;

  private static final Logger LOG = LoggerFactory.getLogger(Node.class);

  private final NodeConfig config;
  private final Store store;
  private final Witness witness;
  private final ReplicaLoop loop;
  private final Links links;
  private final Gateway gateway;
  private final CryptoPool crypto;
  private final AdminServer admin;
  private final ThreadStarter threads;
  private final AtomicBoolean closing = new AtomicBoolean();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final AtomicReference<@Nullable Ending> ending = new AtomicReference<>();
  private final CompletableFuture<Ending> stopped = new CompletableFuture<>();

  /** What the embedder gives. */
  public record Parts(
      Protocol protocol,
      MessageCodec codec,
      CryptoProvider crypto,
      Witness witness,
      StateMachine application,
      ClientRegistry clients,
      Successors successors) {}

  private Node(NodeConfig config, Parts parts, ThreshSign trusted, Store store) throws IOException {
    this.config = config;
    this.store = store;
    this.witness = parts.witness;
    this.threads = new ThreadStarter(config.settings().self(), this::fail);
    // before anything that would have to be closed again
    new TlsContexts(config.certificatePem(), config.keyPem()).check();
    NodeMetrics metrics = new NodeMetrics();
    Inbox inbox = new Inbox();
    int cores = Math.max(2, Runtime.getRuntime().availableProcessors());
    crypto = new CryptoPool(parts.crypto, inbox, metrics, threads, cores);
    links =
        new Links(
            config,
            new Links.Ways(parts.codec, inbox, new Later(parts.successors, this::leave)),
            threads,
            metrics);
    gateway = new Gateway(config, new Gateway.Ways(parts.clients, inbox, crypto), threads, metrics);
    loop =
        new ReplicaLoop(
            new ReplicaLoop.Parts(parts.protocol, trusted, parts.application, store),
            new ReplicaLoop.Ways(links, gateway, this::leave),
            inbox,
            new ReplicaLoop.Service(crypto, threads, metrics));
    StatusPages pages = new StatusPages(this, config);
    new StatusMetrics(this, pages).register(metrics);
    admin = admin(metrics, pages);
  }

  private AdminServer admin(NodeMetrics metrics, StatusPages pages) throws IOException {
    NodeConfig.Bind bind = config.bind();
    try {
      return new AdminServer(
          new InetSocketAddress(bind.adminHost(), bind.adminPort()),
          metrics,
          pages,
          Executors.newFixedThreadPool(2, threads.factory("admin")));
    } catch (IOException e) {
      links.close();
      gateway.close();
      throw cannotListen("operators", bind.adminHost(), bind.adminPort(), e);
    }
  }

  /**
   * Loads the newest checkpoint into the application, and starts.
   *
   * @param store of the data folder; closed with the node, also if this fails
   * @throws IOException if the folder is damaged, or a port is taken: the message is one sentence
   *     for the operator
   * @throws IllegalArgumentException if the certificate or key cannot be read
   */
  public static Node start(NodeConfig config, Parts parts, Store store) throws IOException {
    Node node = null;
    try {
      ThreshSign trusted =
          switch (parts.witness) {
            case Witness.TrustedCounters w -> w.subsystem();
            case Witness.OwnLog w -> new NoTrustedSubsystem(w.lost() == null);
          };
      Input.Started started =
          new Input.Started(
              store.log().load(),
              (instance, counter) -> counter(trusted, instance, counter),
              Recovery.load(store.checkpoints(), parts.application),
              Recovery.earlier(store.checkpoints()));
      node = new Node(config, parts, trusted, store);
      node.begin(started);
      return node;
    } catch (IOException | RuntimeException e) {
      if (node != null) {
        node.shutDown();
      } else {
        store.close();
      }
      throw e;
    }
  }

  private static long counter(ThreshSign trusted, int instance, int counter) {
    try {
      return trusted.read(instance, counter);
    } catch (IllegalStateException e) {
      LOG.warn("the trusted subsystem does not answer: {}", e.getMessage());
      return -1;
    }
  }

  private void begin(Input.Started started) throws IOException {
    crypto.start();
    listen("replicas", config.bind().host(), config.bind().peerPort(), links::start);
    listen("clients", config.bind().host(), config.bind().clientPort(), gateway::start);
    admin.start();
    // Last: a protocol that stops the replica at once ends what has begun, not what is about to.
    // What arrived
    // meanwhile waits behind its first input.
    loop.start(started);
  }

  private interface Listening {
    void start() throws IOException;
  }

  private static void listen(String whom, String host, int port, Listening listening)
      throws IOException {
    try {
      listening.start();
    } catch (IOException e) {
      throw cannotListen(whom, host, port, e);
    }
  }

  private static IOException cannotListen(String whom, String host, int port, IOException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return new IOException(
        "cannot listen for %s on %s:%d: %s".formatted(whom, host, port, reason), e);
  }

  /** Called by whichever thread finds that this replica must not go on. */
  private void fail(Throwable cause) {
    if (failure.compareAndSet(null, cause)) {
      LOG.error("replica {} stops", config.settings().self(), cause);
      // the caller may be one of the threads that have to end
      threads.thread("stop", this::shutDown).start();
    }
  }

  /** Called by whichever thread learns that this replica's epoch goes on elsewhere. */
  private void leave(Ending why) {
    if (ending.compareAndSet(null, why)) {
      boolean leaves =
          why instanceof Ending.EpochOver over && config.settings().self() >= over.next().n();
      threads.thread("stop", leaves ? this::sayFarewell : this::shutDown).start();
    }
  }

  /** Goes on answering replicas for a while; clients find those who are in the next epoch. */
  private void sayFarewell() {
    LOG.info("replica {} leaves, and stays for those left behind", config.settings().self());
    gateway.close();
    try {
      var _ = stopped.handle((done, cause) -> true).get(FAREWELL_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      LOG.debug("replica {} has stayed long enough", config.settings().self(), e);
    }
    shutDown();
  }

  /**
   * What the protocol says of itself, at most a moment old.
   *
   * @throws IllegalStateException if the replica has stopped or does not answer within a second
   */
  public Status status() {
    return picture().status();
  }

  /**
   * The same with each instance.
   *
   * @throws IllegalStateException if the replica has stopped or does not answer within a second
   */
  ReplicaLoop.Picture picture() {
    try {
      return loop.picture().copy().orTimeout(1, TimeUnit.SECONDS).join();
    } catch (CompletionException | CancellationException e) {
      throw new IllegalStateException("the replica does not answer", e);
    }
  }

  /**
   * Completes when the replica has stopped: with the reason, or exceptionally if it found that it
   * must not go on, since a replica with doubtful state does not vote.
   */
  public CompletableFuture<Ending> stopped() {
    return stopped.copy();
  }

  /** How many other replicas this one has both lanes to. */
  public int connectedPeers() {
    return links.connectedPeers();
  }

  /** Why this replica stopped itself, or null. */
  @Nullable Throwable failure() {
    return failure.get();
  }

  Witness witness() {
    return witness;
  }

  /** The port for replicas. */
  public int peerPort() {
    return links.port();
  }

  /** The port for clients. */
  public int clientPort() {
    return gateway.port();
  }

  /** The port of the admin pages. */
  public int adminPort() {
    return admin.port();
  }

  private void shutDown() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    gateway.close();
    links.close();
    loop.close();
    store.close();
    admin.close();
    Throwable cause = failure.get();
    if (cause == null) {
      Ending why = ending.get();
      stopped.complete(why == null ? new Ending.Closed() : why);
    } else {
      stopped.completeExceptionally(cause);
    }
  }

  /**
   * Stops cleanly: what was recorded is durable when this returns, unless the replica had stopped
   * itself. Idempotent.
   */
  @Override
  public void close() {
    shutDown();
    try {
      stopped.handle((done, cause) -> true).get(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("replica {} did not stop in time", config.settings().self(), e);
    }
  }
}
