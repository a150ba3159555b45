package io.destiny.protocols.dqbft;

import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.Port;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The O-primary's open list (dqbft.md §4 rule 3, optimistic). */
final class OrderPrimary {
  private final Settings settings;
  private final Dqbft dqbft;
  private final ConsensusEngine ordering;
  private final Port port;
  private final Map<Integer, Long> open = new LinkedHashMap<>();

  /** Highest slot of each instance in the open list or in a list proposed. */
  private final long[] appended;

  private boolean timerRunning;
  private boolean due;

  OrderPrimary(Settings settings, Dqbft dqbft, ConsensusEngine ordering, Port port) {
    this.settings = settings;
    this.dqbft = dqbft;
    this.ordering = ordering;
    this.port = port;
    this.appended = new long[settings.n()];
  }

  /**
   * Proposals of D_n came, or what covers it changed: append what is held without a gap above
   * covered_n.
   */
  void look(int n) {
    if (!ordering.leading()) {
      return;
    }
    ConsensusEngine instance = dqbft.dissemination(n);
    long covered = Math.max(dqbft.order().covered(n), appended[n]);
    long last =
        Math.min(
            instance.stable() + settings.tuning().window(),
            dqbft.order().covered(n) + Math.max(1, settings.tuning().window() / 8));
    long next = covered;
    while (next < last && instance.shown(next + 1)) {
      next++;
    }
    if (next > covered && (open.containsKey(n) || open.size() < settings.limits().maxEntries())) {
      appended[n] = next;
      open.put(n, next);
    }
  }

  /** T_ob. */
  void onTimer() {
    timerRunning = false;
    due = true;
  }

  /**
   * Proposes the open list: at once when nothing is in flight, else when it is full or T_ob has
   * passed.
   */
  void propose() {
    if (open.isEmpty() || !ordering.leading() || ordering.windowFull()) {
      return;
    }
    Settings.Tuning t = settings.tuning();
    boolean full = open.size() >= settings.limits().maxEntries();
    if (ordering.inFlight() == 0 || (ordering.inFlight() < t.maxInFlight() && (full || due))) {
      List<OrderList.Entry> entries = new ArrayList<>(open.size());
      open.forEach((n, slot) -> entries.add(new OrderList.Entry(n, slot)));
      open.clear();
      due = false;
      ordering.propose(OrderList.of(settings, dqbft.step().wallMillis(), entries), port);
    } else if (!timerRunning && !due) {
      timerRunning = true;
      port.startTimer(TimerKind.ORDER_BATCH, 0, t.orderDelay());
    }
  }
}
