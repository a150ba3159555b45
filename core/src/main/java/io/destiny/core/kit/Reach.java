package io.destiny.core.kit;

import java.util.function.Predicate;

/**
 * How far the slots above the low watermark have come: up to where all are decided, and which is
 * the highest that something is held of.
 *
 * @param <T> the state of a slot
 */
public final class Reach<T> {
  private final SlotWindow<T> window;
  private final Predicate<T> known;
  private final Prefix<T> decided;
  private long highest;

  /**
   * @param known whether something is held of a slot: a proposal or a commitment
   */
  public Reach(SlotWindow<T> window, Predicate<T> known, Predicate<T> decided) {
    this.window = window;
    this.known = known;
    this.decided = new Prefix<>(window, decided);
  }

  /** Every slot up to here is decided. */
  public long frontier() {
    return decided.end();
  }

  /** The highest slot that something is held of. */
  public long highest() {
    return highest;
  }

  /** Something is held of this slot. */
  public void touch(long slot) {
    highest = Math.max(highest, slot);
  }

  /**
   * The slots are another view's now: what they hold is told by {@link #touch} or {@link #find}.
   */
  public void restart() {
    highest = window.low();
  }

  /** Looks at all slots: they are another view's now, or those that the log shows. */
  public void find() {
    restart();
    for (long n = window.low() + 1; n <= window.high(); n++) {
      T slot = window.peek(n);
      if (slot != null && known.test(slot)) {
        highest = n;
      }
    }
    extend();
  }

  /** Slots were decided, or the low watermark has moved. */
  public void extend() {
    decided.extend();
  }
}
