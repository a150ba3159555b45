package io.destiny.node.gateway;

import io.destiny.core.machine.DropReason;
import io.destiny.node.metrics.NodeMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import java.util.Locale;

/** What is counted about clients. */
final class GatewayMetrics {
  /** What became of a request. */
  enum Outcome {
    /** Its signature was verified, and it went to the protocol. */
    ACCEPTED,
    /** The same, but its signature had been verified lately. */
    REPEATED,
    /** It is being verified already. */
    DUPLICATE,
    BUSY,
    /** Answered BUSY since its connection had sent bad signatures. */
    THROTTLED,
    MALFORMED,
    UNKNOWN_CLIENT,
    BAD_SIGNATURE
  }

  private final NodeMetrics all;
  private final Counter requests;
  private final Counter replies;
  private final Counter cutOff;
  private final Gauge connections;

  GatewayMetrics(NodeMetrics all) {
    this.all = all;
    requests = all.counter("gateway_requests", "Requests of clients", "outcome");
    replies = all.counter("gateway_replies", "Replies", "outcome");
    cutOff = all.counter("gateway_cut_off", "Connections ended by this replica", "reason");
    connections = all.gauge("gateway_connections", "Connections of clients");
  }

  void request(Outcome outcome) {
    requests.labelValues(outcome.name().toLowerCase(Locale.ROOT)).inc();
    switch (outcome) {
      case MALFORMED -> all.dropped(DropReason.MALFORMED, -1, "Request");
      case UNKNOWN_CLIENT -> all.dropped(DropReason.UNKNOWN_CLIENT, -1, "Request");
      case BAD_SIGNATURE -> all.dropped(DropReason.BAD_SIGNATURE, -1, "Request");
      case BUSY, THROTTLED -> all.dropped(DropReason.FULL, -1, "Request");
      case ACCEPTED, REPEATED, DUPLICATE -> {}
    }
  }

  void reply(boolean delivered) {
    replies.labelValues(delivered ? "sent" : "nobody there").inc();
  }

  /**
   * @param reason one of a few fixed words
   */
  void cutOff(String reason) {
    cutOff.labelValues(reason).inc();
  }

  void connections(int open) {
    connections.set(open);
  }
}
