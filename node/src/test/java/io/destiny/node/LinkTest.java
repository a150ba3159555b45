package io.destiny.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Message;
import io.destiny.node.toy.Certificates;
import io.destiny.node.toy.Eventually;
import io.destiny.node.toy.RawStream;
import io.destiny.node.toy.ToyCluster;
import io.destiny.node.toy.ToyMessage;
import io.destiny.node.toy.ToyProtocol;
import io.destiny.wire.WireLimits;
import io.destiny.wire.replica.Lane;
import io.destiny.wire.replica.LinkAnswer;
import io.destiny.wire.replica.ReplicaFrame;
import io.destiny.wire.replica.ReplicaHello;
import io.destiny.wire.replica.ReplicaLinkGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may talk to a replica, and what a bad peer can do to it: nothing. */
class LinkTest {
  @TempDir private Path folder;

  private ToyCluster cluster;
  private ToyProtocol protocol;
  private ToyReplica replica;

  @BeforeEach
  void start() throws IOException {
    cluster = new ToyCluster(folder, 3);
    protocol = ToyProtocol.silent();
    replica = ToyReplica.start(cluster, 0, protocol);
  }

  @AfterEach
  void stillAlive() {
    assertThat(replica.node.stopped()).isNotDone();
    assertThat(replica.node.status().executed()).isEqualTo(7);
    replica.close();
  }

  private RawStream<ReplicaFrame, LinkAnswer> stream(ManagedChannel channel) {
    return RawStream.open(channel, (c, answers) -> ReplicaLinkGrpc.newStub(c).link(answers));
  }

  private RawStream<ReplicaFrame, LinkAnswer> stream(Certificates identity) {
    return stream(RawStream.channel(replica.node.peerPort(), identity));
  }

  private static ReplicaHello.Builder hello(int claimed) {
    return ReplicaHello.newBuilder()
        .setWireVersion(WireLimits.VERSION)
        .setCluster(ByteString.copyFrom(ToyCluster.DOMAIN.cluster()))
        .setEpoch(5)
        .setReplica(claimed)
        .setLane(Lane.LANE_CONTROL);
  }

  private static ReplicaFrame frame(ReplicaHello.Builder hello) {
    return ReplicaFrame.newBuilder().setHello(hello).build();
  }

  private static ByteString encoded(int sender, String kind, long number) {
    return ByteString.copyFrom(ToyMessage.CODEC.encode(ToyMessage.small(kind, number), sender));
  }

  private static ReplicaFrame messages(ByteString... messages) {
    return ReplicaFrame.newBuilder().addAllMessages(List.of(messages)).build();
  }

