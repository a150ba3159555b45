package io.destiny.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Writer;
import io.destiny.node.toy.Eventually;
import io.destiny.node.toy.RawStream;
import io.destiny.node.toy.ToyCluster;
import io.destiny.node.toy.ToyCrypto;
import io.destiny.node.toy.ToyProtocol;
import io.destiny.wire.WireLimits;
import io.destiny.wire.client.ClientFrame;
import io.destiny.wire.client.ClientHello;
import io.destiny.wire.client.GatewayGrpc;
import io.destiny.wire.client.Notice;
import io.destiny.wire.client.ServerFrame;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients send, good and bad, and what they are told. */
class GatewayTest {
  private static final int LARGE = 200_000;

  @TempDir private Path folder;

  private ToyCluster cluster;
  private ToyProtocol protocol;
  private ToyReplica replica;

  /** Answers each request: a command "large" with a large result, others with their echo. */
  private static ToyProtocol echo() {
    return new ToyProtocol(
        (input, step) -> {
          if (input instanceof Input.Submitted(Request r)) {
            byte[] command = r.commands().getFirst();
            boolean large = new String(command, StandardCharsets.UTF_8).startsWith("large");
            byte[] result = large ? new byte[LARGE] : command;
            step.emit(
                new Effect.Answer(
                    new Reply(
                        5,
                        r.client(),
                        r.timestamp(),
                        r.digest(),
                        result,
                        null,
                        new Reply.Plain())));
          }
        });
  }

  @BeforeEach
  void start() throws IOException {
    cluster = new ToyCluster(folder, 1);
    restart(NodeConfig.Queues.defaults(1));
  }

  private void restart(NodeConfig.Queues queues) throws IOException {
    if (replica != null) {
      replica.close();
    }
    protocol = echo();
    replica = ToyReplica.start(cluster.config(0, queues), protocol);
  }

  @AfterEach
  void stillAlive() {
    assertThat(replica.node.stopped()).isNotDone();
    assertThat(replica.node.status().executed()).isEqualTo(7);
    replica.close();
  }

  private RawStream<ClientFrame, ServerFrame> connect() {
    RawStream<ClientFrame, ServerFrame> stream =
        RawStream.open(
            RawStream.channel(replica.node.clientPort(), null),
            (c, answers) -> GatewayGrpc.newStub(c).connect(answers));
    stream.send(ClientFrame.newBuilder().setHello(hello()).build());
    return stream;
  }

  private static ClientHello.Builder hello() {
    return ClientHello.newBuilder()
        .setWireVersion(WireLimits.VERSION)
        .setCluster(ByteString.copyFrom(ToyCluster.DOMAIN.cluster()))
        .setEpoch(5);
  }

  private static Request request(long client, long timestamp, String command, byte[] signature) {
    byte[] bytes = command.getBytes(StandardCharsets.UTF_8);
    return Request.of(ToyCluster.DOMAIN, client, timestamp, List.of(bytes), signature);
  }

  private static Request good(long client, long timestamp) {
    return request(client, timestamp, "hello", ToyCrypto.good());
  }

  private static ClientFrame frame(Request... requests) {
    ClientFrame.Builder frame = ClientFrame.newBuilder();
    for (Request request : requests) {
      Writer w = new Writer(request.encodedLength());
      request.encode(w);
      frame.addRequests(ByteString.copyFrom(w.toBytes()));
    }
    return frame.build();
  }

  private static List<Reply> replies(RawStream<?, ServerFrame> stream) {
    return stream.answers.stream()
        .flatMap(frame -> frame.getRepliesList().stream())
        .map(GatewayTest::decode)
        .toList();
  }

