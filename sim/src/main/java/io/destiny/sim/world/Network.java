package io.destiny.sim.world;

/** Carries frames between replicas. */
public interface Network {
  /** Takes a frame to carry, lose, delay or repeat. */
  void send(int from, int to, Frame frame);

  /**
   * Carries a client's message to a replica.
   *
   * @param bytes its length
   */
  default void up(Wire wire, long client, int to, int bytes, Runnable arrive) {
    wire.in(wire.clientDelay(), arrive);
  }

  /** Carries a replica's message to a client. */
  default void down(Wire wire, int from, long client, int bytes, Runnable arrive) {
    wire.in(wire.clientDelay(), arrive);
  }

  /** What a network may do with the world. */
  interface Wire {
    long now();

    /** Runs {@code action} in {@code delay} nanoseconds. */
    void in(long delay, Runnable action);

    /** How long a message between client and replica takes where the network has no say. */
    long clientDelay();

    /** Hands a frame to a replica now; a replica that is down loses it. */
    void deliver(int from, int to, Frame frame);
  }
}
