package io.destiny.node;

import io.destiny.core.machine.InstanceStatus;
import io.destiny.core.machine.Status;
import io.destiny.node.loop.ReplicaLoop;
import io.destiny.node.metrics.NodeMetrics;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/** The figures of the status page as gauges, of one moment each time they are asked for. */
final class StatusMetrics implements MultiCollector {
  private final Node node;
  private final StatusPages pages;

  private record OfReplica(String name, String help, ToLongFunction<Status> value) {}

  private record OfInstance(String name, String help, ToLongFunction<InstanceStatus> value) {}

  private static final List<OfReplica> REPLICA =
      List.of(
          new OfReplica("executed", "Global position of the last executed slot", Status::executed),
          new OfReplica("commands", "Commands executed in all lives", Status::commands),
          new OfReplica("checkpoint", "O-slot of the last stable checkpoint", Status::checkpoint),
          new OfReplica("pending", "Requests held that are not executed", Status::pending),
          new OfReplica("slots", "Slots of which something is held", Status::slots),
          new OfReplica("catching_up", "1 while it transfers state", s -> s.catchingUp() ? 1 : 0));

  private static final List<OfInstance> INSTANCE =
      List.of(
          new OfInstance("view", "Present view", InstanceStatus::view),
          new OfInstance("entered", "1 if that view was entered", i -> i.entered() ? 1 : 0),
          new OfInstance("leader", "The replica that leads it", InstanceStatus::leader),
          new OfInstance("stable", "Low watermark", InstanceStatus::stable),
          new OfInstance("decided", "Every slot up to here is decided", InstanceStatus::decided),
          new OfInstance("highest", "Highest slot known of", InstanceStatus::highest),
          new OfInstance("ordered", "Accepted lists name slots to here", InstanceStatus::ordered),
          new OfInstance(
              "demanded", "Committed lists name slots to here", InstanceStatus::demanded),
          new OfInstance("executed", "Every slot up to here is executed", InstanceStatus::executed),
          new OfInstance("open", "Lowest slot that is not decided, or 0", InstanceStatus::open),
          new OfInstance("open_proposed", "1: its proposal is held", i -> i.proposed() ? 1 : 0),
          new OfInstance("open_payload", "1: its payload is held", i -> i.payload() ? 1 : 0),
          new OfInstance("open_committed", "1: it is committed", i -> i.committed() ? 1 : 0));

  StatusMetrics(Node node, StatusPages pages) {
    this.node = node;
    this.pages = pages;
  }

  void register(NodeMetrics metrics) {
    metrics.watch(this);
    metrics.watch("connected_peers", "Replicas connected both ways", node::connectedPeers);
  }

  @Override
  public MetricSnapshots collect() {
    List<MetricSnapshot> all = new ArrayList<>();
    long healthy = pages.ailment() == null ? 1 : 0;
    all.add(gauge("healthy", "1 if /healthz says so").dataPoint(point(healthy)).build());
    GaugeSnapshot.Builder trusted = gauge("trusted", "1: the state of the trusted subsystem");
    String present = pages.trusted();
    for (String state : StatusPages.TRUSTED) {
      trusted.dataPoint(point(state.equals(present) ? 1 : 0, "state", state));
    }
    all.add(trusted.build());
    long observer = pages.observes(present) == null ? 0 : 1;
    all.add(
        gauge("observer", "1: it executes and serves, and does not vote")
            .dataPoint(point(observer))
            .build());
    try {
      addPicture(node.picture(), all);
    } catch (IllegalStateException e) {
      // it stops, or is too busy to answer: the others are there
    }
    return new MetricSnapshots(all);
  }

  private static void addPicture(ReplicaLoop.Picture picture, List<MetricSnapshot> all) {
    for (OfReplica m : REPLICA) {
      long value = m.value.applyAsLong(picture.status());
      all.add(gauge("status_" + m.name, m.help).dataPoint(point(value)).build());
    }
    for (OfInstance m : INSTANCE) {
      GaugeSnapshot.Builder gauge = gauge("instance_" + m.name, m.help);
      for (InstanceStatus i : picture.instances()) {
        gauge.dataPoint(point(m.value.applyAsLong(i), "instance", i.name()));
      }
      all.add(gauge.build());
    }
    GaugeSnapshot.Builder votes = gauge("instance_open_vote", "1: this replica's vote is held");
    for (InstanceStatus i : picture.instances()) {
      for (int voter : i.votes()) {
        votes.dataPoint(point(1, "instance", i.name(), "voter", Integer.toString(voter)));
      }
    }
    all.add(votes.build());
  }

  private static GaugeSnapshot.Builder gauge(String name, String help) {
    return GaugeSnapshot.builder().name("destiny_" + name).help(help);
  }

  private static GaugeDataPointSnapshot point(long value, String... labels) {
    return GaugeDataPointSnapshot.builder().value((double) value).labels(Labels.of(labels)).build();
  }
}
