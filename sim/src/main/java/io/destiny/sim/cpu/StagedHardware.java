package io.destiny.sim.cpu;

import io.destiny.sim.world.Hardware;
import io.destiny.sim.world.Processor;
import java.util.BitSet;
import java.util.SplittableRandom;

/** Machines with cores and stages, priced by a {@link CostTable}. */
public final class StagedHardware implements Hardware {
  private final CostTable table;
  private final Price price;
  private final StagedProcessor[] present;
  private final long[] busyBefore;
  private final BitSet blocked = new BitSet();

  public StagedHardware(CostTable table, int n) {
    this.table = table;
    this.price = new Price(table);
    this.present = new StagedProcessor[n];
    this.busyBefore = new long[n];
  }

  public CostTable table() {
    return table;
  }

  @Override
  public Processor processor(int replica, long seed, Processor.Clock clock) {
    if (present[replica] != null) {
      busyBefore[replica] += present[replica].busyNanos();
    }
    SplittableRandom random = new SplittableRandom(seed);
    double speed = Math.exp(random.nextGaussian() * table.get("speed_sigma"));
    present[replica] = new StagedProcessor(price, clock, random, speed);
    present[replica].block(blocked.get(replica));
    return present[replica];
  }

  /** A connection's buffer is full: the protocol stage of this replica waits until it is not. */
  public void block(int replica, boolean full) {
    blocked.set(replica, full);
    if (present[replica] != null) {
      present[replica].block(full);
    }
  }

  /** How many cores a replica has. */
  public int cores() {
    return price.cores;
  }

  /** Core-nanoseconds a replica has worked. */
  public long busyNanos(int replica) {
    return busyBefore[replica] + (present[replica] == null ? 0 : present[replica].busyNanos());
  }
}
