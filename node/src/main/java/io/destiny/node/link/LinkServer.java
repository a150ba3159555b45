package io.destiny.node.link;

import io.destiny.node.NodeConfig;
import io.destiny.node.loop.Quota;
import io.destiny.wire.WireLimits;
import io.destiny.wire.replica.LinkAnswer;
import io.destiny.wire.replica.ReplicaFrame;
import io.destiny.wire.replica.ReplicaLinkGrpc;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** The peer port. Who a stream comes from is what its certificate says. */
final class LinkServer {
  private static final Context.Key<Integer> PEER = Context.key("peer");
  private static final long HELLO_SECONDS = 10;

  private final LinkContext context;
  private final PeerPins pins;
  private final Server server;
  private final Quota[][] quotas;
  private final AtomicReferenceArray<@Nullable InboundStream> streams;

  LinkServer(LinkContext context, NodeConfig config, PeerPins pins, TlsContexts tls) {
    this.context = context;
    this.pins = pins;
    int n = config.settings().n();
    this.streams = new AtomicReferenceArray<>(n * LaneName.COUNT);
    this.quotas = new Quota[n][LaneName.COUNT];
    NodeConfig.Queues queues = config.queues();
    for (Quota[] ofPeer : quotas) {
      for (int lane = 0; lane < ofPeer.length; lane++) {
        ofPeer[lane] = new Quota(queues.inboundMessages(), queues.inboundBytes());
      }
    }
    NodeConfig.Bind bind = config.bind();
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress(bind.host(), bind.peerPort()))
            .channelType(NioServerSocketChannel.class)
            .bossEventLoopGroup(context.events())
            .workerEventLoopGroup(context.events())
            .directExecutor()
            .sslContext(tls.peerServer(pins, context.self()))
            .maxConcurrentCallsPerConnection(4)
            .maxRstFramesPerWindow(100, 10)
            .maxInboundMetadataSize(8192)
            .maxInboundMessageSize(WireLimits.maxFrameBytes(context.maxMessageBytes()))
            .flowControlWindow(1 << 20)
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .keepAliveTime(20, TimeUnit.SECONDS)
            .keepAliveTimeout(10, TimeUnit.SECONDS)
            .maxConnectionIdle(60, TimeUnit.SECONDS)
            .intercept(new Identify())
            .addService(new Service())
            .build();
  }

  /** Starts to listen. */
  void start() throws IOException {
    server.start();
  }

  int port() {
    return server.getPort();
  }

  Quota quota(int peer, LaneName lane) {
    return quotas[peer][lane.index()];
  }

  /** A stream has said hello: it replaces an older one of the same peer and lane. */
  void greeted(InboundStream stream, int peer, LaneName lane) {
    InboundStream older = streams.getAndSet(index(peer, lane), stream);
    if (older != null) {
      older.refuse("replaced");
    }
  }

  void ended(InboundStream stream, int peer, @Nullable LaneName lane) {
    if (lane != null) {
      streams.compareAndSet(index(peer, lane), stream, null);
    }
  }

  private static int index(int peer, LaneName lane) {
    return peer * LaneName.COUNT + lane.index();
  }

  void close() {
    server.shutdownNow();
  }

  /** Waits until the closed connections are gone. */
  void awaitEnd(long deadline) {
    try {
      server.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int peerOf(@Nullable SSLSession session) {
    try {
      Certificate[] chain = session == null ? new Certificate[0] : session.getPeerCertificates();
      return chain.length > 0 && chain[0] instanceof X509Certificate certificate
          ? pins.replicaOf(certificate)
          : -1;
    } catch (SSLPeerUnverifiedException e) {
      return -1;
    }
  }

  /** Puts the certificate's replica into the call's context. */
  private final class Identify implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      int peer = peerOf(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
      if (peer < 0 || peer == context.self()) {
        context.metrics().refused("certificate");
        call.close(Status.UNAUTHENTICATED, new Metadata());
        return new ServerCall.Listener<>() {};
      }
      return Contexts.interceptCall(Context.current().withValue(PEER, peer), call, headers, next);
    }
  }

  private final class Service extends ReplicaLinkGrpc.ReplicaLinkImplBase {
    @Override
    public StreamObserver<ReplicaFrame> link(StreamObserver<LinkAnswer> answers) {
      InboundStream stream =
          new InboundStream(
              context, LinkServer.this, PEER.get(), (ServerCallStreamObserver<LinkAnswer>) answers);
      stream.open();
      var _ =
          context
              .events()
              .schedule(
                  () -> {
                    if (!stream.greeted()) {
                      stream.refuse("no hello");
                    }
                  },
                  HELLO_SECONDS,
                  TimeUnit.SECONDS);
      return stream;
    }
  }
}
