package io.destiny.sim.world;

/** Carries frames between replicas. */
public interface Network {
  /** Takes a frame to carry, lose, delay or repeat. */
  void send(int from, int to, Frame frame);

  /** What a network may do with the world. */
  interface Wire {
    long now();

    /** Runs {@code action} in {@code delay} nanoseconds. */
    void in(long delay, Runnable action);

    /** Hands a frame to a replica now; a replica that is down loses it. */
    void deliver(int from, int to, Frame frame);
  }
}
