package io.destiny.client;

import io.destiny.core.crypto.CryptoProvider;
import io.destiny.crypto.PublicKeys;
import io.netty.channel.EventLoopGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What a client has of one epoch: connections to its replicas, and the judgement of what they say.
 * Used by the client's thread only, its sizes by any.
 */
final class Epoch {
  /** Streams of a connection that are told apart from those of the next epoch. */
  private static final long STREAMS = 1L << 32;

  final ClusterDescription cluster;
  final Acceptance acceptance;
  final List<Connection> connections;

  /** Per replica: requests in a row that it, as their home, did not answer in time. */
  final int[] unanswered;

  /** f+1. */
  final int weak;

  private final Ways ways;
  private final long number;

  /**
   * What all epochs have in common.
   *
   * @param crypto verifies with an epoch's keys
   * @param events told what happens to streams
   * @param finish told how an exchange ends
   */
  record Ways(
      Function<PublicKeys, CryptoProvider> crypto,
      EventLoopGroup network,
      Consumer<Connection.Event> events,
      BiConsumer<Exchange, Answer> finish) {}

  private Epoch(ClusterDescription cluster, Ways ways, long number) {
    this.cluster = cluster;
    this.ways = ways;
    this.number = number;
    PublicKeys keys = cluster.keys();
    this.acceptance = new Acceptance(keys, ways.crypto.apply(keys), ways.finish);
    this.unanswered = new int[cluster.replicas().size()];
    this.weak = keys.rule().weak();
    List<Connection> made = new ArrayList<>();
    for (ClusterDescription.Endpoint endpoint : cluster.replicas()) {
      made.add(
          new Connection(
              made.size(), keys.domain(), endpoint, ways.network, number * STREAMS, ways.events));
    }
    this.connections = List.copyOf(made);
  }

  /** The epoch that the client begins with. */
  static Epoch first(ClusterDescription cluster, Ways ways) {
    return new Epoch(cluster, ways, 0);
  }

  /** The one after this; what was counted goes on. */
  Epoch next(ClusterDescription description, long now) {
    Epoch next = new Epoch(description, ways, number + 1);
    next.acceptance.countOn(acceptance);
    next.acceptance.turn(now);
    return next;
  }

  void close() {
    connections.forEach(Connection::close);
  }
}
