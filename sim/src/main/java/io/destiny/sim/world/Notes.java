package io.destiny.sim.world;

import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.model.Instances;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the replicas noted. */
public final class Notes implements TraceListener {
  /** Something that a replica says only a faulty one does. */
  public record Accusation(int by, int replica, String what) {}

  private static final int KEPT_ACCUSATIONS = 10_000;

  private final Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
  private final SortedMap<String, Long> counts = new TreeMap<>();
  private final SortedMap<String, Long> gauges = new TreeMap<>();
  private final List<Accusation> accusations = new ArrayList<>();
  private long ordered;

  @Override
  public void effect(int replica, long number, Effect effect) {
    if (effect instanceof Effect.Note(Effect.Event event)) {
      switch (event) {
        case Effect.Event.Dropped e -> dropped.merge(e.reason(), 1L, Long::sum);
        case Effect.Event.Evidence e -> accuse(new Accusation(replica, e.replica(), e.what()));
        case Effect.Event.Committed e -> {}
        case Effect.Event.Ordered e -> ordered++;
        case Effect.Event.Entered e ->
            gauges.put("R" + replica + ".view_" + Instances.name(e.instance()), e.view());
        case Effect.Event.Probation e -> {}
        case Effect.Event.Count e -> counts.merge(e.name(), e.amount(), Long::sum);
        case Effect.Event.Gauge e -> gauges.put("R" + replica + "." + e.name(), e.value());
      }
    }
  }

  private void accuse(Accusation accusation) {
    if (accusations.size() < KEPT_ACCUSATIONS) {
      accusations.add(accusation);
    }
  }

  /** How often any replica dropped something for this reason. */
  public long dropped(DropReason reason) {
    return dropped.getOrDefault(reason, 0L);
  }

  /** The sum over all replicas. */
  public long count(String name) {
    return counts.getOrDefault(name, 0L);
  }

  /** The names of all that was counted. */
  public Set<String> countNames() {
    return Set.copyOf(counts.keySet());
  }

  /** The last value at one replica, 0 if there is none. */
  public long gauge(int replica, String name) {
    return gauges.getOrDefault("R" + replica + "." + name, 0L);
  }

  public List<Accusation> accusations() {
    return List.copyOf(accusations);
  }

  /** Batches executed, at all replicas together. */
  public long ordered() {
    return ordered;
  }
}
