package io.destiny.protocols.dqbft;

import io.destiny.core.engine.Admission;
import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Instances;
import java.util.BitSet;

/**
 * A backup's gate for fresh O-lists (dqbft.md §4 rule 4). It waits; deterministic faults were
 * refused when the list was decoded.
 */
final class OrderGate {
  private final Settings settings;
  private final Dqbft dqbft;

  /**
   * Per instance, bit s mod W: slot s had a valid proposal in some view entered here (4a); empty
   * until the first. Bits at or below h mean nothing.
   */
  private final BitSet[] seen;

  /** h_n when the bits of older slots were cleared. */
  private final long[] cleared;

  private boolean timerRunning;

  /** T_ppwait has passed for the list that waits. */
  private boolean overdue;

  OrderGate(Settings settings, Dqbft dqbft) {
    this.settings = settings;
    this.dqbft = dqbft;
    this.seen = new BitSet[settings.n()];
    this.cleared = new long[settings.n()];
    for (int n = 0; n < settings.n(); n++) {
      seen[n] = new BitSet();
    }
  }

  private int bit(long slot) {
    return (int) (slot % settings.tuning().window());
  }

  /** A valid proposal of D_n is held. */
  void saw(int n, long slot) {
    long low = dqbft.dissemination(n).stable();
    for (long s = Math.max(cleared[n], low - settings.tuning().window()) + 1; s <= low; s++) {
      seen[n].clear(bit(s));
    }
    cleared[n] = low;
    if (slot > low && slot <= low + settings.tuning().window()) {
      seen[n].set(bit(slot));
    }
  }

  /** 4a: a proposal of any view up to the own one will do. */
  private boolean known(int n, ConsensusEngine instance, long slot) {
    return instance.shown(slot)
        || (slot > cleared[n]
            && slot <= cleared[n] + settings.tuning().window()
            && seen[n].get(bit(slot)));
  }

  /**
   * 4b: on probation a list waits for dissemination. What was proposed in a view of D_n that was
   * left here does not wait: its slot may not be re-proposed, and the caretaker may fill it only
   * once the list has committed, so list and slot would wait for each other.
   */
  private boolean disseminated(int n, ConsensusEngine instance, long slot) {
    return slot > dqbft.probation(n).end()
        || instance.committed(slot)
        || !instance.entered()
        || !instance.shown(slot);
  }

  Admission admit(long slot, OrderList list) {
    Admission admission = look(slot, list);
    if (admission == Admission.DEFER && !timerRunning) {
      timerRunning = true;
      Settings.Tuning t = settings.tuning();
      long delay = overdue ? t.resendDelay() : t.gateTimeout();
      dqbft.port(Instances.ORDER).startTimer(TimerKind.GATE, 0, delay);
    } else if (admission == Admission.ACCEPT) {
      reset();
    }
    return admission;
  }

  private Admission look(long slot, OrderList list) {
    if (list.timeMillis() > dqbft.step().wallMillis() + settings.tuning().skewMillis()) {
      return Admission.DEFER;
    }
    Admission admission = Admission.ACCEPT;
    for (OrderList.Entry e : list.entries()) {
      ConsensusEngine instance = dqbft.dissemination(e.instance());
      long covered = dqbft.order().coveredBefore(e.instance(), slot);
      if (e.slot() <= covered) {
        continue;
      }
      if (e.slot() > dqbft.order().windowEnd(e.instance())) {
        return Admission.DEFER;
      }
      for (long s = covered + 1; s <= e.slot(); s++) {
        if (!known(e.instance(), instance, s)) {
          instance.fetch(s, dqbft.port(e.instance()));
          admission = Admission.DEFER;
        } else if (!disseminated(e.instance(), instance, s)) {
          admission = Admission.DEFER;
        }
      }
    }
    return admission;
  }

  /** T_ppwait and T_grace, then every T_resend while a list still waits. */
  void onTimer() {
    timerRunning = false;
    overdue = true;
    dqbft.ordering().reconsider(dqbft.port(Instances.ORDER));
    if (timerRunning) {
      dqbft.suspect(Instances.ORDER, Suspicion.GATE);
    }
  }

  /** A list passed, or the O-view that it was proposed in was left. */
  void reset() {
    overdue = false;
    if (timerRunning) {
      timerRunning = false;
      dqbft.port(Instances.ORDER).stopTimer(TimerKind.GATE, 0);
    }
  }
}
