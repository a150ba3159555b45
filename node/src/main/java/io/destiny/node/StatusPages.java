package io.destiny.node;

import io.destiny.core.machine.InstanceStatus;
import io.destiny.core.machine.Status;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.trusted.Counters;
import io.destiny.node.loop.ReplicaLoop;
import io.destiny.node.metrics.AdminServer;
import io.destiny.node.metrics.Json;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the admin pages say about a node. */
final class StatusPages implements AdminServer.Pages {
  private static final String PROVISIONED = "provisioned";
  private static final String NOT_PROVISIONED = "not provisioned";
  private static final String UNREACHABLE = "unreachable";
  private static final String NONE = "none";

  /** What {@link #trusted} may say. */
  static final List<String> TRUSTED = List.of(PROVISIONED, NOT_PROVISIONED, UNREACHABLE, NONE);

  private final Node node;
  private final NodeConfig config;

  StatusPages(Node node, NodeConfig config) {
    this.node = node;
    this.config = config;
  }

  @Override
  public @Nullable String ailment() {
    Throwable failure = node.failure();
    if (failure != null) {
      return "stopped: " + failure.getMessage();
    }
    try {
      if (node.status().catchingUp()) {
        return "catching up";
      }
    } catch (IllegalStateException e) {
      return e.getMessage();
    }
    int connected = node.connectedPeers();
    return connected + 1 < config.settings().rule().quorum()
        ? "connected to %d other replicas, which is no quorum".formatted(connected)
        : null;
  }

  @Override
  public String statusJson() {
    String trusted = trusted();
    String observes = observes(trusted);
    Json json =
        new Json()
            .put("replica", config.settings().self())
            .put("replicas", config.settings().n())
            .put("protocol", config.protocol())
            .put("cluster", HexFormat.of().formatHex(config.settings().domain().cluster()))
            .put("epoch", config.settings().domain().epoch())
            .put("manifest", Digest.of(config.manifest()).toHex())
            .put("trusted", trusted)
            .put("observer", observes != null)
            .put("connectedPeers", node.connectedPeers());
    if (observes != null) {
      json.put("observerReason", observes);
    }
    String ailment = ailment();
    json.put("healthy", ailment == null);
    if (ailment != null) {
      json.put("reason", ailment);
    }
    try {
      ReplicaLoop.Picture picture = node.picture();
      protocol(json, picture.status());
      json.putAll("instances", picture.instances().stream().map(StatusPages::instance).toList());
    } catch (IllegalStateException e) {
      json.put("error", String.valueOf(e.getMessage()));
    }
    return json.toString();
  }

  private static void protocol(Json json, Status status) {
    json.put("view", status.views())
        .put("executed", status.executed())
        .put("commands", status.commands())
        .put("checkpoint", status.checkpoint())
        .put("stateDigest", status.stateDigest().toHex())
        .put("pending", status.pending())
        .put("slots", status.slots())
        .put("catchingUp", status.catchingUp());
  }

  private static Json instance(InstanceStatus i) {
    return new Json()
        .put("name", i.name())
        .put("view", i.view())
        .put("entered", i.entered())
        .put("leader", i.leader())
        .put("stable", i.stable())
        .put("decided", i.decided())
        .put("highest", i.highest())
        .put("ordered", i.ordered())
        .put("demanded", i.demanded())
        .put("executed", i.executed())
        .put("open", i.open())
        .put("proposed", i.proposed())
        .put("payload", i.payload())
        .put("committed", i.committed())
        .putNumbers("votes", i.votes());
  }

  /** One of {@link #TRUSTED}. */
  String trusted() {
    return switch (node.witness()) {
      case Witness.OwnLog _ -> NONE;
      case Witness.TrustedCounters w -> {
        try {
          boolean provisioned = w.subsystem().read(Instances.ORDER, Counters.ORDER) >= 0;
          yield provisioned ? PROVISIONED : NOT_PROVISIONED;
        } catch (IllegalStateException e) {
          yield UNREACHABLE;
        }
      }
    };
  }

  /**
   * Why this replica executes and serves, and does not vote; null: it votes.
   *
   * @param trusted what {@link #trusted} has just said
   */
  @Nullable String observes(String trusted) {
    return switch (node.witness()) {
      case Witness.OwnLog w -> w.lost();
      case Witness.TrustedCounters _ ->
          trusted.equals(PROVISIONED) ? null : "its trusted subsystem is " + trusted;
    };
  }
}
