package io.destiny.protocols.dqbft;

import io.destiny.core.machine.Settings;
import java.util.Arrays;

/**
 * An adaptive T_order (dqbft.md §6 rule 12). T_order bounds a single wait; an O-primary that lets
 * every slot wait a little less slows all down and is never suspected. So the time from a slot's
 * dissemination here to the commit of the list that orders it is measured against what
 * dissemination itself takes, which is as many steps under other leaders: one whose orders are late
 * too often is complained about. A single late one may be an accident.
 */
final class OrderDelays {
  /** How many of the last orders of an instance are looked at, and how many may be late. */
  private static final int LOOKED_AT = 16;

  private static final int MOST_LATE = 4;

  /** So many times the usual delay is not late. */
  private static final int FACTOR = 4;

  /** The usual delay fades by this fraction a slot. */
  private static final int FADING = 16;

  /** So many orders in time take one doubling off the patience, and each doubling doubles it. */
  private static final long CLEAN = 1024;

  private static final int MOST_PATIENCE = 10;
  private static final long UNKNOWN = -1;

  private final Settings settings;
  private final Dqbft dqbft;

  /** Per instance, the slot whose dissemination is timed (0: none), and since when. */
  private final long[] proposed;

  private final long[] proposedAt;

  /** Per instance: the longest time from proposal to commit of late; {@link #UNKNOWN} at first. */
  private final long[] usual;

  /** Per instance, the slot whose order is timed (0: none), and since when. */
  private final long[] waiting;

  private final long[] waitingSince;

  /** Per instance, bit i: the i-th last order was late. */
  private final int[] late;

  /** What is late, as of the last look. */
  private long limit;

  /** How often the limit is doubled, since primaries were replaced for being slow. */
  private int patience;

  private long clean;
  private boolean suspected;

  OrderDelays(Settings settings, Dqbft dqbft) {
    this.settings = settings;
    this.dqbft = dqbft;
    int n = settings.n();
    this.proposed = new long[n];
    this.proposedAt = new long[n];
    this.usual = new long[n];
    this.waiting = new long[n];
    this.waitingSince = new long[n];
    this.late = new int[n];
    this.limit = settings.tuning().orderTimeout();
    Arrays.fill(usual, UNKNOWN);
  }

  /** A valid proposal of D_n is held. */
  void proposed(int n, long slot) {
    if (proposed[n] <= dqbft.dissemination(n).stable()) {
      proposed[n] = slot;
      proposedAt[n] = dqbft.step().now();
    }
  }

  /** A slot of D_n is committed here. */
  void disseminated(int n, long slot) {
    long now = dqbft.step().now();
    if (slot == proposed[n]) {
      proposed[n] = 0;
      usual[n] = Math.max(now - proposedAt[n], usual[n] - usual[n] / FADING);
    }
    if (waiting[n] != 0) {
      return;
    }
    if (slot <= dqbft.order().needed(n)) {
      judge(n, 0);
    } else if (slot > dqbft.order().executed(n)) {
      waiting[n] = slot;
      waitingSince[n] = now;
    }
  }

  /** A list is committed here. */
  void ordered(OrderList list) {
    for (OrderList.Entry e : list.entries()) {
      int n = e.instance();
      if (waiting[n] != 0 && waiting[n] <= e.slot()) {
        waiting[n] = 0;
        judge(n, dqbft.step().now() - waitingSince[n]);
      }
    }
  }

  private void judge(int n, long delay) {
    boolean slow = delay > limit;
    late[n] = (late[n] << 1 | (slow ? 1 : 0)) & ((1 << LOOKED_AT) - 1);
    if (slow) {
      clean = 0;
    } else if (++clean >= CLEAN << patience) {
      clean = 0;
      patience = Math.max(0, patience - 1);
    }
  }

  /** A view of D_n was entered: its slots are timed anew. */
  void entered(int n) {
    proposed[n] = 0;
  }

  /**
   * A view of O was entered. After a primary that was too slow the next ones get more time: where
   * all are slow for a good reason, one of them must be able to stay.
   */
  void orderEntered() {
    forget();
    Arrays.fill(late, 0);
    if (suspected) {
      patience = Math.min(patience + 1, MOST_PATIENCE);
    }
    suspected = false;
    limit = newLimit();
  }

  /** What waits now is not the primary's fault. */
  void forget() {
    Arrays.fill(waiting, 0);
  }

  /** Looks at all instances; whether the O-primary is too slow. */
  boolean tooSlow() {
    limit = newLimit();
    for (int bits : late) {
      if (Integer.bitCount(bits) > MOST_LATE) {
        suspected = true;
        return true;
      }
    }
    return false;
  }

  /**
   * By the (f+1)-th shortest usual delay: coordinators that lie can neither shorten it below that
   * of a correct one nor, while enough are at work, lengthen it.
   */
  private long newLimit() {
    long[] known = Arrays.stream(usual).filter(u -> u != UNKNOWN).sorted().toArray();
    int f = settings.rule().f();
    long most = settings.tuning().orderTimeout();
    if (known.length <= f) {
      return most;
    }
    long once = FACTOR * known[f] + settings.tuning().orderDelay();
    return once >= most >> patience ? most : once << patience;
  }
}
