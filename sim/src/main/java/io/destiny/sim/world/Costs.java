package io.destiny.sim.world;

/**
 * Hardware on which each thing takes a fixed time, in nanoseconds, and nothing waits for a core.
 *
 * @param sync a sync of the log
 * @param trusted a call of the trusted subsystem, there and back
 * @param compute a cryptographic job
 * @param execute a batch in the application
 * @param snapshot making a snapshot durable
 * @param client a message between client and replica, one way
 */
public record Costs(long sync, long trusted, long compute, long execute, long snapshot, long client)
    implements Hardware {
  /** Everything at once: for scripts. */
  public static final Costs NONE = new Costs(0, 0, 0, 0, 0, 0);

  /** Near to what was measured on a server. */
  public static final Costs TYPICAL =
      new Costs(150_000, 200_000, 1_000_000, 100_000, 5_000_000, 500_000);

  @Override
  public Processor processor(int replica, long seed, Processor.Clock clock) {
    return new FixedProcessor(this, clock);
  }
}
