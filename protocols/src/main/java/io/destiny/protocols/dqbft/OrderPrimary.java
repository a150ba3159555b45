package io.destiny.protocols.dqbft;

import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.Port;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Assignment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The O-primary's open list (dqbft.md §4 rule 3). */
final class OrderPrimary {
  private static final long NOTHING = -1;

  private final Settings settings;
  private final Dqbft dqbft;
  private final ConsensusEngine ordering;
  private final Port port;
  private final Map<Integer, Long> open = new LinkedHashMap<>();

  /** What the open list names of each instance, 0 for nothing. */
  private final long[] appended;

  /**
   * Per instance: since when its frontier has stood below what was ordered, or {@link #NOTHING};
   * the frontier then, and at the last order that stayed undisseminated; and the probation that it
   * is on here for that.
   */
  private final long[] since;

  private final long[] frontier;
  private final long[] lastLate;
  private final List<Probation> distrust = new ArrayList<>();

  private boolean timerRunning;
  private boolean due;
  private boolean rebuild;

  OrderPrimary(Settings settings, Dqbft dqbft, ConsensusEngine ordering, Port port) {
    this.settings = settings;
    this.dqbft = dqbft;
    this.ordering = ordering;
    this.port = port;
    this.appended = new long[settings.n()];
    this.since = new long[settings.n()];
    this.frontier = new long[settings.n()];
    this.lastLate = new long[settings.n()];
    Arrays.fill(since, NOTHING);
    Arrays.fill(lastLate, NOTHING);
    for (int n = 0; n < settings.n(); n++) {
      distrust.add(Probation.NONE);
    }
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
    watch(n, instance.frontier());
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
   * or after earlier orders stayed undisseminated: what is committed.
   */
  private boolean mayOrder(int n, ConsensusEngine instance, long slot) {
    long end = Math.max(dqbft.probation(n).end(), distrust.get(n).end());
    boolean optimistic = instance.entered() && slot > end;
    return optimistic ? instance.shown(slot) : instance.committed(slot);
  }

  /**
   * Rule 3: orders that stay undisseminated until they are fetched make everybody wait. One may be
   * an accident. After a second within {@value Probation#SLOTS} slots, what this instance proposes
   * is ordered when it is committed, for as many slots as a view change would make it. (Half of
   * T_fetch: others may have asked a little before the order left here.)
   */
  private void watch(int n, long decided) {
    long now = dqbft.step().now();
    long covered = dqbft.order().covered(n);
    boolean late = since[n] != NOTHING && now - since[n] > settings.tuning().fetchDelay() / 2;
    if (late && lastLate[n] != NOTHING && decided - lastLate[n] < Probation.SLOTS) {
      distrust.set(n, distrust.get(n).next(Math.max(decided, covered)));
      dqbft.note(new Effect.Event.Count("ordered_pessimistically", 1));
    }
    if (late || decided != frontier[n]) {
      lastLate[n] = late ? decided : lastLate[n];
      frontier[n] = decided;
      since[n] = covered > decided ? now : NOTHING;
    }
  }

  /** The clock of {@link #watch} starts. */
  private void ordered(int n) {
    long decided = dqbft.dissemination(n).frontier();
    if (since[n] == NOTHING && dqbft.order().covered(n) > decided) {
      since[n] = dqbft.step().now();
      frontier[n] = decided;
    }
  }

  /** A view of O was entered; the lists that it takes over are told next. */
  void viewEntered() {
    open.clear();
    Arrays.fill(appended, 0);
    Arrays.fill(since, NOTHING);
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
    if (!ordering.leading() || ordering.windowFull()) {
      return;
    }
    int room = settings.limits().maxEntries() - open.size();
    List<Assignment> assignments = dqbft.assigning().toOrder(room);
    if (open.isEmpty() && assignments.isEmpty()) {
      return;
    }
    Settings.Tuning t = settings.tuning();
    boolean full = open.size() + assignments.size() >= settings.limits().maxEntries();
    if (ordering.inFlight() == 0 || (ordering.inFlight() < t.maxInFlight() && (full || due))) {
      List<OrderList.Entry> entries = new ArrayList<>(open.size());
      open.forEach((n, slot) -> entries.add(new OrderList.Entry(n, slot)));
      open.clear();
      Arrays.fill(appended, 0);
      due = false;
      OrderList list = OrderList.of(settings, dqbft.step().wallMillis(), entries, assignments);
      OptionalLong slot = ordering.propose(list, port);
      if (slot.isPresent()) {
        dqbft.order().accept(slot.getAsLong(), list, false);
        entries.forEach(e -> ordered(e.instance()));
        dqbft.assigning().proposed(assignments, slot.getAsLong());
      }
    } else if (!timerRunning && !due) {
      timerRunning = true;
      port.startTimer(TimerKind.ORDER_BATCH, 0, t.orderDelay());
    }
  }
}
