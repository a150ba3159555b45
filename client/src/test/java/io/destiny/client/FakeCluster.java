package io.destiny.client;

import com.google.protobuf.ByteString;
import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Assignment;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Outcome;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.MerkleTree;
import io.destiny.core.statement.Reader;
import io.destiny.crypto.BlsCrypto;
import io.destiny.crypto.ClientAlgorithm;
import io.destiny.crypto.ClientSigner;
import io.destiny.crypto.KeyCeremony;
import io.destiny.crypto.Scheme;
import io.destiny.crypto.TlsIdentity;
import io.destiny.wire.client.ClientFrame;
import io.destiny.wire.client.GatewayGrpc;
import io.destiny.wire.client.Notice;
import io.destiny.wire.client.ServerFrame;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Three gateways over real TLS that answer with real proofs, but agree by sharing one map: what a
 * client meets, without a protocol behind it. The result of a command is the command itself.
 */
final class FakeCluster implements AutoCloseable {
  static final int N = 3;
  private static final int DECOYS = 2;

  /** What a replica does with a request. */
  interface Behaviour {
    void on(Request request, int replica, ServerFrame.Builder answer);
  }

  final Domain domain = new Domain(new byte[16], 7);
  final KeyCeremony.Ceremony keys;
  final ClusterDescription description;
  final Map<Integer, Behaviour> behaviours = new ConcurrentHashMap<>();

  /** Every request that arrived, as "replica:timestamp". */
  final List<String> arrivals = new CopyOnWriteArrayList<>();

  /** Every ASSIGN_REQ that arrived. */
  final List<Assignment> assignments = new CopyOnWriteArrayList<>();

  private final List<BlsCrypto> crypto = new ArrayList<>();
  private final List<Server> servers = new ArrayList<>();
  private final List<TlsIdentity> identities = new ArrayList<>();
  private final Map<Digest, Reply> executed = new HashMap<>();
  private long position;

