package io.destiny.sim.check;

import io.destiny.core.crypto.Result;
import io.destiny.core.machine.Effect;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.world.TraceListener;
import java.util.HashMap;
import java.util.Map;

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

  private final Log log;
  private final Map<Integer, Long> oldestUnsynced = new HashMap<>();
  private final Map<Integer, Long> newestPersist = new HashMap<>();

  public DurabilityCheck(Log log) {
    this.log = log;
  }

  @Override
  public void started(int replica) {
    oldestUnsynced.remove(replica);
    newestPersist.remove(replica);
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    if (effect instanceof Effect.Persist p && !p.lazily()) {
      oldestUnsynced.putIfAbsent(replica, number);
      newestPersist.put(replica, number);
    }
  }

  @Override
  public void synced(int replica, long number) {
    Long newest = newestPersist.get(replica);
    if (newest == null || newest <= number) {
      oldestUnsynced.remove(replica);
    } else {
      oldestUnsynced.computeIfPresent(replica, (r, old) -> Math.max(old, number + 1));
    }
  }

  @Override
  public void released(int replica, long number, Effect effect) {
    Long unsynced = oldestUnsynced.get(replica);
    if (unsynced != null && unsynced < number) {
      throw new Violation(
          "durability",
          "R%d lets effect %d out before the records of effect %d are durable"
              .formatted(replica, number, unsynced));
    }
  }

  @Override
  public void trusted(int replica, TrustedCall call, Result result) {
    if (call instanceof TrustedCall.IndependentShare f1
        && f1.counter() == Counters.ORDER
        && Counters.slot(f1.value()) > 0
        && result instanceof Result.Shared
        && !log.holds(
            replica, f1.instance(), Counters.slot(f1.value()), Counters.view(f1.value()))) {
      throw new Violation(
          "durability", "R%d signs %s without a durable intent".formatted(replica, f1));
    }
  }
}
