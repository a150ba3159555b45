package io.destiny.client;

import io.destiny.core.crypto.CryptoProvider;
import io.destiny.crypto.BlsCrypto;
import io.destiny.crypto.ClientSigner;
import io.destiny.crypto.PublicKeys;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A client of one cluster: asynchronous, thread-safe, with two threads of its own however many
 * requests are under way.
 *
 * <p>A request is signed once and sent to its session's home replica; without an answer the same
 * bytes go to all replicas, and the replicated client table lets it take effect once. While a home
 * leaves requests unanswered, new ones go to f others with it at once. A success is what f+1
 * replicas vouch for, never the word of fewer.
 */
public final class DestinyClient implements AutoCloseable {
  private final PublicKeys keys;
  private final ClientOptions options;
  private final ClientLoop loop;
  private final SessionPool pool;
  private final EventLoopGroup network;
  private final ConcurrentMap<Integer, Session> sessions = new ConcurrentHashMap<>();

  private DestinyClient(
      ClusterDescription cluster,
      Function<PublicKeys, CryptoProvider> crypto,
      Successors successors,
      UnaryOperator<byte[]> signer,
      ClientOptions options) {
    this.keys = cluster.keys();
    this.options = options;
    if (options.firstSession() + (long) options.sessions() > keys.maxSessions()) {
      throw new IllegalArgumentException(
          "the cluster allows sessions 0 to %d".formatted(keys.maxSessions() - 1));
    }
    this.network =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("destiny-client-net", true), NioIoHandler.newFactory());
    this.loop =
        new ClientLoop(cluster, new ClientLoop.Ways(crypto, successors, network), signer, options);
    List<Session> pooled = new ArrayList<>(options.sessions());
    for (int i = 0; i < options.sessions(); i++) {
      pooled.add(newSession(options.firstSession() + i, true));
    }
    this.pool = new SessionPool(loop, pooled, options.maxQueued());
    loop.start(pool);
  }

  /**
   * A client that opens its connections when they are needed.
   *
   * @throws IllegalArgumentException if the options do not fit the cluster
   */
  public static DestinyClient connect(
      ClusterDescription cluster, ClientSigner signer, ClientOptions options) {
    return connect(cluster, Successors.NONE, signer, options);
  }

  /**
   * The same, one that goes on in later epochs of the cluster: what is under way then is sent
   * again, byte for byte.
   *
   * @throws IllegalArgumentException if the options do not fit the cluster
   */
  public static DestinyClient connect(
      ClusterDescription cluster,
      Successors successors,
      ClientSigner signer,
      ClientOptions options) {
    return new DestinyClient(cluster, BlsCrypto::new, successors, signer::sign, options);
  }

  static DestinyClient connect(
      ClusterDescription cluster,
      CryptoProvider crypto,
      UnaryOperator<byte[]> signer,
      ClientOptions options) {
    return new DestinyClient(cluster, keys -> crypto, Successors.NONE, signer, options);
  }

  private Session newSession(int number, boolean pooled) {
    long client = (long) options.principal() << 32 | number;
    return new Session(loop, client, pooled);
  }

  /**
   * A session outside the pool. It must not be used by two clients at a time: the one with the
   * lower timestamp would get STALE.
   *
   * @throws IllegalArgumentException if the cluster does not allow it, or the pool has it
   */
  public Session session(int number) {
    boolean pooled =
        number >= options.firstSession() && number < options.firstSession() + options.sessions();
    if (number < 0 || number >= keys.maxSessions() || pooled) {
      throw new IllegalArgumentException(
          pooled
              ? "session " + number + " belongs to the pool"
              : "the cluster allows sessions 0 to " + (keys.maxSessions() - 1));
    }
    return sessions.computeIfAbsent(number, i -> newSession(i, false));
  }

  /**
   * Sends the commands as one request over any free session of the pool, see {@link
   * Session#submit}. Requests of different calls may be ordered in any way.
   */
  public CompletableFuture<Answer> submit(List<byte[]> commands) {
    return pool.submit(commands);
  }

  /** What was done so far; a moment behind at most. */
  public ClientCounters counters() {
    return loop.counters();
  }

  /** Ends what is under way with {@link Answer.Closed}, and all connections. */
  @Override
  public void close() {
    loop.close();
    network.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
  }
}
