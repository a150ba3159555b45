package io.destiny.sim.check;

import io.destiny.core.crypto.Result;
import io.destiny.core.machine.Effect;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.world.TraceListener;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Nothing leaves a replica before what it persisted first is durable, and a share is only asked for
 * when a record about its slot and view is in the durable log (trusted-subsystem.md §7).
 */
public final class DurabilityCheck implements TraceListener {
  /** Looks a record up in a replica's durable log. */
  @FunctionalInterface
  public interface Log {
    boolean holds(int replica, int instance, long slot, long view);
  }

  private final Scope scope;
  private final Scope.Count s11;
  private final Log log;
  private final Map<Integer, NavigableSet<Long>> unsynced = new HashMap<>();

  public DurabilityCheck(Scope scope, Log log) {
    this.scope = scope;
    this.s11 = scope.count("S11");
    this.log = log;
  }

  @Override
  public void started(int replica) {
    unsynced.put(replica, new TreeSet<>());
  }

  private NavigableSet<Long> unsynced(int replica) {
    return unsynced.computeIfAbsent(replica, r -> new TreeSet<>());
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    if (effect instanceof Effect.Persist p && !p.lazily()) {
      unsynced(replica).add(number);
    }
  }

  @Override
  public void synced(int replica, long number) {
    unsynced(replica).headSet(number, true).clear();
  }

  @Override
  public void released(int replica, long number, Effect effect) {
    s11.checked++;
    Long before = unsynced(replica).isEmpty() ? null : unsynced(replica).lower(number);
    if (before != null && scope.correct(replica)) {
      throw new Violation(
          "S11",
          "R%d lets effect %d out before the records of effect %d are durable"
              .formatted(replica, number, before));
    }
  }

  @Override
  public void trusted(int replica, TrustedCall call, Result result) {
    if (call instanceof TrustedCall.IndependentShare f1
        && f1.counter() == Counters.ORDER
        && Counters.slot(f1.value()) > 0
        && result instanceof Result.Shared
        && scope.correct(replica)
        && !log.holds(
            replica, f1.instance(), Counters.slot(f1.value()), Counters.view(f1.value()))) {
      throw new Violation("S11", "R%d signs %s without a durable intent".formatted(replica, f1));
    }
  }
}
