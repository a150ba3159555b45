package io.destiny.core.kit;

import java.util.Arrays;

/**
 * The fall-back through a list of collectors (linear-hybster.md §5 rule 6): the j-th expiry reaches
 * the next 2^(j-1), so that all are reached in about log2 steps; then it wraps around with a
 * doubled delay.
 */
public final class FallBack {
  private final int[] order;
  private int reached = 1;
  private int step = 1;
  private int rounds;

  /**
   * @param order the collectors; the first was asked already
   */
  public FallBack(int[] order) {
    this.order = order;
  }

  /** Who was asked first. */
  public int first() {
    return order[0];
  }

  /** The collectors to ask now. */
  public int[] next() {
    if (reached >= order.length) {
      reached = 0;
      step = 1;
      rounds = Math.min(rounds + 1, 6);
    }
    int to = Math.min(order.length, reached + step);
    int[] next = Arrays.copyOfRange(order, reached, to);
    reached = to;
    step *= 2;
    return next;
  }

  /** The delay to the next expiry, given the first one's. */
  public long delay(long first) {
    return first << rounds;
  }
}
