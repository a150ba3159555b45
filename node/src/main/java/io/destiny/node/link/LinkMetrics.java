package io.destiny.node.link;

import io.destiny.core.machine.DropReason;
import io.destiny.node.metrics.NodeMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;

/** What is counted about the links. */
final class LinkMetrics {
  private final NodeMetrics all;
  private final Counter sent;
  private final Counter sentBytes;
  private final Counter frames;
  private final Counter overflow;
  private final Counter received;
  private final Counter receivedBytes;
  private final Counter refused;
  private final Gauge connected;

  LinkMetrics(NodeMetrics all) {
    this.all = all;
    sent = all.counter("link_sent_messages", "Messages sent", "lane");
    sentBytes = all.counter("link_sent_bytes", "Bytes of messages sent", "lane");
    frames = all.counter("link_sent_frames", "Frames sent", "lane");
    overflow = all.counter("link_overflow", "Messages dropped, the queue was full", "peer", "lane");
    received = all.counter("link_received_messages", "Messages received", "lane");
    receivedBytes = all.counter("link_received_bytes", "Bytes of messages received", "lane");
    refused = all.counter("link_refused", "Streams refused", "reason");
    connected = all.gauge("link_connected", "Whether this lane to the peer stands", "peer", "lane");
  }

  void sent(LaneName lane, int messages, long bytes) {
    frames.labelValues(lane.label()).inc();
    sent.labelValues(lane.label()).inc(messages);
    sentBytes.labelValues(lane.label()).inc(bytes);
  }

  /** A message is handed to the lanes; a broadcast counts once. */
  void offered(String kind) {
    all.sent(kind);
  }

  void overflow(int peer, LaneName lane) {
    overflow.labelValues(String.valueOf(peer), lane.label()).inc();
  }

  void received(LaneName lane, int bytes) {
    received.labelValues(lane.label()).inc();
    receivedBytes.labelValues(lane.label()).inc(bytes);
  }

  /**
   * @param reason one of a few fixed words
   */
  void refused(String reason) {
    refused.labelValues(reason).inc();
  }

  void connected(int peer, LaneName lane, boolean stands) {
    connected.labelValues(String.valueOf(peer), lane.label()).set(stands ? 1 : 0);
  }

  void malformed(int peer) {
    all.dropped(DropReason.MALFORMED, peer, "message");
  }
}
