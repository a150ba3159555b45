package io.destiny.node.link;

import com.google.protobuf.ByteString;
import io.destiny.wire.WireLimits;
import io.destiny.wire.replica.LinkAnswer;
import io.destiny.wire.replica.ReplicaFrame;
import io.destiny.wire.replica.ReplicaLinkGrpc;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One lane to one peer: a queue, and the stream that empties it whenever the network is ready. When
 * the stream ends, another is made, after a pause that grows.
 */
final class OutboundLane {
  private static final Logger LOG = LoggerFactory.getLogger(OutboundLane.class);
  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 2000;

  private final LinkContext context;
  private final int peer;
  private final LaneName lane;
  private final ManagedChannel channel;
  private final OutboundQueue queue;
  private final Executor sender;
  private final AtomicInteger wanted = new AtomicInteger();
  private volatile @Nullable Stream stream;
  private volatile boolean closed;
  private volatile long pauseMillis = FIRST_PAUSE_MILLIS;

  OutboundLane(
      LinkContext context, int peer, LaneName lane, ManagedChannel channel, OutboundQueue queue) {
    this.context = context;
    this.peer = peer;
    this.lane = lane;
    this.channel = channel;
    this.queue = queue;
    // a large message is copied while it is sent: not in the loop's time
    this.sender = lane == LaneName.BULK ? context.workers() : Runnable::run;
    context.metrics().connected(peer, lane, false);
  }

  /** Queues a message; {@link #flush} sends it. */
  void offer(ByteString message) {
    for (int dropped = queue.add(message, connected()); dropped > 0; dropped--) {
      context.metrics().overflow(peer, lane);
    }
  }

  /** Sends what is queued, as far as the network takes it. */
  void flush() {
    if (connected() && !queue.isEmpty() && wanted.getAndIncrement() == 0) {
      sender.execute(this::pump);
    }
  }

  boolean connected() {
    Stream current = stream;
    return current != null && current.accepted;
  }

  /** One thread at a time is in here; whoever comes meanwhile makes it go round once more. */
  private void pump() {
    int seen = wanted.get();
    do {
      Stream current = stream;
      if (current != null && current.accepted) {
        current.send();
      }
      seen = wanted.addAndGet(-seen);
    } while (seen != 0);
  }

  /** Opens a stream; it stands once the peer has accepted the hello. */
  void connect() {
    if (closed) {
      return;
    }
    Stream next = new Stream();
    stream = next;
    ReplicaLinkGrpc.newStub(channel).withWaitForReady().link(next);
    next.greet();
    nudge(next);
  }

  /** While the stream does not stand, the channel's own, longer pauses are cut short. */
  private void nudge(Stream attempt) {
    later(
        () -> {
          if (stream == attempt && !attempt.accepted) {
            channel.resetConnectBackoff();
            nudge(attempt);
          }
        });
  }

  private void later(Runnable task) {
    long pause = pauseMillis;
    pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, pause * 2);
    long jittered = pause / 2 + ThreadLocalRandom.current().nextLong(pause);
    if (!closed) {
      var _ = context.events().schedule(task, jittered, TimeUnit.MILLISECONDS);
    }
  }

  private void ended(Stream ending, @Nullable Throwable cause) {
    if (stream != ending) {
      return;
    }
    stream = null;
    context.metrics().connected(peer, lane, false);
    if (ending.accepted) {
      LOG.info("lost the {} lane to replica {}: {}", lane.label(), peer, String.valueOf(cause));
    }
    later(this::connect);
  }

  void close() {
    closed = true;
    stream = null;
    channel.shutdownNow();
  }

  /** Waits until the closed connection is gone. */
  void awaitEnd(long deadline) {
    try {
      channel.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** An attempt, or the stream that came of it. */
  private final class Stream implements ClientResponseObserver<ReplicaFrame, LinkAnswer> {
    private volatile @Nullable ClientCallStreamObserver<ReplicaFrame> requests;
    private volatile boolean accepted;

    @Override
    public void beforeStart(ClientCallStreamObserver<ReplicaFrame> call) {
      requests = call;
      call.setOnReadyHandler(OutboundLane.this::flush);
    }

    void greet() {
      ClientCallStreamObserver<ReplicaFrame> call = requests;
      if (call != null) {
        call.onNext(ReplicaFrame.newBuilder().setHello(context.hello(lane)).build());
      }
    }

    void send() {
      ClientCallStreamObserver<ReplicaFrame> call = requests;
      try {
        while (call != null && call.isReady()) {
          ReplicaFrame frame = queue.nextFrame();
          if (frame == null) {
            return;
          }
          call.onNext(frame);
          context.metrics().sent(lane, frame.getMessagesCount(), frame.getSerializedSize());
        }
      } catch (IllegalStateException e) {
        LOG.debug("the {} lane to replica {} ended while sending", lane.label(), peer, e);
      }
    }

    @Override
    public void onNext(LinkAnswer answer) {
      if (!answer.getRefused().isEmpty()) {
        LOG.warn("replica {} refuses our stream: {}", peer, answer.getRefused());
        context.metrics().refused("by peer");
        ByteString manifest = answer.getManifest();
        if (!manifest.isEmpty() && manifest.size() <= WireLimits.MAX_MANIFEST_BYTES) {
          context.workers().execute(() -> context.later().accept(manifest.toByteArray()));
        }
        return;
      }
      accepted = true;
      pauseMillis = FIRST_PAUSE_MILLIS;
      context.metrics().connected(peer, lane, true);
      flush();
    }

    @Override
    public void onError(Throwable cause) {
      ended(this, cause);
    }

    @Override
    public void onCompleted() {
      ended(this, null);
    }
  }
}
