package io.destiny.node.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.destiny.core.crypto.ClientRegistry;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.node.NodeConfig;
import io.destiny.node.gateway.GatewayMetrics.Outcome;
import io.destiny.node.gateway.RequestVerifier.Candidate;
import io.destiny.node.link.TlsContexts;
import io.destiny.node.loop.CryptoPool;
import io.destiny.node.loop.Inbox;
import io.destiny.node.loop.Quota;
import io.destiny.node.loop.Replies;
import io.destiny.node.loop.ThreadStarter;
import io.destiny.node.metrics.NodeMetrics;
import io.destiny.wire.WireLimits;
import io.destiny.wire.client.ClientFrame;
import io.destiny.wire.client.ClientHello;
import io.destiny.wire.client.GatewayGrpc;
import io.destiny.wire.client.Notice;
import io.destiny.wire.client.ServerFrame;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The client port. A request goes: room in the quota, decoder, enrolled client, signature, loop;
 * whatever stops it is told to the client as a typed notice.
 */
public final class Gateway implements Replies {
  private static final long HELLO_SECONDS = 10;
  private static final long CLOSING_SECONDS = 3;

  private final Settings settings;
  private final NodeConfig.Queues queues;
  private final ByteString manifest;
  private final ClientRegistry clients;
  private final Inbox inbox;
  private final Quota quota;
  private final GatewayMetrics metrics;
  private final RequestVerifier verifier;
  private final EventLoopGroup events;
  private final ExecutorService workers;
  private final Server server;
  private final ClientDirectory directory = new ClientDirectory();
  private final AtomicInteger connections = new AtomicInteger();
  private final ConcurrentLinkedQueue<ClientConnection> answered = new ConcurrentLinkedQueue<>();

  /** Where verified requests go, and who verifies them. */
  public record Ways(ClientRegistry clients, Inbox inbox, CryptoPool crypto) {}

