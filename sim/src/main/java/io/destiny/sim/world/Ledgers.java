package io.destiny.sim.world;

import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Reconfiguration;
import io.destiny.sim.ghost.GhostLedger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The tables of all that was signed, one an epoch; an epoch begins with its first member. */
final class Ledgers {
  private final List<GhostLedger> byEpoch = new ArrayList<>();

  Ledgers(GhostLedger first) {
    byEpoch.add(first);
  }

  GhostLedger first() {
    return byEpoch.getFirst();
  }

  GhostLedger newest() {
    return byEpoch.getLast();
  }

  /** Null if that epoch has not begun. */
  @Nullable GhostLedger of(long epoch) {
    return epoch < byEpoch.size() ? byEpoch.get((int) epoch) : null;
  }

  /** The epoch that a RECONFIG names; the first to be told of it begins it. */
  GhostLedger begin(Reconfiguration next, FaultModel model) {
    if (next.epoch() == byEpoch.size()) {
      byEpoch.add(newest().next(new QuorumRule(next.n(), model)));
    }
    return byEpoch.get((int) next.epoch());
  }
}
