package io.destiny.sim.check;

import io.destiny.core.machine.Effect;
import io.destiny.sim.world.TraceListener;

/**
 * No correct replica stops itself (S19; that none throws is the world's own check), and no correct
 * replica names another correct one as faulty (S21).
 */
public final class ConductCheck implements TraceListener {
  private final Scope scope;
  private final Scope.Count s19;
  private final Scope.Count s21;

  public ConductCheck(Scope scope) {
    this.scope = scope;
    this.s19 = scope.count("S19");
    this.s21 = scope.count("S21");
  }

  @Override
  public void started(int replica) {
    s19.checked++;
  }

  @Override
  public void halted(int replica, String reason) {
    s19.checked++;
    if (scope.correct(replica)) {
      throw new Violation("S19", "R" + replica + " stopped itself: " + reason);
    }
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    if (effect instanceof Effect.Note(Effect.Event.Evidence e) && scope.correct(replica)) {
      s21.checked++;
      if (scope.correct(e.replica())) {
        throw new Violation(
            "S21",
            "R%d accuses R%d, which is correct, of %s".formatted(replica, e.replica(), e.what()));
      }
    }
  }
}
