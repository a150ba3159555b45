package io.destiny.node.link;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.MessageCodec;
import io.destiny.node.NodeConfig;
import io.destiny.node.loop.Inbox;
import io.destiny.node.loop.Network;
import io.destiny.node.loop.ThreadStarter;
import io.destiny.node.metrics.NodeMetrics;
import io.destiny.wire.WireLimits;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All links of a node: the port where peers come in, and two lanes out to each of them. */
public final class Links implements Network {
  private static final Logger LOG = LoggerFactory.getLogger(Links.class);

  private static final long CLOSING_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final LinkContext context;
  private final EventLoopGroup events;
  private final ExecutorService workers;
  private final LinkServer server;
  private final List<OutboundLane> lanes = new ArrayList<>();
  private final OutboundLane[][] byPeer;

  /**
   * Where what comes in goes.
   *
   * @param codec thread-safe, as its contract says
   * @param later takes manifests of later epochs that peers show
   */
  public record Ways(MessageCodec codec, Inbox inbox, Consumer<byte[]> later) {}

  public Links(NodeConfig config, Ways ways, ThreadStarter threads, NodeMetrics metrics) {
    int cores = Math.max(2, Runtime.getRuntime().availableProcessors());
    events =
        new MultiThreadIoEventLoopGroup(cores, threads.factory("link"), NioIoHandler.newFactory());
    workers = threads.pool("bulk", cores);
    context =
        new LinkContext(
            config.settings(),
            ByteString.copyFrom(config.manifest()),
            ways.later(),
            ways.codec(),
            ways.inbox(),
            events,
            workers,
            new LinkMetrics(metrics));
    PeerPins pins = new PeerPins(config.peers().stream().map(NodeConfig.Endpoint::pin).toList());
    TlsContexts tls = new TlsContexts(config.certificatePem(), config.keyPem());
    server = new LinkServer(context, config, pins, tls);
    byPeer = new OutboundLane[config.settings().n()][];
    for (int peer = 0; peer < byPeer.length; peer++) {
      byPeer[peer] =
          peer == context.self()
              ? new OutboundLane[0]
              : lanes(config, peer, tls.peerClient(pins, peer));
      lanes.addAll(List.of(byPeer[peer]));
    }
  }

  private OutboundLane[] lanes(NodeConfig config, int peer, SslContext tls) {
    NodeConfig.Queues queues = config.queues();
    OutboundLane[] made = new OutboundLane[LaneName.COUNT];
    for (LaneName lane : LaneName.values()) {
      made[lane.index()] =
          new OutboundLane(
              context,
              peer,
              lane,
              channel(config.peers().get(peer), peer, tls),
              new OutboundQueue(queues.outboundMessages(), queues.outboundBytes()));
    }
    return made;
  }

  private ManagedChannel channel(NodeConfig.Endpoint endpoint, int peer, SslContext tls) {
    return NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
        .channelType(NioSocketChannel.class)
        .eventLoopGroup(events)
        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, 3000)
        .withOption(ChannelOption.TCP_NODELAY, true)
        .directExecutor()
        .sslContext(tls)
        .overrideAuthority("replica-" + peer)
        .proxyDetector(address -> null)
        .maxInboundMessageSize(WireLimits.MAX_MANIFEST_BYTES + 4096)
        .maxInboundMetadataSize(8192)
        .keepAliveTime(10, TimeUnit.SECONDS)
        .keepAliveTimeout(5, TimeUnit.SECONDS)
        .disableRetry()
        .build();
  }

  /**
   * Listens, and connects to all peers.
   *
   * @throws IOException if the port cannot be had
   */
  public void start() throws IOException {
    server.start();
    lanes.forEach(OutboundLane::connect);
  }

  /** Where this node listens for peers. */
  public int port() {
    return server.port();
  }

  /** Peers to whom both lanes stand. */
  public int connectedPeers() {
    int connected = 0;
    for (OutboundLane[] ofPeer : byPeer) {
      boolean all = ofPeer.length > 0;
      for (OutboundLane lane : ofPeer) {
        all &= lane.connected();
      }
      connected += all ? 1 : 0;
    }
    return connected;
  }

  @Override
  public void send(int to, Message message) {
    if (to == context.self()) {
      return;
    }
    ByteString encoded = encode(message);
    if (encoded.size() <= context.maxMessageBytes()) {
      context.metrics().offered(message.kind());
      byPeer[to][LaneName.of(message.bulk()).index()].offer(encoded);
    }
  }

  @Override
  public void broadcast(Message message) {
    ByteString encoded = encode(message);
    if (encoded.size() > context.maxMessageBytes()) {
      return;
    }
    context.metrics().offered(message.kind());
    int lane = LaneName.of(message.bulk()).index();
    for (OutboundLane[] ofPeer : byPeer) {
      if (ofPeer.length > 0) {
        ofPeer[lane].offer(encoded);
      }
    }
  }

  /** The bytes, which nobody changes any more. */
  private ByteString encode(Message message) {
    byte[] bytes = context.codec().encode(message, context.self());
    if (bytes.length > context.maxMessageBytes()) {
      LOG.error("a {} of {} bytes is over the limit and is not sent", message.kind(), bytes.length);
      context.metrics().refused("own message over the limit");
    }
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  @Override
  public void flush() {
    for (OutboundLane lane : lanes) {
      lane.flush();
    }
  }

  /** Ends all streams. */
  public void close() {
    lanes.forEach(OutboundLane::close);
    server.close();
    // connections that are being made still need the threads that are ended next
    long deadline = System.nanoTime() + CLOSING_NANOS;
    lanes.forEach(lane -> lane.awaitEnd(deadline));
    server.awaitEnd(deadline);
    ThreadStarter.close(workers);
    var _ = events.shutdownGracefully(0, 2, TimeUnit.SECONDS);
  }
}
