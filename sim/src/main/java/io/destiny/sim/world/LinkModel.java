package io.destiny.sim.world;

/**
 * How a link treats messages.
 *
 * @param minDelay shortest delay, nanoseconds
 * @param maxDelay longest delay, nanoseconds
 * @param loss messages lost out of 1000
 * @param duplication messages delivered twice out of 1000
 * @param reordering false: messages arrive in the order in which they were sent
 */
public record LinkModel(
    long minDelay, long maxDelay, int loss, int duplication, boolean reordering) {
  /** 0.5 to 1 ms, in order, nothing lost. */
  public static final LinkModel CALM = new LinkModel(500_000, 1_000_000, 0, 0, false);

  public LinkModel {
    if (minDelay < 0 || maxDelay < minDelay || loss < 0 || loss > 1000 || duplication < 0) {
      throw new IllegalArgumentException("no such link");
    }
  }

  public LinkModel withLoss(int perThousand) {
    return new LinkModel(minDelay, maxDelay, perThousand, duplication, reordering);
  }

  public LinkModel withDuplication(int perThousand) {
    return new LinkModel(minDelay, maxDelay, loss, perThousand, reordering);
  }

  /** Each message has a delay of its own and may overtake others. */
  public LinkModel withReordering(long min, long max) {
    return new LinkModel(min, max, loss, duplication, true);
  }
}