  public Gateway(NodeConfig config, Ways ways, ThreadStarter threads, NodeMetrics all) {
    settings = config.settings();
    queues = config.queues();
    manifest = ByteString.copyFrom(config.manifest());
    clients = ways.clients();
    inbox = ways.inbox();
    quota = new Quota(queues.clientRequests(), queues.clientBytes());
    metrics = new GatewayMetrics(all);
    int cores = Math.max(2, Runtime.getRuntime().availableProcessors());
    verifier = new RequestVerifier(ways.crypto(), this::decided, cores);
    events =
        new MultiThreadIoEventLoopGroup(
            cores, threads.factory("gateway"), NioIoHandler.newFactory());
    workers = threads.pool("replies", cores);
    all.watch("gateway_waiting", "Requests that are verified or wait for it", quota::waiting);
    NodeConfig.Bind bind = config.bind();
    TlsContexts tls = new TlsContexts(config.certificatePem(), config.keyPem());
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(bind.host(), bind.clientPort()))
            .channelType(NioServerSocketChannel.class)
            .bossEventLoopGroup(events)
            .workerEventLoopGroup(events)
            .directExecutor()
            .sslContext(tls.clientServer())
            .maxConcurrentCallsPerConnection(16)
            .maxRstFramesPerWindow(100, 10)
            .maxInboundMetadataSize(8192)
            .maxInboundMessageSize(
                WireLimits.maxFrameBytes(settings.limits().maxOperationBytes() + 4096))
            .flowControlWindow(1 << 20)
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .keepAliveTime(60, TimeUnit.SECONDS)
            .keepAliveTimeout(20, TimeUnit.SECONDS)
            .maxConnectionIdle(60, TimeUnit.SECONDS)
            .addService(new Service())
            .build();
  }

  /**
   * Starts to listen.
   *
   * @throws IOException if the port cannot be had
   */
  public void start() throws IOException {
    server.start();
  }

  /** Where this node listens for clients. */
  public int port() {
    return server.getPort();
  }

  GatewayMetrics metrics() {
    return metrics;
  }

  Executor workers() {
    return workers;
  }

  /** What is wrong in a hello, or null. */
  @Nullable String wrongIn(ClientHello hello) {
    if (hello.getWireVersion() != WireLimits.VERSION) {
      return "this replica speaks version " + WireLimits.VERSION;
    }
    if (!hello.getCluster().equals(cluster())) {
      return "this replica is of another cluster";
    }
    long epoch = settings.domain().epoch();
    return Integer.toUnsignedLong(hello.getEpoch()) == epoch
        ? null
        : "this cluster is in epoch " + epoch;
  }

  private ByteString cluster() {
    return UnsafeByteOperations.unsafeWrap(settings.domain().cluster());
  }

  /** The manifest to show to who says this hello: empty unless it is of an earlier epoch. */
  ByteString manifestFor(ClientHello hello) {
    boolean ours = hello.getCluster().equals(cluster());
    long claimed = Integer.toUnsignedLong(hello.getEpoch());
    return ours && claimed < settings.domain().epoch() ? manifest : ByteString.EMPTY;
  }

  /** Takes one encoded request, or answers why not. Never throws on account of its bytes. */
  void take(ByteString encoded, ClientConnection from) {
    byte[] bytes = encoded.toByteArray();
    long client = 0;
    long timestamp = 0;
    Outcome outcome;
    try {
      Reader names = new Reader(bytes);
      client = names.u64();
      timestamp = names.u64();
      outcome = consider(bytes, from);
    } catch (MalformedException e) {
      outcome = Outcome.MALFORMED;
    }
    if (outcome != null) {
      tell(outcome, client, timestamp, from);
    }
  }

  /** What became of the request, or null if that is not known yet. */
  private @Nullable Outcome consider(byte[] bytes, ClientConnection from)
      throws MalformedException {
    if (from.throttled()) {
      return Outcome.THROTTLED;
    }
    if (!quota.tryTake(bytes.length)) {
      return Outcome.BUSY;
    }
    boolean taken = false;
    try {
      Reader r = new Reader(bytes);
      Request request = Request.decode(settings.domain(), r, settings.limits().maxOperationBytes());
      r.end();
      if (!clients.enrolled(request.client())) {
        return Outcome.UNKNOWN_CLIENT;
      }
      Candidate candidate = new Candidate(request, from, bytes.length);
      RequestVerifier.Intake intake = verifier.take(candidate);
      taken = intake != RequestVerifier.Intake.DUPLICATE;
      return switch (intake) {
        case CHECKED -> null;
        case DUPLICATE -> Outcome.DUPLICATE;
        case KNOWN -> {
          submit(candidate);
          yield Outcome.REPEATED;
        }
      };
    } finally {
      if (!taken) {
        quota.give(bytes.length);
      }
    }
  }

  private void tell(Outcome outcome, long client, long timestamp, ClientConnection to) {
    metrics.request(outcome);
    Notice.Code code = code(outcome);
    if (code != null) {
      to.offer(ClientConnection.notice(code, client, timestamp, ""));
    }
  }

  private static Notice.@Nullable Code code(Outcome outcome) {
    return switch (outcome) {
      case BUSY, THROTTLED -> Notice.Code.BUSY;
      case MALFORMED -> Notice.Code.MALFORMED;
      case UNKNOWN_CLIENT -> Notice.Code.UNKNOWN_CLIENT;
      case BAD_SIGNATURE -> Notice.Code.BAD_SIGNATURE;
      case ACCEPTED, REPEATED, DUPLICATE -> null;
    };
  }

  private void decided(Candidate candidate, boolean valid) {
    if (valid) {
      metrics.request(Outcome.ACCEPTED);
      submit(candidate);
      return;
    }
    quota.give(candidate.bytes());
    Request request = candidate.request();
    ClientConnection from = candidate.connection();
    tell(Outcome.BAD_SIGNATURE, request.client(), request.timestamp(), from);
    from.penalise();
    from.flush();
  }

  private void submit(Candidate candidate) {
    directory.seen(candidate.request().client(), candidate.connection());
    inbox.outside(new Input.Submitted(candidate.request()), quota, candidate.bytes());
  }

  @Override
  public void answer(Reply reply) {
    List<ClientConnection> there = directory.of(reply.client());
    metrics.reply(!there.isEmpty());
    for (ClientConnection connection : there) {
      connection.offer(reply);
      answered.add(connection);
    }
  }

  @Override
  public void flush() {
    ClientConnection connection = answered.poll();
    while (connection != null) {
      connection.flush();
      connection = answered.poll();
    }
  }

  void gone(ClientConnection connection) {
    directory.gone(connection);
    metrics.connections(connections.decrementAndGet());
  }

  /** Ends all streams. */
  public void close() {
    server.shutdownNow();
    awaitEnd();
    ThreadStarter.close(workers);
    var _ = events.shutdownGracefully(0, 2, TimeUnit.SECONDS);
  }

  /** The port is free for a successor when the server has ended. */
  private void awaitEnd() {
    try {
      server.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Service extends GatewayGrpc.GatewayImplBase {
    @Override
    public StreamObserver<ClientFrame> connect(StreamObserver<ServerFrame> answers) {
      ClientConnection connection =
          new ClientConnection(
              Gateway.this,
              (ServerCallStreamObserver<ServerFrame>) answers,
              new OutboundReplies(queues.clientReplies(), queues.clientReplyBytes()));
      int open = connections.incrementAndGet();
      metrics.connections(open);
      connection.open();
      if (open > queues.connections()) {
        connection.cut("too many connections");
      }
      var _ =
          events.schedule(
              () -> {
                if (!connection.greeted()) {
                  connection.cut("no hello");
                }
              },
              HELLO_SECONDS,
              TimeUnit.SECONDS);
      return connection;
    }
  }
}
