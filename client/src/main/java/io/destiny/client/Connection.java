package io.destiny.client;

import com.google.protobuf.ByteString;
import io.destiny.core.statement.Domain;
import io.destiny.wire.WireLimits;
import io.destiny.wire.client.ClientFrame;
import io.destiny.wire.client.ClientHello;
import io.destiny.wire.client.GatewayGrpc;
import io.destiny.wire.client.ServerFrame;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The stream to one replica: opened when something is to be sent, opened again after a pause when
 * it broke. Used by the client's thread; what happens on the network comes back to it as events.
 */
final class Connection implements AutoCloseable {
  /** Frames from a replica that may wait for the client's thread. */
  static final int FRAMES_AHEAD = 16;

  private static final int MAX_INBOUND_BYTES =
      WireLimits.maxFrameBytes(WireLimits.MAX_RESULT_BYTES + 4096);
  private static final int MAX_FRAME_REQUESTS = 512;

  /** Twice as many as there can be requests outstanding: beyond it, half are done. */
  private static final int PURGE_AT = 8192;

  private static final long FIRST_PAUSE = 50_000_000L;
  private static final long LONGEST_PAUSE = 2_000_000_000L;

  private final int replica;
  private final Domain domain;
  private final ManagedChannel channel;
  private final Consumer<Event> events;
  private final Queue<Exchange> outbox = new ArrayDeque<>();
  private @Nullable ClientCallStreamObserver<ClientFrame> call;
  private long stream;
  private boolean greeted;
  private int used;
  private boolean failed;
  private long pause = FIRST_PAUSE;
  private long openAgain;
  private @Nullable String trouble;
  private @Nullable String refusal;

  /** What happened to a stream; told on a network thread. */
  sealed interface Event {
    int replica();

    /** Number of the stream: events of earlier ones are void. */
    long stream();

    /** A frame came. */
    record Arrived(int replica, long stream, ServerFrame frame) implements Event {}

    /** The stream can take more. */
    record Writable(int replica, long stream) implements Event {}

    /** The stream ended. */
    record Ended(int replica, long stream, Status status) implements Event {}
  }

  /**
   * @param streamsBefore numbers of streams that are taken: events of those do not concern this one
   */
  Connection(
      int replica,
      Domain domain,
      ClusterDescription.Endpoint endpoint,
      EventLoopGroup network,
      long streamsBefore,
      Consumer<Event> events) {
    this.stream = streamsBefore;
    this.replica = replica;
    this.domain = domain;
    this.events = events;
    this.channel =
        NettyChannelBuilder.forAddress(endpoint.host(), endpoint.clientPort())
            .eventLoopGroup(network)
            .channelType(NioSocketChannel.class)
            .sslContext(PinnedTrust.context(endpoint.pin()))
            .maxInboundMessageSize(MAX_INBOUND_BYTES)
            .directExecutor()
            .disableRetry()
            .build();
  }

  /** Queues a request for writing, unless it is queued already. */
  void send(Exchange exchange) {
    if (!exchange.queuedAt.get(replica)) {
      if (outbox.size() >= PURGE_AT) {
        outbox.removeIf(Exchange::done);
      }
      exchange.queuedAt.set(replica);
      outbox.add(exchange);
    }
  }

  /** Opens the stream if it is wanted and its pause is over, and writes what it takes. */
  void flush(long now) {
    while (!outbox.isEmpty() && outbox.element().done()) {
      outbox.remove();
    }
    if (outbox.isEmpty()) {
      return;
    }
    if (call == null) {
      if (now - openAgain < 0) {
        return;
      }
      open();
    }
    ClientCallStreamObserver<ClientFrame> open = call;
    while (open != null && open.isReady() && !outbox.isEmpty()) {
      ClientFrame frame = frame();
      if (frame != null) {
        open.onNext(frame);
      }
    }
  }

