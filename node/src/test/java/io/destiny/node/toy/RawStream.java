package io.destiny.node.toy;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The other end of a stream, which says whatever a test wants it to say. */
public final class RawStream<Q, A> implements ClientResponseObserver<Q, A>, AutoCloseable {
  public final List<A> answers = new CopyOnWriteArrayList<>();

  /** How the stream ended. */
  public final CompletableFuture<Status> ended = new CompletableFuture<>();

  private final ManagedChannel channel;
  private final boolean reads;
  private final StreamObserver<Q> requests;

  private RawStream(
      ManagedChannel channel,
      BiFunction<ManagedChannel, StreamObserver<A>, StreamObserver<Q>> call,
      boolean reads) {
    this.channel = channel;
    this.reads = reads;
    this.requests = call.apply(channel, this);
  }

  /** Opens a stream and reads what comes. */
  public static <Q, A> RawStream<Q, A> open(
      ManagedChannel channel,
      BiFunction<ManagedChannel, StreamObserver<A>, StreamObserver<Q>> call) {
    return new RawStream<>(channel, call, true);
  }

  /** Opens a stream and never reads. */
  public static <Q, A> RawStream<Q, A> deaf(
      ManagedChannel channel,
      BiFunction<ManagedChannel, StreamObserver<A>, StreamObserver<Q>> call) {
    return new RawStream<>(channel, call, false);
  }

  /** A TLS channel to a port here that trusts anybody; without an identity if that is null. */
  public static ManagedChannel channel(int port, @Nullable Certificates identity) {
    try {
      SslContextBuilder tls = GrpcSslContexts.forClient();
      tls.trustManager(InsecureTrustManagerFactory.INSTANCE);
      if (identity != null) {
        tls.keyManager(identity.certificate(), identity.key());
      }
      return NettyChannelBuilder.forAddress("127.0.0.1", port)
          .sslContext(tls.build())
          .overrideAuthority("toy")
          .build();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<Q> call) {
    if (!reads) {
      call.disableAutoRequestWithInitial(0);
    }
  }

  public void send(Q request) {
    requests.onNext(request);
  }

  @Override
  public void onNext(A answer) {
    answers.add(answer);
  }

  @Override
  public void onError(Throwable cause) {
    ended.complete(Status.fromThrowable(cause));
  }

  @Override
  public void onCompleted() {
    ended.complete(Status.OK);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
