package io.destiny.sim.world;

/** What the replicas of a world run on. */
@FunctionalInterface
public interface Hardware {
  /**
   * The processor for a new life of a replica.
   *
   * @param seed for its randomness
   */
  Processor processor(int replica, long seed, Processor.Clock clock);
}
