package io.destiny.sim.check;

import io.destiny.core.crypto.Result;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.world.TraceListener;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Nothing leaves a replica before what it persisted first is durable, a share is only asked for
 * when a record about its slot and view is in the durable log, and a counter only leaves or enters
 * a view when all that was recorded about the instance itself is (trusted-subsystem.md §7).
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

  /** Records of slot 0, lazily written ones too. */
  private final Map<Place, NavigableSet<Long>> ofInstance = new HashMap<>();

  private record Place(int replica, int instance) {}

  /**
   * Up to where a checkpoint has replaced the log. A leader whose NEW-VIEW begins below signs there
   * too: what it signs is in the record of that NEW-VIEW, and the payloads are in the checkpoint.
   */
  private final Map<Place, Long> forgotten = new HashMap<>();

  public DurabilityCheck(Scope scope, Log log) {
    this.scope = scope;
    this.s11 = scope.count("S11");
    this.log = log;
  }

  @Override
  public void started(int replica) {
    unsynced.put(replica, new TreeSet<>());
    ofInstance.keySet().removeIf(place -> place.replica == replica);
  }

  private NavigableSet<Long> unsynced(int replica) {
    return unsynced.computeIfAbsent(replica, r -> new TreeSet<>());
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    if (effect instanceof Effect.Forget f) {
      forgotten.merge(new Place(replica, f.instance()), f.upTo(), Math::max);
    }
    if (!(effect instanceof Effect.Persist p)) {
      return;
    }
    if (!p.lazily()) {
      unsynced(replica).add(number);
    }
    for (LogRecord r : p.records()) {
      if (r.slot() == 0) {
        Place place = new Place(replica, r.instance());
        ofInstance.computeIfAbsent(place, x -> new TreeSet<>()).add(number);
      }
    }
  }

  @Override
  public void synced(int replica, long number) {
    unsynced(replica).headSet(number, true).clear();
    ofInstance.forEach(
        (place, numbers) -> {
          if (place.replica == replica) {
            numbers.headSet(number, true).clear();
          }
        });
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
    if (effect instanceof Effect.Trusted(long job, TrustedCall.Continuing f4)
        && scope.correct(replica)) {
      moves(replica, number, f4);
    }
  }

  private void moves(int replica, long number, TrustedCall.Continuing f4) {
    NavigableSet<Long> records = ofInstance.get(new Place(replica, f4.instance()));
    if (records != null && records.lower(number) != null) {
      throw new Violation(
          "S11",
          "R%d asks for %s before its record of the instance is durable".formatted(replica, f4));
    }
  }

  @Override
  public void trusted(int replica, TrustedCall call, Result result) {
    if (call instanceof TrustedCall.Independent f1
        && f1.counter() == Counters.ORDER
        && Counters.slot(f1.value()) > forgotten.getOrDefault(new Place(replica, f1.instance()), 0L)
        && result instanceof Result.Certified
        && scope.correct(replica)
        && !log.holds(
            replica, f1.instance(), Counters.slot(f1.value()), Counters.view(f1.value()))) {
      throw new Violation("S11", "R%d signs %s without a durable intent".formatted(replica, f1));
    }
  }
}
