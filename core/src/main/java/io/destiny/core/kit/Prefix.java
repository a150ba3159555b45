package io.destiny.core.kit;

import java.util.function.Predicate;

/**
 * How far the slots above the low watermark have something without a gap.
 *
 * @param <T> the state of a slot
 */
public final class Prefix<T> {
  private final SlotWindow<T> window;
  private final Predicate<T> has;

  /** Every slot of (h, end] has it. */
  private long end;

  public Prefix(SlotWindow<T> window, Predicate<T> has) {
    this.window = window;
    this.has = has;
  }

  public long end() {
    return end;
  }

  /** The slots are another view's now: none of them has it, as far as is known. */
  public void restart() {
    end = window.low();
  }

  /** Moves on over all slots that have it by now. */
  public void extend() {
    end = Math.max(end, window.low());
    T slot = window.peek(end + 1);
    while (slot != null && has.test(slot)) {
      end++;
      slot = window.peek(end + 1);
    }
  }
}
