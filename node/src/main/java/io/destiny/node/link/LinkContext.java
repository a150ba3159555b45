package io.destiny.node.link;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.destiny.core.machine.MessageCodec;
import io.destiny.core.machine.Settings;
import io.destiny.node.loop.Inbox;
import io.destiny.wire.WireLimits;
import io.destiny.wire.replica.ReplicaHello;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * What all links of a node share.
 *
 * @param events the threads that read and write the sockets
 * @param manifest shown to peers of an earlier epoch
 * @param later takes what peers of a later epoch show
 * @param workers for what is too long for those: decoding and sending large messages
 */
record LinkContext(
    Settings settings,
    ByteString manifest,
    Consumer<byte[]> later,
    MessageCodec codec,
    Inbox inbox,
    EventLoopGroup events,
    Executor workers,
    LinkMetrics metrics) {

  int self() {
    return settings.self();
  }

  /** What this replica says at the start of a stream. */
  ReplicaHello hello(LaneName lane) {
    return ReplicaHello.newBuilder()
        .setWireVersion(WireLimits.VERSION)
        .setCluster(cluster())
        .setEpoch((int) settings.domain().epoch())
        .setReplica(self())
        .setLane(lane.wire())
        .build();
  }

  ByteString cluster() {
    return UnsafeByteOperations.unsafeWrap(settings.domain().cluster());
  }

  int maxMessageBytes() {
    return settings.limits().maxMessageBytes();
  }
}
