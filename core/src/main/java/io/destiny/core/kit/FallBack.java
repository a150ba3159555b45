package io.destiny.core.kit;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The fall-back through a list of collectors (linear-hybster.md §5 rule 6): the j-th expiry reaches
 * the next 2^(j-1), so that all are reached in about log2 steps; then it wraps around with a
 * doubled delay.
 */
public final class FallBack {
  /** Makes the order of the collectors, the first included. */
  @FunctionalInterface
  public interface Order {
    int[] make();
  }

  private final int first;
  private final Order all;
  private int @Nullable [] made;
  private int reached = 1;
  private int step = 1;
  private int rounds;

  /**
   * @param first who was asked already
   * @param all the collectors, {@code first} first; made when the first fall-back is needed, which
   *     is rare
   */
  public FallBack(int first, Order all) {
    this.first = first;
    this.all = all;
  }

  /** Who was asked first. */
  public int first() {
    return first;
  }

  /** The collectors to ask now. */
  public int[] next() {
    int[] order = made;
    if (order == null) {
      order = all.make();
      made = order;
    }
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