  private static Status.Code end(RawStream<?, ?> stream) {
    try {
      return stream.ended.get(20, TimeUnit.SECONDS).getCode();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void expectRefused(RawStream<ReplicaFrame, LinkAnswer> stream, String reason) {
    assertThat(end(stream)).isEqualTo(Status.Code.OK);
    assertThat(stream.answers).extracting(LinkAnswer::getRefused).containsExactly(reason);
    assertThat(Pages.metric(replica.node, "destiny_link_refused_total{reason=\"" + reason + "\"}"))
        .isEqualTo(1);
    assertThat(protocol.received()).isEmpty();
  }

  @Test
  void aKnownPeerIsHeard() {
    try (var stream = stream(cluster.certificate(1))) {
      stream.send(frame(hello(1)));
      stream.send(messages(encoded(1, "a", 1), encoded(1, "b", 2)));
      Eventually.until("both messages", () -> protocol.received().size() == 2);
      assertThat(protocol.inputs(Input.Received.class))
          .extracting(Input.Received::from)
          .containsOnly(1);
      Eventually.until("the acceptance", () -> !stream.answers.isEmpty());
      assertThat(stream.answers).containsExactly(LinkAnswer.getDefaultInstance());
    }
  }

  @Test
  void strangersDoNotGetThroughTheHandshake() {
    for (Certificates stranger :
        new Certificates[] {
          null, Certificates.valid("replica-1"), cluster.certificate(0),
        }) {
      try (var stream = stream(stranger)) {
        stream.send(frame(hello(1)));
        stream.send(messages(encoded(1, "a", 1)));
        assertThat(end(stream)).isEqualTo(Status.Code.UNAVAILABLE);
      }
    }
    assertThat(protocol.received()).isEmpty();
  }

  @Test
  void anExpiredCertificateIsRefusedThoughItsPinIsRight() throws IOException {
    replica.close();
    cluster.replace(1, Certificates.expired("replica-1"));
    replica = ToyReplica.start(cluster, 0, protocol);
    try (var stream = stream(cluster.certificate(1))) {
      stream.send(frame(hello(1)));
      assertThat(end(stream)).isEqualTo(Status.Code.UNAVAILABLE);
    }
  }

  @Test
  void plainTextAndOldTlsAreRefused() throws Exception {
    int port = replica.node.peerPort();
    try (var stream =
        stream(NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build())) {
      stream.send(frame(hello(1)));
      assertThat(end(stream)).isEqualTo(Status.Code.UNAVAILABLE);
    }
    Certificates one = cluster.certificate(1);
    SslContext old =
        GrpcSslContexts.forClient()
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .keyManager(one.certificate(), one.key())
            .protocols("TLSv1.2")
            .build();
    try (var stream =
        stream(NettyChannelBuilder.forAddress("127.0.0.1", port).sslContext(old).build())) {
      stream.send(frame(hello(1)));
      assertThat(end(stream)).isEqualTo(Status.Code.UNAVAILABLE);
    }
    assertThat(protocol.received()).isEmpty();
  }

  @Test
  void theRightCertificateWithTheWrongClaimIsRefused() {
    try (var stream = stream(cluster.certificate(1))) {
      stream.send(frame(hello(2)));
      expectRefused(stream, "replica");
    }
  }

  @Test
  void anotherClusterEpochVersionOrLaneIsRefused() {
    try (var stream = stream(cluster.certificate(1))) {
      stream.send(frame(hello(1).setCluster(ByteString.copyFrom(new byte[16]))));
      expectRefused(stream, "cluster");
    }
    try (var stream = stream(cluster.certificate(1))) {
      stream.send(frame(hello(1).setEpoch(7)));
      expectRefused(stream, "epoch");
    }
    try (var stream = stream(cluster.certificate(1))) {
      stream.send(frame(hello(1).setWireVersion(99)));
      expectRefused(stream, "version");
    }
    try (var stream = stream(cluster.certificate(1))) {
      stream.send(frame(hello(1).setLaneValue(77)));
      expectRefused(stream, "lane");
    }
  }

  /** Who went over brings those it left behind, and the other way round; nobody further away. */
  @ParameterizedTest
  @CsvSource({"3,false", "4,true", "5,true", "6,true", "7,false", "-1,false", "0,false"})
  void epochsNextToEachOtherSpeak(int epoch, boolean heard) {
    try (var stream = stream(cluster.certificate(1))) {
      stream.send(frame(hello(1).setEpoch(epoch)));
      if (!heard) {
        expectRefused(stream, "epoch");
        return;
      }
      Eventually.until("the acceptance", () -> !stream.answers.isEmpty());
      assertThat(stream.answers).containsExactly(LinkAnswer.getDefaultInstance());
      stream.send(messages(encoded(1, "a", 1)));
      Eventually.until("the message", () -> protocol.received().size() == 1);
    }
  }

  @Test
  void nothingIsTakenBeforeAHelloNorASecondHello() {
    try (var stream = stream(cluster.certificate(1))) {
      stream.send(messages(encoded(1, "a", 1)));
      assertThat(end(stream)).isEqualTo(Status.Code.OK);
      assertThat(stream.answers.getFirst().getRefused()).isNotEmpty();
    }
    try (var stream = stream(cluster.certificate(1))) {
      stream.send(frame(hello(1)));
      stream.send(frame(hello(1)));
      assertThat(end(stream)).isEqualTo(Status.Code.OK);
      assertThat(stream.answers.getLast().getRefused()).isEqualTo("second hello");
    }
    assertThat(protocol.received()).isEmpty();
  }

  @Test
  void garbledMessagesAreCountedAndTheRestIsHeard() {
    try (var stream = stream(cluster.certificate(1))) {
      stream.send(frame(hello(1)));
      stream.send(
          messages(
              ByteString.EMPTY,
              ByteString.copyFrom("garbage", StandardCharsets.UTF_8),
              // says that replica 2 sent it
              encoded(2, "forged", 1),
              encoded(1, "good", 2)));
      Eventually.until("the good one", () -> protocol.received().size() == 1);
      assertThat(protocol.received("good")).isEqualTo(1);
      assertThat(
              Pages.metric(
                  replica.node,
                  "destiny_dropped_total{from=\"1\",kind=\"message\",reason=\"malformed\"}"))
          .isEqualTo(3);
    }
  }

  @Test
  void anOversizedFrameEndsTheStreamAndNothingElse() {
    byte[] huge = new byte[WireLimits.maxFrameBytes(replica.maxMessageBytes()) + 1];
    try (var stream = stream(cluster.certificate(1));
        var other = stream(cluster.certificate(2))) {
      other.send(frame(hello(2)));
      stream.send(frame(hello(1)));
      stream.send(messages(ByteString.copyFrom(huge)));
      assertThat(end(stream)).isNotEqualTo(Status.Code.OK);
      other.send(messages(encoded(2, "still here", 1)));
      Eventually.until("the other peer", () -> protocol.received("still here") == 1);
    }
  }

  @Test
  void tooManyMessagesInAFrameAreRefused() {
    ReplicaFrame.Builder many = ReplicaFrame.newBuilder();
    for (int i = 0; i <= WireLimits.MAX_PER_FRAME; i++) {
      many.addMessages(ByteString.EMPTY);
    }
    try (var stream = stream(cluster.certificate(1))) {
      stream.send(frame(hello(1)));
      stream.send(many.build());
      assertThat(end(stream)).isEqualTo(Status.Code.OK);
      assertThat(stream.answers.getLast().getRefused()).isEqualTo("frame limit");
    }
  }

  @Test
  void bytesThatAreNoFrameEndTheStreamAndNothingElse() {
    var method = ReplicaLinkGrpc.getLinkMethod().toBuilder(Raw.INSTANCE, Raw.INSTANCE).build();
    RawStream<byte[], byte[]> stream =
        RawStream.open(
            RawStream.channel(replica.node.peerPort(), cluster.certificate(1)),
            (channel, answers) ->
                io.grpc.stub.ClientCalls.asyncBidiStreamingCall(
                    channel.newCall(method, io.grpc.CallOptions.DEFAULT), answers));
    try (stream) {
      stream.send(new byte[] {-1, -1, -1, -1, -1});
      assertThat(end(stream)).isNotEqualTo(Status.Code.OK);
    }
  }

  private enum Raw implements io.grpc.MethodDescriptor.Marshaller<byte[]> {
    INSTANCE;

    @Override
    public java.io.InputStream stream(byte[] value) {
      return new java.io.ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(java.io.InputStream stream) {
      return new byte[0];
    }
  }

  @Test
  void aNewStreamOfAPeerReplacesTheOldOne() {
    try (var first = stream(cluster.certificate(1))) {
      first.send(frame(hello(1)));
      Eventually.until("the first", () -> !first.answers.isEmpty());
      try (var second = stream(cluster.certificate(1))) {
        second.send(frame(hello(1)));
        assertThat(end(first)).isEqualTo(Status.Code.OK);
        assertThat(first.answers.getLast().getRefused()).isEqualTo("replaced");
        second.send(messages(encoded(1, "a", 1)));
        Eventually.until("the second's message", () -> protocol.received().size() == 1);
      }
    }
  }

  /** A replica that takes part in the hand-shake and then never reads again. */
  private Server deafPeer(int self) throws Exception {
    Certificates own = cluster.certificate(self);
    SslContext tls =
        GrpcSslContexts.forServer(own.certificate(), own.key())
            .clientAuth(ClientAuth.REQUIRE)
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .build();
    return NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), cluster.port(self)))
        .sslContext(tls)
        .addService(
            new ReplicaLinkGrpc.ReplicaLinkImplBase() {
              @Override
              public StreamObserver<ReplicaFrame> link(StreamObserver<LinkAnswer> answers) {
                ((ServerCallStreamObserver<LinkAnswer>) answers).disableAutoRequest();
                answers.onNext(LinkAnswer.getDefaultInstance());
                return RawFrames.ignoring();
              }
            })
        .build()
        .start();
  }