  private static Reply decode(ByteString bytes) {
    try {
      return Reply.decode(bytes.toByteArray(), 1 << 20);
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Notice> notices(RawStream<?, ServerFrame> stream) {
    return stream.answers.stream().flatMap(frame -> frame.getNoticesList().stream()).toList();
  }

  private static Notice firstNotice(RawStream<?, ServerFrame> stream) {
    Eventually.until("a notice", () -> !notices(stream).isEmpty());
    return notices(stream).getFirst();
  }

  private double requests(String outcome) {
    return Pages.metric(
        replica.node, "destiny_gateway_requests_total{outcome=\"" + outcome + "\"}");
  }

  @Test
  void aGoodRequestReachesTheProtocolAndItsReplyComesBack() {
    Request request = good(3, 1);
    try (var client = connect()) {
      client.send(frame(request));
      Eventually.until("the reply", () -> replies(client).size() == 1);
      Reply reply = replies(client).getFirst();
      assertThat(reply.client()).isEqualTo(3);
      assertThat(reply.request()).isEqualTo(request.digest());
      assertThat(new String(reply.result(), StandardCharsets.UTF_8)).isEqualTo("hello");
      assertThat(protocol.inputs(Input.Submitted.class)).hasSize(1);
      assertThat(notices(client)).isEmpty();
    }
  }

  @Test
  void manySessionsShareAConnectionAndRepliesGoToTheirOwnConnections() {
    try (var one = connect();
        var two = connect()) {
      for (int i = 0; i < 100; i++) {
        one.send(frame(good(i, 1)));
        two.send(frame(good(500 + i, 1)));
      }
      Eventually.until("all", () -> replies(one).size() + replies(two).size() == 200);
      assertThat(replies(one)).allMatch(reply -> reply.client() < 500);
      assertThat(replies(two)).hasSize(100).allMatch(reply -> reply.client() >= 500);
    }
  }

  @Test
  void aRepeatedRequestIsNotVerifiedAgain() {
    try (var client = connect()) {
      client.send(frame(good(3, 1)));
      Eventually.until("the reply", () -> replies(client).size() == 1);
      client.send(frame(good(3, 1)));
      Eventually.until("the second reply", () -> replies(client).size() == 2);
      assertThat(replica.crypto.requestsChecked).hasValue(1);
      assertThat(requests("repeated")).isEqualTo(1);

      // the same client and time with another content is another request
      client.send(frame(request(3, 1, "other", ToyCrypto.good())));
      Eventually.until("the third reply", () -> replies(client).size() == 3);
      assertThat(replica.crypto.requestsChecked).hasValue(2);
    }
  }

  @Test
  void aReplayByAnotherDoesNotTakeTheRepliesAway() {
    try (var owner = connect();
        var thief = connect()) {
      owner.send(frame(good(3, 1)));
      Eventually.until("the reply", () -> replies(owner).size() == 1);
      thief.send(frame(good(3, 1)));
      Eventually.until("the owner's copy", () -> replies(owner).size() == 2);
    }
  }

  @Test
  void aBadSignatureIsToldAndTheOffenderIsThrottled() {
    Request bad = request(3, 1, "hello", ToyCrypto.bad());
    try (var offender = connect();
        var other = connect()) {
      offender.send(frame(bad));
      Notice notice = firstNotice(offender);
      assertThat(notice.getCode()).isEqualTo(Notice.Code.BAD_SIGNATURE);
      assertThat(notice.getClient()).isEqualTo(3);
      assertThat(notice.getTimestamp()).isEqualTo(1);
      assertThat(requests("bad_signature")).isEqualTo(1);

      // the others are not affected, not even the client that was impersonated
      other.send(frame(good(3, 1)));
      Eventually.until("the other's reply", () -> replies(other).size() == 1);

      // and whoever goes on is cut off in the end
      Eventually.until(
          "the end",
          () -> {
            offender.send(frame(bad));
            return offender.ended.isDone();
          });
      assertThat(offender.ended.join().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(requests("throttled")).isPositive();
      assertThat(protocol.inputs(Input.Submitted.class)).hasSize(1);
    }
  }

  @Test
  void anUnknownClientIsToldBeforeAnySignatureIsChecked() {
    try (var client = connect()) {
      client.send(frame(good(ToyReplica.CLIENTS, 9)));
      Notice notice = firstNotice(client);
      assertThat(notice.getCode()).isEqualTo(Notice.Code.UNKNOWN_CLIENT);
      assertThat(notice.getClient()).isEqualTo(ToyReplica.CLIENTS);
      assertThat(notice.getTimestamp()).isEqualTo(9);
      assertThat(replica.crypto.requestsChecked).hasValue(0);
    }
  }

  @Test
  void garbledRequestsAreToldAndTheRestIsServed() {
    Writer trailing = new Writer(64);
    good(4, 2).encode(trailing);
    trailing.u8(0);
    Writer oversized = new Writer(64).u64(5).u64(6).u32(2_000_000_000L);
    ClientFrame garbage =
        ClientFrame.newBuilder()
            .addRequests(ByteString.EMPTY)
            .addRequests(ByteString.copyFrom(trailing.toBytes()))
            .addRequests(ByteString.copyFrom(oversized.toBytes()))
            .addAllRequests(frame(good(3, 1)).getRequestsList())
            .build();
    try (var client = connect()) {
      client.send(garbage);
      Eventually.until("the reply", () -> replies(client).size() == 1);
      Eventually.until("the notices", () -> notices(client).size() == 3);
      assertThat(notices(client)).extracting(Notice::getCode).containsOnly(Notice.Code.MALFORMED);
      assertThat(notices(client)).extracting(Notice::getClient).containsExactly(0L, 4L, 5L);
      assertThat(requests("malformed")).isEqualTo(3);
    }
  }

  @Test
  void aFullQueueIsBusyAndLaterThereIsRoomAgain() throws IOException {
    restart(new NodeConfig.Queues(10, 1 << 20, 10, 1 << 20, 4, 1 << 20, 100, 1 << 20, 10));
    replica.crypto.hold();
    try (var client = connect()) {
      for (int i = 0; i < 10; i++) {
        client.send(frame(good(i, 1)));
      }
      Eventually.until("the notices", () -> notices(client).size() == 6);
      assertThat(notices(client)).extracting(Notice::getCode).containsOnly(Notice.Code.BUSY);
      assertThat(notices(client))
          .extracting(Notice::getClient)
          .containsExactly(4L, 5L, 6L, 7L, 8L, 9L);
      replica.crypto.release();
      Eventually.until("the four", () -> replies(client).size() == 4);
      client.send(frame(good(9, 1)));
      Eventually.until("the one sent again", () -> replies(client).size() == 5);
      assertThat(requests("busy")).isEqualTo(6);
    }
  }

  @Test
  void anotherClusterIsToldAndTheStreamEnds() throws Exception {
    ClientFrame[] wrong = {
      ClientFrame.newBuilder()
          .setHello(hello().setCluster(ByteString.copyFrom(new byte[16])))
          .build(),
      ClientFrame.newBuilder().setHello(hello().setEpoch(6)).build(),
      ClientFrame.newBuilder().setHello(hello().setWireVersion(2)).build(),
      frame(good(3, 1)),
    };
    for (ClientFrame first : wrong) {
      try (RawStream<ClientFrame, ServerFrame> client =
          RawStream.open(
              RawStream.channel(replica.node.clientPort(), null),
              (c, answers) -> GatewayGrpc.newStub(c).connect(answers))) {
        client.send(first);
        client.send(frame(good(3, 1)));
        assertThat(client.ended.get(20, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.OK);
        assertThat(firstNotice(client).getCode()).isEqualTo(Notice.Code.WRONG_CLUSTER);
        assertThat(notices(client)).hasSize(1);
      }
    }
    assertThat(protocol.inputs(Input.Submitted.class)).isEmpty();
  }

  @Test
  void plainTextIsRefused() throws Exception {
    try (RawStream<ClientFrame, ServerFrame> client =
        RawStream.open(
            NettyChannelBuilder.forAddress("127.0.0.1", replica.node.clientPort())
                .usePlaintext()
                .build(),
            (c, answers) -> GatewayGrpc.newStub(c).connect(answers))) {
      assertThat(client.ended.get(20, TimeUnit.SECONDS).getCode())
          .isEqualTo(Status.Code.UNAVAILABLE);
    }
  }

  @Test
  void aClientThatDoesNotReadIsCutOffAndOthersAreServed() {
    try (RawStream<ClientFrame, ServerFrame> deaf =
            RawStream.deaf(
                RawStream.channel(replica.node.clientPort(), null),
                (c, answers) -> GatewayGrpc.newStub(c).connect(answers));
        var other = connect()) {
      deaf.send(ClientFrame.newBuilder().setHello(hello()).build());
      for (int i = 0; i < 150; i++) {
        deaf.send(frame(request(i, 1, "large " + i, ToyCrypto.good())));
      }
      Eventually.until(
          "the cut",
          () ->
              Pages.metric(replica.node, "destiny_gateway_cut_off_total{reason=\"does not read\"}")
                  == 1);
      other.send(frame(good(500, 1)));
      Eventually.until("the other's reply", () -> replies(other).size() == 1);
    }
  }

  @Test
  void aReplyToNobodyIsDropped() {
    Request request = good(3, 1);
    try (var client = connect()) {
      replica.crypto.hold();
      client.send(frame(request));
      Eventually.until(
          "the check", () -> Pages.metric(replica.node, "destiny_gateway_waiting") == 1);
    }
    Eventually.until(
        "the hang-up", () -> Pages.metric(replica.node, "destiny_gateway_connections") == 0);
    replica.crypto.release();
    Eventually.until(
        "the reply to nobody",
        () ->
            Pages.metric(replica.node, "destiny_gateway_replies_total{outcome=\"nobody there\"}")
                == 1);
    assertThat(protocol.inputs(Input.Submitted.class).getFirst().request().digest())
        .isEqualTo(request.digest())
        .isNotEqualTo(Digest.of(new byte[0]));
  }
}
