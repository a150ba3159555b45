package io.destiny.protocols.dqbft;

import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.Writer;
import java.util.Arrays;

/**
 * Watches whether the leaders of all instances do their work (dqbft.md §6 rules 12 and 13): one
 * look at the lowest unfinished slot of each instance every T_resend, and no timer a slot.
 */
final class Monitors {
  /** Most ORDER-REQs an instance and T_resend after a view change of O. */
  private static final int MOST_REQUESTS = 16;

  /** In place of a slot: all is well, so that a clock starts when a look first finds it is not. */
  private static final long NOTHING = -1;

  private final Settings settings;
  private final Dqbft dqbft;

  /** Per instance, O last: the frontier at the last look, and since when it has stood still. */
  private final long[] frontier;

  private final long[] stuckSince;

  /** Per D-instance: covered_n at the last look, and since when a committed slot lies above it. */
  private final long[] covered;

  private final long[] uncoveredSince;

  /** Up to here D_n was known of when the O-view was entered (§7 case 2). */
  private final long[] beforeView;

  private long lastTick;

  Monitors(Settings settings, Dqbft dqbft) {
    this.settings = settings;
    this.dqbft = dqbft;
    int n = settings.n();
    this.frontier = new long[n + 1];
    this.stuckSince = new long[n + 1];
    this.covered = new long[n];
    this.uncoveredSince = new long[n];
    this.beforeView = new long[n];
    Arrays.fill(frontier, NOTHING);
    Arrays.fill(covered, NOTHING);
  }

  /** A view of D_n was entered: its leader gets all the time there is. */
  void entered(int n) {
    stuckSince[n] = dqbft.step().now();
  }

  /** A view of O was entered: T_order and T_ocommit start again. */
  void orderEntered(long view) {
    long now = dqbft.step().now();
    lastTick = now;
    stuckSince[settings.n()] = now;
    for (int n = 0; n < settings.n(); n++) {
      uncoveredSince[n] = now;
      beforeView[n] = view == 0 ? 0 : dqbft.dissemination(n).highest();
    }
  }

  void tick() {
    long now = dqbft.step().now();
    long elapsed = now - lastTick;
    lastTick = now;
    ConsensusEngine ordering = dqbft.ordering();
    boolean behind = dqbft.recovery().behind() || dqbft.recovery().transfer().active();
    // 00-system-model §8: T_order stands still while the O-window is full.
    boolean still =
        behind
            || !ordering.entered()
            || ordering.highest() >= ordering.stable() + settings.tuning().orderWindow();
    if (still) {
      dqbft.delays().forget();
    }
    boolean ignored = false;
    for (int n = 0; n < settings.n(); n++) {
      ConsensusEngine instance = dqbft.dissemination(n);
      long highest = instance.highest();
      watchDissemination(n, instance, highest, now, behind);
      ignored |= watchOrdering(n, instance, highest, now, still ? elapsed : 0);
      if (beforeView[n] != 0) {
        resend(n, instance, now);
      }
    }
    // T_ocommit.
    long waited = stuck(settings.n(), ordering, ordering.highest(), now, behind);
    boolean slow = dqbft.delays().tooSlow() && !still;
    if (ignored || slow || waited >= settings.tuning().orderTimeout()) {
      dqbft.suspect(Instances.ORDER, Suspicion.ORDERING);
    }
  }

  /** How long the lowest slot that is known of or demanded has been uncommitted. */
  private long stuck(int index, ConsensusEngine engine, long wanted, long now, boolean behind) {
    long at = engine.frontier();
    if (at >= wanted || at != frontier[index] || behind || !engine.entered()) {
      frontier[index] = at >= wanted ? NOTHING : at;
      stuckSince[index] = now;
      return 0;
    }
    // A committed slot's payload is fetched from those who voted for it.
    return engine.committed(at + 1) ? 0 : now - stuckSince[index];
  }

  /** T_dis (rule 13). */
  private void watchDissemination(
      int n, ConsensusEngine instance, long highest, long now, boolean behind) {
    long wanted = Math.max(highest, dqbft.order().needed(n));
    long waited = stuck(n, instance, wanted, now, behind);
    if (waited >= settings.tuning().orderTimeout() || (!behind && dqbft.stalls().tooOften(n))) {
      dqbft.suspect(n, Suspicion.DISSEMINATION);
    }
  }

  /** T_order (rule 12); true: it has expired. */
  private boolean watchOrdering(
      int n, ConsensusEngine instance, long highest, long now, long stoodStill) {
    long end = dqbft.order().covered(n);
    boolean watched = highest > end && instance.committed(end + 1);
    if (!watched || end != covered[n]) {
      covered[n] = watched ? end : NOTHING;
      uncoveredSince[n] = now;
      return false;
    }
    uncoveredSince[n] += stoodStill;
    long waited = now - uncoveredSince[n];
    if (waited >= settings.tuning().orderTimeout() / 2) {
      // ORDER-REQ: the primary may be in the dark.
      request(n, instance, end + 1);
    }
    return stoodStill == 0 && waited >= settings.tuning().orderTimeout();
  }

  private void request(int n, ConsensusEngine instance, long slot) {
    int primary = dqbft.ordering().primary();
    if (primary != settings.self()) {
      instance.show(slot, primary, dqbft.port(n));
    }
  }

  /**
   * §7 case 2: what was proposed or committed before the view change of O and is not covered in the
   * new view, told to the new primary by the coordinator and a few chosen others.
   */
  private void resend(int n, ConsensusEngine instance, long now) {
    long from = dqbft.order().covered(n) + 1;
    if (from > beforeView[n] || dqbft.ordering().primary() == settings.self()) {
      beforeView[n] = 0;
      return;
    }
    long last = Math.min(beforeView[n], from + MOST_REQUESTS - 1);
    for (long s = from; s <= last; s++) {
      // T_order sends the lowest one by itself.
      boolean sent = s == from && now - uncoveredSince[n] >= settings.tuning().orderTimeout() / 2;
      if (!sent && instance.shown(s) && (instance.primary() == settings.self() || chosen(n, s))) {
        request(n, instance, s);
      }
    }
  }

  /** H(n, s, v_O, i) mod N &lt; m. */
  private boolean chosen(int n, long slot) {
    byte[] seed =
        new Writer(24).u16(n).u64(slot).u32(dqbft.ordering().view()).u16(settings.self()).toBytes();
    long h = Long.remainderUnsigned(Digest.of(seed).prefix(), settings.n());
    return h < Flooding.few(settings.n());
  }
}
