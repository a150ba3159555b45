package io.destiny.node.metrics;

import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.model.Instances;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Locale;
import java.util.function.LongSupplier;

/** All metrics of one node, in a registry of its own. Thread-safe. */
public final class NodeMetrics {
  private static final double[] SYNC_BUCKETS = {
    0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 1
  };

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Labels kinds = new Labels(64);
  private final Labels counts = new Labels(256);
  private final Labels gauges = new Labels(256);
  private final Counter sent;
  private final Counter dropped;
  private final Counter evidence;
  private final Counter commands = counter("ordered_commands", "Commands executed");
  private final Counter batches = counter("ordered_batches", "Batches executed");
  private final Gauge position;
  private final Counter events;
  private final Gauge values;
  private final Counter inputs;
  private final Counter jobs;
  private final Counter records = counter("log_records", "Records written to the log");
  private final Histogram syncs;

  public NodeMetrics() {
    sent = counter("sent", "Messages to replicas, a broadcast once", "kind");
    dropped = counter("dropped", "Messages and requests not acted upon", "reason", "from", "kind");
    evidence = counter("evidence", "What only a faulty replica does", "replica");
    position = gauge("position", "Global position of the last executed batch");
    events = counter("protocol_events", "What the protocol counts", "name");
    values = gauge("protocol_value", "What the protocol measures", "name");
    inputs = counter("inputs", "Turns of the protocol", "input");
    jobs = counter("crypto_jobs", "Cryptographic jobs begun", "work");
    syncs =
        Histogram.builder()
            .name("destiny_log_sync_seconds")
            .help("Time of a synced write of the log")
            .classicOnly()
            .classicUpperBounds(SYNC_BUCKETS)
            .register(registry);
    JvmMetrics.builder().register(registry);
  }

  PrometheusRegistry registry() {
    return registry;
  }

  /** A counter of this node, {@code destiny_<name>_total}. */
  public Counter counter(String name, String help, String... labels) {
    return Counter.builder()
        .name("destiny_" + name)
        .help(help)
        .labelNames(labels)
        .register(registry);
  }

  /** A gauge of this node, {@code destiny_<name>}. */
  public Gauge gauge(String name, String help, String... labels) {
    return Gauge.builder().name("destiny_" + name).help(help).labelNames(labels).register(registry);
  }

  /** A gauge that is read when it is asked for; {@code value} must be quick and thread-safe. */
  public void watch(String name, String help, LongSupplier value) {
    GaugeWithCallback.builder()
        .name("destiny_" + name)
        .help(help)
        .callback(callback -> callback.call((double) value.getAsLong()))
        .register(registry);
  }

  /** Metrics that are read together when they are asked for. */
  public void watch(MultiCollector collector) {
    registry.register(collector);
  }

  /** Counts what the protocol notes. */
  public void note(Effect.Event event) {
    switch (event) {
      case Effect.Event.Dropped d -> dropped(d.reason(), d.from(), d.kind());
      case Effect.Event.Evidence e -> evidence.labelValues(String.valueOf(e.replica())).inc();
      case Effect.Event.Committed c -> {}
      case Effect.Event.Ordered o -> {
        commands.inc(o.commands());
        batches.inc();
        position.set((double) o.position());
      }
      case Effect.Event.Entered e ->
          values
              .labelValues(gauges.bounded("view_" + Instances.name(e.instance())))
              .set((double) e.view());
      case Effect.Event.Probation p ->
          values
              .labelValues(gauges.bounded("probation_" + Instances.name(p.instance())))
              .set((double) p.level());
      case Effect.Event.Count c -> events.labelValues(counts.bounded(c.name())).inc(c.amount());
      case Effect.Event.Gauge g ->
          values.labelValues(gauges.bounded(g.name())).set((double) g.value());
    }
  }

  /**
   * Counts something that was not acted upon.
   *
   * @param from a replica, or -1 for a client
   */
  public void dropped(DropReason reason, int from, String kind) {
    String sender = from < 0 ? "client" : String.valueOf(from);
    dropped.labelValues(reason.name().toLowerCase(Locale.ROOT), sender, kinds.bounded(kind)).inc();
  }

  /** Counts a message that leaves for one replica or for all. */
  public void sent(String kind) {
    sent.labelValues(kinds.bounded(kind)).inc();
  }

  /** Counts a turn of the protocol. */
  public void turn(String input) {
    inputs.labelValues(input).inc();
  }

  /** Counts a job that was begun. */
  public void job(String work) {
    jobs.labelValues(work).inc();
  }

  /** Counts a synced write of the log. */
  public void synced(long nanos, long written) {
    syncs.observe(nanos / 1e9);
    records.inc(written);
  }
}