  private static final class RawFrames {
    static StreamObserver<ReplicaFrame> ignoring() {
      return new StreamObserver<>() {
        @Override
        public void onNext(ReplicaFrame frame) {}

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {}
      };
    }
  }

  @Test
  void aPeerThatDoesNotReadDelaysNobody() throws Exception {
    replica.close();
    byte[] batch = new byte[100_000];
    int count = 150;
    ToyProtocol talker =
        new ToyProtocol(
            (input, step) -> {
              // one after the other, as fast as the listener takes them
              if (input instanceof Input.Received(int from, Message m) && m.sequence() < count) {
                step.emit(new Effect.Broadcast(ToyMessage.large("large", m.sequence(), batch)));
                step.emit(new Effect.Broadcast(ToyMessage.small("small", m.sequence())));
              }
            });
    ToyProtocol listener =
        new ToyProtocol(
            (input, step) -> {
              if (input instanceof Input.Started) {
                step.emit(new Effect.Send(0, ToyMessage.small("next", 0)));
              }
              if (input instanceof Input.Received(int from, Message m) && m.bulk()) {
                step.emit(new Effect.Send(0, ToyMessage.small("next", m.sequence() + 1)));
              }
            });
    Server deaf = deafPeer(1);
    NodeConfig.Queues small =
        new NodeConfig.Queues(1000, 8 << 20, 1000, 4 << 20, 10, 1 << 20, 100, 1 << 20, 10);
    replica = ToyReplica.start(cluster.config(0, small), talker);
    try (ToyReplica reading = ToyReplica.start(cluster, 2, listener)) {
      Eventually.until("all messages", () -> listener.received("small") == count);
      Eventually.until("all batches", () -> listener.received("large") == count);
      assertThat(
              Pages.metric(replica.node, "destiny_link_overflow_total{lane=\"bulk\",peer=\"1\"}"))
          .isPositive();
      assertThat(
              Pages.metric(replica.node, "destiny_link_overflow_total{lane=\"bulk\",peer=\"2\"}"))
          .isZero();
      assertThat(reading.node.stopped()).isNotDone();
    } finally {
      deaf.shutdownNow();
    }
  }

