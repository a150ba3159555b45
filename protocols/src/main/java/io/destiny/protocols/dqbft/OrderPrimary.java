package io.destiny.protocols.dqbft;

import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.Port;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The O-primary's open list (dqbft.md §4 rule 3). */
final class OrderPrimary {
  private final Settings settings;
  private final Dqbft dqbft;
  private final ConsensusEngine ordering;
  private final Port port;
  private final Map<Integer, Long> open = new LinkedHashMap<>();

  /** What the open list names of each instance, 0 for nothing. */
  private final long[] appended;

  private boolean timerRunning;
  private boolean due;
  private boolean rebuild;

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
    while (next < last && mayOrder(n, instance, next + 1)) {
      next++;
    }
    if (next > covered && (open.containsKey(n) || open.size() < settings.limits().maxEntries())) {
      appended[n] = next;
      open.put(n, next);
    }
  }

  /**
   * Optimistic: what a valid proposal of a view that was entered shows. Pessimistic, on probation
   * or while earlier orders stay undisseminated: what is committed.
   */
  private boolean mayOrder(int n, ConsensusEngine instance, long slot) {
    boolean optimistic =
        instance.entered() && slot > dqbft.probation(n).end() && !dqbft.monitors().lagging(n);
    return optimistic ? instance.shown(slot) : instance.committed(slot);
  }

  /** A view of O was entered; the lists that it takes over are told next. */
  void viewEntered() {
    open.clear();
    Arrays.fill(appended, 0);
    due = false;
    rebuild = true;
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
    if (rebuild) {
      // destiny.md §6: from covered_n+1 on, what the new view covers now known.
      rebuild = false;
      for (int n = 0; n < settings.n(); n++) {
        look(n);
      }
    }
    if (open.isEmpty() || !ordering.leading() || ordering.windowFull()) {
      return;
    }
    Settings.Tuning t = settings.tuning();
    boolean full = open.size() >= settings.limits().maxEntries();
    if (ordering.inFlight() == 0 || (ordering.inFlight() < t.maxInFlight() && (full || due))) {
      List<OrderList.Entry> entries = new ArrayList<>(open.size());
      open.forEach((n, slot) -> entries.add(new OrderList.Entry(n, slot)));
      open.clear();
      Arrays.fill(appended, 0);
      due = false;
      OrderList list = OrderList.of(settings, dqbft.step().wallMillis(), entries);
      OptionalLong slot = ordering.propose(list, port);
      if (slot.isPresent()) {
        dqbft.order().accept(slot.getAsLong(), list, false);
      }
    } else if (!timerRunning && !due) {
      timerRunning = true;
      port.startTimer(TimerKind.ORDER_BATCH, 0, t.orderDelay());
    }
  }
}
