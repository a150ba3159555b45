package io.destiny.node.gateway;

import com.google.protobuf.ByteString;
import io.destiny.core.model.Reply;
import io.destiny.wire.WireLimits;
import io.destiny.wire.client.ClientFrame;
import io.destiny.wire.client.ClientHello;
import io.destiny.wire.client.Notice;
import io.destiny.wire.client.ServerFrame;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream of a client process. What it does not read waits in a bounded queue; beyond that it is
 * cut off, so that it holds up nobody else.
 */
final class ClientConnection implements StreamObserver<ClientFrame> {
  private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);
  private static final long FIRST_PENALTY = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int MOST_OFFENCES = 6;

  private final Gateway gateway;
  private final ServerCallStreamObserver<ServerFrame> answers;
  private final OutboundReplies outbound;
  private final AtomicInteger wanted = new AtomicInteger();
  private final AtomicBoolean ended = new AtomicBoolean();

  /** Why the stream is to end: {@code OK} after what is queued, anything else at once. */
  private final AtomicReference<@Nullable Status> ending = new AtomicReference<>();

  private volatile boolean greeted;

  // offences come from threads of the crypto pool
  private int offences;
  private volatile long blockedUntil;
  private volatile boolean blocked;

  ClientConnection(
      Gateway gateway, ServerCallStreamObserver<ServerFrame> answers, OutboundReplies outbound) {
    this.gateway = gateway;
    this.answers = answers;
    this.outbound = outbound;
  }

  void open() {
    answers.disableAutoRequest();
    answers.setOnCancelHandler(this::end);
    answers.setOnReadyHandler(this::flush);
    answers.request(1);
  }

  boolean greeted() {
    return greeted;
  }

  boolean isOver() {
    return ending.get() != null || ended.get();
  }

  @Override
  public void onNext(ClientFrame frame) {
    if (isOver()) {
      return;
    }
    if (!greeted && !greet(frame)) {
      return;
    }
    if (frame.getRequestsCount() > WireLimits.MAX_PER_FRAME) {
      close(notice(Notice.Code.MALFORMED, 0, 0, "too many requests in a frame"), "frame limit");
      return;
    }
    for (ByteString request : frame.getRequestsList()) {
      gateway.take(request, this);
    }
    flush();
    answers.request(1);
  }

  private boolean greet(ClientFrame frame) {
    ClientHello hello = frame.getHello();
    String wrong = frame.hasHello() ? gateway.wrongIn(hello) : "the first frame has no hello";
    if (wrong != null) {
      Notice refusal = notice(Notice.Code.WRONG_CLUSTER, 0, 0, wrong);
      close(refusal.toBuilder().setManifest(gateway.manifestFor(hello)).build(), "wrong cluster");
      return false;
    }
    greeted = true;
    return true;
  }

  static Notice notice(Notice.Code code, long client, long timestamp, String detail) {
    return Notice.newBuilder()
        .setCode(code)
        .setClient(client)
        .setTimestamp(timestamp)
        .setDetail(detail)
        .build();
  }

  /** Queues a reply; {@link #flush} sends it. */
  void offer(Reply reply) {
    if (!isOver() && !outbound.add(reply)) {
      cut("does not read");
    }
  }

  /** Queues a notice; {@link #flush} sends it. */
  void offer(Notice notice) {
    if (!isOver() && !outbound.add(notice)) {
      cut("does not read");
    }
  }

  /**
   * A signature was bad: for a while, longer each time, nothing of this connection is looked at.
   */
  synchronized void penalise() {
    offences++;
    blockedUntil = System.nanoTime() + (FIRST_PENALTY << Math.min(offences, 8));
    blocked = true;
    if (offences >= MOST_OFFENCES) {
      cut("bad signatures");
    }
  }

  boolean throttled() {
    return blocked && System.nanoTime() - blockedUntil < 0;
  }

  /** Ends the stream after a last notice. */
  private void close(Notice last, String reason) {
    offer(last);
    gateway.metrics().cutOff(reason);
    if (ending.compareAndSet(null, Status.OK)) {
      flush();
    }
  }

  /** Ends the stream at once. */
  void cut(String reason) {
    Status status = Status.RESOURCE_EXHAUSTED.withDescription(reason);
    if (ending.compareAndSet(null, status)) {
      gateway.metrics().cutOff(reason);
      flush();
    }
  }

  /** Sends what is queued, as far as the client reads. */
  void flush() {
    if (!ended.get() && wanted.getAndIncrement() == 0) {
      gateway.workers().execute(this::pump);
    }
  }

  /** One thread at a time is in here; whoever comes meanwhile makes it go round once more. */
  private void pump() {
    int seen = wanted.get();
    do {
      try {
        send();
      } catch (IllegalStateException e) {
        LOG.debug("a client's stream ended while sending", e);
      }
      seen = wanted.addAndGet(-seen);
    } while (seen != 0);
  }

  private void send() {
    if (ended.get()) {
      return;
    }
    Status last = ending.get();
    if (last != null && !last.isOk()) {
      end();
      answers.onError(last.asRuntimeException());
      return;
    }
    // a last notice is sent even if the client is slow: it is small, and there is only one
    while (answers.isReady() || last != null) {
      ServerFrame frame = outbound.nextFrame();
      if (frame == null) {
        break;
      }
      answers.onNext(frame);
    }
    if (last != null) {
      end();
      answers.onCompleted();
    }
  }

  private void end() {
    if (ended.compareAndSet(false, true)) {
      outbound.clear();
      gateway.gone(this);
    }
  }

  @Override
  public void onError(Throwable cause) {
    end();
  }

  @Override
  public void onCompleted() {
    ending.compareAndSet(null, Status.OK);
    flush();
  }
}