  private @Nullable ClientFrame frame() {
    ClientFrame.Builder frame = ClientFrame.newBuilder();
    int bytes = 0;
    while (!outbox.isEmpty() && frame.getRequestsCount() < MAX_FRAME_REQUESTS) {
      Exchange next = outbox.element();
      if (bytes > 0 && bytes + next.encoded.size() > WireLimits.FRAME_BYTES) {
        break;
      }
      outbox.remove();
      next.queuedAt.clear(replica);
      if (!next.done()) {
        next.sentTo.set(replica);
        frame.addRequests(next.encoded);
        bytes += next.encoded.size();
      }
    }
    if (bytes == 0) {
      return null;
    }
    if (!greeted) {
      greeted = true;
      frame.setHello(hello());
    }
    return frame.build();
  }

  private ClientHello hello() {
    return ClientHello.newBuilder()
        .setWireVersion(WireLimits.VERSION)
        .setCluster(ByteString.copyFrom(domain.cluster()))
        .setEpoch((int) domain.epoch())
        .build();
  }

  private void open() {
    stream++;
    greeted = false;
    used = 0;
    if (failed) {
      channel.resetConnectBackoff(); // our own pauses decide
    }
    // the stub hands the call over before it returns
    GatewayGrpc.newStub(channel).connect(new Inbound(stream));
  }

  /** Whether a stream is wanted and waits for {@link #openAgain}. */
  boolean paused() {
    return call == null && !outbox.isEmpty();
  }

  /** When a broken stream may be opened again. */
  long openAgain() {
    return openAgain;
  }

  /** True if the event is about the present stream. */
  boolean concerns(Event event) {
    return call != null && event.stream() == stream;
  }

  /** A frame of the present stream was used up: the next may come. */
  void consumed() {
    pause = FIRST_PAUSE;
    failed = false;
    trouble = null;
    refusal = null;
    used++;
    ClientCallStreamObserver<ClientFrame> open = call;
    if (open != null && used >= FRAMES_AHEAD / 2) {
      open.request(used); // each call wakes the network thread: not for every frame
      used = 0;
    }
  }

  /** The present stream ended; the next attempt waits a little longer each time. */
  void ended(Status status, long now) {
    call = null;
    failed = true;
    trouble = refusal == null ? reason(status) : refusal;
    openAgain = now + pause;
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }

  /** The replica says that it is not of the cluster that this client asks for. */
  void refused(String detail) {
    refusal = "is of another cluster, epoch or version: " + detail;
  }

  private static String reason(Status status) {
    Throwable cause = status.getCause();
    while (cause != null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String text = cause == null || cause.getMessage() == null ? null : cause.getMessage();
    if (text == null) {
      text = status.getDescription();
    }
    return text == null ? status.getCode().toString() : text.lines().findFirst().orElse("");
  }

  /** Why the last attempt failed, if nothing worked since. */
  @Nullable String trouble() {
    return trouble;
  }

  @Override
  public void close() {
    if (call != null) {
      call.cancel("the client is closing", null);
    }
    channel.shutdownNow();
  }

  /** Hands what comes in to the client's thread. */
  private final class Inbound implements ClientResponseObserver<ClientFrame, ServerFrame> {
    private final long number;

    Inbound(long number) {
      this.number = number;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ClientFrame> stream) {
      stream.disableAutoRequestWithInitial(FRAMES_AHEAD);
      stream.setOnReadyHandler(() -> events.accept(new Event.Writable(replica, number)));
      call = stream;
    }

    @Override
    public void onNext(ServerFrame frame) {
      events.accept(new Event.Arrived(replica, number, frame));
    }

    @Override
    public void onError(Throwable t) {
      events.accept(new Event.Ended(replica, number, Status.fromThrowable(t)));
    }

    @Override
    public void onCompleted() {
      Status status = Status.UNAVAILABLE.withDescription("the replica ended the stream");
      events.accept(new Event.Ended(replica, number, status));
    }
  }
}
