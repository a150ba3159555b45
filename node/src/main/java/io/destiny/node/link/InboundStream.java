package io.destiny.node.link;

import com.google.protobuf.ByteString;
import io.destiny.core.machine.Header;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Message;
import io.destiny.core.statement.MalformedException;
import io.destiny.node.loop.Quota;
import io.destiny.wire.WireLimits;
import io.destiny.wire.replica.LinkAnswer;
import io.destiny.wire.replica.ReplicaFrame;
import io.destiny.wire.replica.ReplicaHello;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream on which a peer sends. Its frames are asked for one by one: while the peer has too much
 * waiting for the loop, no further one is, and the peer feels it by flow control; nothing is
 * dropped.
 */
final class InboundStream implements StreamObserver<ReplicaFrame> {
  private static final Logger LOG = LoggerFactory.getLogger(InboundStream.class);

  private static final String EPOCH = "epoch";

  private final LinkContext context;
  private final LinkServer server;
  private final int peer;
  private final ServerCallStreamObserver<LinkAnswer> answers;
  // set by the first frame; all frames are handed over one after another
  private volatile @Nullable LaneName lane;
  private volatile boolean over;

  InboundStream(
      LinkContext context,
      LinkServer server,
      int peer,
      ServerCallStreamObserver<LinkAnswer> answers) {
    this.context = context;
    this.server = server;
    this.peer = peer;
    this.answers = answers;
  }

  void open() {
    answers.disableAutoRequest();
    answers.setOnCancelHandler(this::end);
    answers.request(1);
  }

  boolean greeted() {
    return lane != null;
  }

  @Override
  public void onNext(ReplicaFrame frame) {
    if (over) {
      return;
    }
    LaneName known = lane;
    if (known == null) {
      known = greet(frame);
      if (known == null) {
        return;
      }
    } else if (frame.hasHello()) {
      refuse("second hello");
      return;
    }
    if (frame.getMessagesCount() > WireLimits.MAX_PER_FRAME) {
      refuse("frame limit");
      return;
    }
    LaneName taken = known;
    if (taken == LaneName.CONTROL) {
      take(frame, taken);
    } else {
      context.workers().execute(() -> take(frame, taken));
    }
  }

  private @Nullable LaneName greet(ReplicaFrame frame) {
    ReplicaHello hello = frame.getHello();
    LaneName claimed = LaneName.of(hello.getLane());
    String wrong = claimed == null ? "lane" : wrongIn(frame, hello);
    if (claimed == null || wrong != null) {
      boolean earlier = EPOCH.equals(wrong) && epoch(hello) < present();
      refuse(String.valueOf(wrong), earlier ? context.manifest() : ByteString.EMPTY);
      return null;
    }
    lane = claimed;
    server.greeted(this, peer, claimed);
    accept();
    return claimed;
  }

  /** Answers come from other threads, too, when a newer stream replaces this one. */
  private synchronized void accept() {
    if (!over) {
      answers.onNext(LinkAnswer.getDefaultInstance());
    }
  }

  private static long epoch(ReplicaHello hello) {
    return Integer.toUnsignedLong(hello.getEpoch());
  }

  private long present() {
    return context.settings().domain().epoch();
  }

  private @Nullable String wrongIn(ReplicaFrame frame, ReplicaHello hello) {
    if (!frame.hasHello()) {
      return "no hello";
    }
    if (hello.getWireVersion() != WireLimits.VERSION) {
      return "version";
    }
    if (!hello.getCluster().equals(context.cluster())) {
      return "cluster";
    }
    // Next to each other, epochs speak: who went over brings those it left behind (dqbft.md §8).
    if (Math.abs(epoch(hello) - present()) > 1) {
      return EPOCH;
    }
    return hello.getReplica() == peer ? null : "replica";
  }

  private void take(ReplicaFrame frame, LaneName from) {
    Quota quota = server.quota(peer, from);
    for (ByteString bytes : frame.getMessagesList()) {
      take(bytes, quota, from);
    }
    quota.whenRoom(() -> answers.request(1));
  }

  private void take(ByteString bytes, Quota quota, LaneName from) {
    int size = bytes.size();
    context.metrics().received(from, size);
    try {
      if (size > context.maxMessageBytes()) {
        throw new MalformedException("message over its limit");
      }
      byte[] encoded = bytes.toByteArray();
      if (Header.epoch(encoded) == present() + 1) {
        // Said where this replica is about to go: of no use yet, and no mistake.
        return;
      }
      Message message = context.codec().decode(encoded, peer);
      quota.take(size);
      context.inbox().outside(new Input.Received(peer, message), quota, size);
    } catch (MalformedException e) {
      context.metrics().malformed(peer);
    } catch (RuntimeException e) {
      // a decoder's own mistake must not give a peer the means to end this replica
      context.metrics().malformed(peer);
      LOG.warn("replica {}: a decoder failed on a message of {} bytes", peer, size, e);
    }
  }

  /** Ends the stream, telling the peer why. */
  void refuse(String reason) {
    refuse(reason, ByteString.EMPTY);
  }

  private synchronized void refuse(String reason, ByteString manifest) {
    if (over) {
      return;
    }
    over = true;
    context.metrics().refused(reason);
    LOG.warn("refused a stream of replica {}: {}", peer, reason);
    try {
      answers.onNext(LinkAnswer.newBuilder().setRefused(reason).setManifest(manifest).build());
      answers.onCompleted();
    } catch (RuntimeException e) {
      LOG.debug("the refused stream of replica {} was gone already", peer, e);
    }
    server.ended(this, peer, lane);
  }

  private void end() {
    over = true;
    server.ended(this, peer, lane);
  }

  @Override
  public void onError(Throwable cause) {
    end();
  }

  @Override
  public synchronized void onCompleted() {
    if (!over) {
      end();
      answers.onCompleted();
    }
  }
}