  FakeCluster(Scheme scheme) throws IOException {
    QuorumRule rule = new QuorumRule(N, FaultModel.HYBRID);
    keys = KeyCeremony.generate(domain, rule, scheme, ClientAlgorithm.ED25519, 64);
    List<ClusterDescription.Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < N; i++) {
      crypto.add(new BlsCrypto(keys.publicKeys(), i, keys.replicas().get(i).executionKey()));
      identities.add(TlsIdentity.generate("replica-" + i));
      behaviours.put(i, this::silent);
      servers.add(server(i, 0));
      endpoints.add(endpoint(servers.get(i).getPort(), identities.get(i)));
    }
    description = new ClusterDescription(keys.publicKeys(), endpoints);
  }

  static ClusterDescription.Endpoint endpoint(int port, TlsIdentity identity) {
    try {
      X509Certificate certificate =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(stream(identity.certificatePem()));
      return new ClusterDescription.Endpoint("127.0.0.1", port, TlsIdentity.pin(certificate));
    } catch (CertificateException e) {
      throw new AssertionError(e);
    }
  }

  private static ByteArrayInputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
  }

  private Server server(int replica, int port) throws IOException {
    TlsIdentity identity = identities.get(replica);
    return NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
        .sslContext(
            GrpcSslContexts.forServer(stream(identity.certificatePem()), stream(identity.keyPem()))
                .build())
        .addService(new Gateway(replica))
        .build()
        .start();
  }

  void stop(int replica) throws InterruptedException {
    servers.get(replica).shutdownNow().awaitTermination();
  }

  /** Starts a stopped replica at its old port. */
  void restart(int replica) throws IOException {
    servers.set(replica, server(replica, description.replicas().get(replica).clientPort()));
  }

  DestinyClient client(ClientOptions options) {
    return DestinyClient.connect(description, signer(), options);
  }

  ClientSigner signer() {
    return ClientSigner.of(ClientAlgorithm.ED25519, keys.clientPrivateKey());
  }

  void all(Behaviour behaviour) {
    for (int i = 0; i < N; i++) {
      behaviours.put(i, behaviour);
    }
  }

  void silent(Request request, int replica, ServerFrame.Builder answer) {}

  void prove(Request request, int replica, ServerFrame.Builder answer) {
    answer.addReplies(bytes(proof(request)));
  }

  void vote(Request request, int replica, ServerFrame.Builder answer) {
    Reply p = proof(request);
    answer.addReplies(bytes(withEvidence(p, new Reply.Vote(share(p.place(), replica)))));
  }

  void plain(Request request, int replica, ServerFrame.Builder answer) {
    Reply p = proof(request);
    answer.addReplies(
        bytes(
            new Reply(
                p.epoch(),
                p.client(),
                p.timestamp(),
                p.request(),
                p.result(),
                null,
                new Reply.Plain())));
  }

  static Behaviour notice(Notice.Code code) {
    return (request, replica, answer) ->
        answer.addNotices(
            Notice.newBuilder()
                .setCode(code)
                .setClient(request.client())
                .setTimestamp(request.timestamp()));
  }

  static ByteString bytes(Reply reply) {
    return ByteString.copyFrom(reply.encode());
  }

  static Reply withEvidence(Reply p, Reply.Evidence evidence) {
    return new Reply(
        p.epoch(), p.client(), p.timestamp(), p.request(), p.result(), p.place(), evidence);
  }

  private Share share(Reply.Place place, int replica) {
    Work sign = new Work.SignExecution(Root.of(place).statement(domain));
    return ((Result.Signed) crypto.get(replica).run(sign)).share();
  }

  /** Executes the request once, and proves it. */
  synchronized Reply proof(Request r) {
    return executed.computeIfAbsent(
        r.digest(), digest -> prove(r, ++position, Outcome.encode(r.commands())));
  }

  /** A reply with this result, in a batch with others. */
  Reply prove(Request r, long at, byte[] result) {
    List<Digest> leaves = new ArrayList<>();
    for (int i = 0; i < DECOYS; i++) {
      leaves.add(Reply.leaf(i, i, r.digest(), result));
    }
    leaves.add(Reply.leaf(r.client(), r.timestamp(), r.digest(), result));
    Reply.Place place = place(MerkleTree.levels(leaves), DECOYS, at);
    return reply(r, result, place, combine(place));
  }

  /** Proves that the requests were one batch. */
  List<Reply> proveBatch(List<Request> batch) {
    List<Digest> leaves = new ArrayList<>();
    for (Request r : batch) {
      byte[] result = Outcome.encode(r.commands());
      leaves.add(Reply.leaf(r.client(), r.timestamp(), r.digest(), result));
    }
    List<List<Digest>> levels = MerkleTree.levels(leaves);
    Certificate certificate = combine(place(levels, 0, 5));
    List<Reply> replies = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      Request r = batch.get(i);
      replies.add(reply(r, Outcome.encode(r.commands()), place(levels, i, 5), certificate));
    }
    return replies;
  }

  private static Reply.Place place(List<List<Digest>> levels, int leaf, long at) {
    return new Reply.Place(
        1,
        at,
        at,
        levels.getLast().getFirst(),
        leaf,
        levels.getFirst().size(),
        MerkleTree.path(levels, leaf));
  }

  private Certificate combine(Reply.Place place) {
    Work combine =
        new Work.Combine(
            KeyPurpose.EXECUTION,
            Root.of(place).statement(domain),
            List.of(share(place, 1), share(place, 2)));
    return ((Result.Combined) crypto.getFirst().run(combine)).certificate();
  }

  private Reply reply(Request r, byte[] result, Reply.Place place, Certificate certificate) {
    return new Reply(
        domain.epoch(),
        r.client(),
        r.timestamp(),
        r.digest(),
        result,
        place,
        new Reply.Proof(certificate));
  }

  @Override
  public void close() {
    servers.forEach(Server::shutdownNow);
  }

  private final class Gateway extends GatewayGrpc.GatewayImplBase {
    private final int replica;

    Gateway(int replica) {
      this.replica = replica;
    }

    @Override
    public StreamObserver<ClientFrame> connect(StreamObserver<ServerFrame> out) {
      return new StreamObserver<>() {
        @Override
        public void onNext(ClientFrame frame) {
          for (ByteString bytes : frame.getRequestsList()) {
            answer(bytes, out);
          }
        }

        @Override
        public void onError(Throwable t) {}

        @Override
        public void onCompleted() {
          out.onCompleted();
        }
      };
    }

    private void answer(ByteString bytes, StreamObserver<ServerFrame> out) {
      try {
        Request request = Request.decode(domain, new Reader(bytes.toByteArray()), 1 << 20);
        Assignment assignment = Assignment.of(request);
        if (assignment != null) {
          assignments.add(assignment);
          return;
        }
        arrivals.add(replica + ":" + request.timestamp());
        ServerFrame.Builder answer = ServerFrame.newBuilder();
        behaviours.get(replica).on(request, replica, answer);
        if (answer.getRepliesCount() + answer.getNoticesCount() > 0) {
          out.onNext(answer.build());
        }
      } catch (MalformedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