  @Test
  void aFloodingPeerIsHeldBackAndLosesNothingAndOthersAreHeard() throws IOException {
    replica.close();
    var gate = new java.util.concurrent.CountDownLatch(1);
    ToyProtocol slow =
        new ToyProtocol(
            (input, step) -> {
              if (input instanceof Input.Received) {
                awaitQuietly(gate);
              }
            });
    NodeConfig.Queues defaults = NodeConfig.Queues.defaults(3);
    NodeConfig.Queues small =
        new NodeConfig.Queues(
            10, 1 << 20, 100, 1 << 20, 10, 1 << 20, 100, 1 << 20, defaults.connections());
    replica = ToyReplica.start(cluster.config(0, small), slow);
    try (var flood = stream(cluster.certificate(1));
        var other = stream(cluster.certificate(2))) {
      flood.send(frame(hello(1)));
      other.send(frame(hello(2)));
      for (int i = 0; i < 2000; i++) {
        flood.send(messages(encoded(1, "flood", i)));
      }
      other.send(messages(encoded(2, "other", 1)));
      Eventually.until(
          "both peers in the queue",
          () -> Pages.metric(replica.node, "destiny_inbox_waiting") >= 10);
      // the quota of the one, and what the other sent
      assertThat(Pages.metric(replica.node, "destiny_inbox_waiting")).isLessThanOrEqualTo(12);
      gate.countDown();
      Eventually.until("all of the flood", () -> slow.received("flood") == 2000);
      assertThat(slow.received("other")).isEqualTo(1);
    }
  }

  private static void awaitQuietly(java.util.concurrent.CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
