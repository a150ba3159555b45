package io.destiny.core.machine;

import io.destiny.core.model.Instances;
import io.destiny.core.model.Limits;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;

/**
 * All that a protocol is told about its cluster and itself.
 *
 * @param self this replica's number
 */
public record Settings(Domain domain, QuorumRule rule, int self, Limits limits, Tuning tuning) {
  public Settings {
    if (self < 0 || self >= rule.n()) {
      throw new IllegalArgumentException("no replica " + self + " in a cluster of " + rule.n());
    }
  }

  public int n() {
    return rule.n();
  }

  /**
   * What may be tuned; equal at all replicas. Times in nanoseconds (00-system-model §8).
   *
   * @param orderPrimary p0, the O-primary of view 0
   * @param batch commands after which a batch closes
   * @param batchBytes bytes after which a batch closes
   * @param batchDelay T_batch
   * @param orderDelay T_ob
   * @param maxInFlight batches of its own that a proposer has uncommitted before it waits for a
   *     batch to fill
   * @param window W_D
   * @param orderWindow W_O
   * @param checkpointInterval K_O, in O-slots
   * @param collectors R, how many further collectors follow the first
   * @param permuted whether the first collector of a slot is not its leader but drawn by the slot,
   *     with the leader as the last resort (sbft.md §2)
   * @param collectorDelay T_col
   * @param executionDelay T_exec
   * @param fetchDelay T_fetch
   * @param resendDelay T_resend
   * @param proposalTimeout T_prop
   * @param orderTimeout T_order, T_ocommit and T_dis
   * @param gateTimeout T_ppwait and T_grace
   * @param viewTimeout T_vc and T_nv
   * @param reinstateDelay T_rein, between reinstatements of an owner at level 0
   * @param skewMillis T_skew, milliseconds
   * @param pillars P, how many instances share the order of an engine alone (hybster.md §3)
   */
  public record Tuning(
      int orderPrimary,
      int batch,
      int batchBytes,
      long batchDelay,
      long orderDelay,
      int maxInFlight,
      int window,
      int orderWindow,
      int checkpointInterval,
      int collectors,
      boolean permuted,
      long collectorDelay,
      long executionDelay,
      long fetchDelay,
      long resendDelay,
      long proposalTimeout,
      long orderTimeout,
      long gateTimeout,
      long viewTimeout,
      long reinstateDelay,
      long skewMillis,
      int pillars) {
    private static final long MILLISECOND = 1_000_000;

    public Tuning {
      if (pillars < 1 || pillars > Instances.MOST_PILLARS) {
        throw new IllegalArgumentException("there are 1 to 8 pillars, not " + pillars);
      }
    }

    /** The defaults of the specifications for a cluster that tolerates {@code f} faults. */
    public static Tuning defaults(int f) {
      return new Tuning(
          0,
          200,
          512 << 10,
          10 * MILLISECOND,
          5 * MILLISECOND,
          2,
          256,
          512,
          128,
          f,
          false,
          200 * MILLISECOND,
          250 * MILLISECOND,
          250 * MILLISECOND,
          250 * MILLISECOND,
          1000 * MILLISECOND,
          1000 * MILLISECOND,
          500 * MILLISECOND,
          2000 * MILLISECOND,
          10_000 * MILLISECOND,
          1000,
          1);
    }

    /** The same, to be changed. */
    public Draft change() {
      return new Draft(this);
    }

    /** The same without T_batch and T_ob: whatever can be proposed is proposed at once. */
    public Tuning immediate() {
      return change().batchDelay(0).orderDelay(0).maxInFlight(window).done();
    }

    /** The same with batches of so many commands. */
    public Tuning withBatch(int commands) {
      return change().batch(commands).batchBytes(Math.max(batchBytes, commands * 1024)).done();
    }

    /**
     * The same where an epoch with other members follows: a leader must be one of them, and the
     * collectors follow f if they did.
     */
    public Tuning goingOver(QuorumRule before, QuorumRule next) {
      return change()
          .orderPrimary(orderPrimary % next.n())
          .collectors(collectors == before.f() ? next.f() : collectors)
          .done();
    }

    /**
     * For experiments under load (experiments.md §1): ordering entries grouped for 50 ms at most,
     * 128 batches of a proposer out of order, time-outs that never fire without failures, and a
     * checkpoint every 32 O-slots, so that hundreds of simulated replicas fit into one memory.
     */
    public Tuning calm() {
      return change()
          .orderDelay(50 * MILLISECOND)
          .maxInFlight(128)
          .checkpointInterval(32)
          .collectorDelay(5000 * MILLISECOND)
          .executionDelay(5000 * MILLISECOND)
          .fetchDelay(2000 * MILLISECOND)
          .resendDelay(2000 * MILLISECOND)
          .proposalTimeout(5000 * MILLISECOND)
          .orderTimeout(5000 * MILLISECOND)
          .gateTimeout(5000 * MILLISECOND)
          .viewTimeout(5000 * MILLISECOND)
          .done();
    }

    /** A tuning that is being changed; each method sets what the component of its name says. */
    public static final class Draft {
      private int orderPrimary;
      private int batch;
      private int batchBytes;
      private long batchDelay;
      private long orderDelay;
      private int maxInFlight;
      private int window;
      private int orderWindow;
      private int checkpointInterval;
      private int collectors;
      private boolean permuted;
      private long collectorDelay;
      private long executionDelay;
      private long fetchDelay;
      private long resendDelay;
      private long proposalTimeout;
      private long orderTimeout;
      private long gateTimeout;
      private long viewTimeout;
      private long reinstateDelay;
      private long skewMillis;
      private int pillars;

      private Draft(Tuning from) {
        orderPrimary = from.orderPrimary;
        batch = from.batch;
        batchBytes = from.batchBytes;
        batchDelay = from.batchDelay;
        orderDelay = from.orderDelay;
        maxInFlight = from.maxInFlight;
        window = from.window;
        orderWindow = from.orderWindow;
        checkpointInterval = from.checkpointInterval;
        collectors = from.collectors;
        permuted = from.permuted;
        collectorDelay = from.collectorDelay;
        executionDelay = from.executionDelay;
        fetchDelay = from.fetchDelay;
        resendDelay = from.resendDelay;
        proposalTimeout = from.proposalTimeout;
        orderTimeout = from.orderTimeout;
        gateTimeout = from.gateTimeout;
        viewTimeout = from.viewTimeout;
        reinstateDelay = from.reinstateDelay;
        skewMillis = from.skewMillis;
        pillars = from.pillars;
      }

      public Draft orderPrimary(int value) {
        this.orderPrimary = value;
        return this;
      }

      public Draft batch(int value) {
        this.batch = value;
        return this;
      }

      public Draft batchBytes(int value) {
        this.batchBytes = value;
        return this;
      }

      public Draft batchDelay(long value) {
        this.batchDelay = value;
        return this;
      }

      public Draft orderDelay(long value) {
        this.orderDelay = value;
        return this;
      }

      public Draft maxInFlight(int value) {
        this.maxInFlight = value;
        return this;
      }

      public Draft window(int value) {
        this.window = value;
        return this;
      }

      public Draft orderWindow(int value) {
        this.orderWindow = value;
        return this;
      }

      public Draft checkpointInterval(int value) {
        this.checkpointInterval = value;
        return this;
      }

      public Draft collectors(int value) {
        this.collectors = value;
        return this;
      }

      public Draft permuted(boolean value) {
        this.permuted = value;
        return this;
      }

      public Draft collectorDelay(long value) {
        this.collectorDelay = value;
        return this;
      }

      public Draft executionDelay(long value) {
        this.executionDelay = value;
        return this;
      }

      public Draft fetchDelay(long value) {
        this.fetchDelay = value;
        return this;
      }

      public Draft resendDelay(long value) {
        this.resendDelay = value;
        return this;
      }

      public Draft proposalTimeout(long value) {
        this.proposalTimeout = value;
        return this;
      }

      public Draft orderTimeout(long value) {
        this.orderTimeout = value;
        return this;
      }

      public Draft gateTimeout(long value) {
        this.gateTimeout = value;
        return this;
      }

      public Draft viewTimeout(long value) {
        this.viewTimeout = value;
        return this;
      }

      public Draft reinstateDelay(long value) {
        this.reinstateDelay = value;
        return this;
      }

      public Draft skewMillis(long value) {
        this.skewMillis = value;
        return this;
      }

      public Draft pillars(int value) {
        this.pillars = value;
        return this;
      }

      /**
       * @throws IllegalArgumentException if it is not consistent
       */
      public Tuning done() {
        return new Tuning(
            orderPrimary,
            batch,
            batchBytes,
            batchDelay,
            orderDelay,
            maxInFlight,
            window,
            orderWindow,
            checkpointInterval,
            collectors,
            permuted,
            collectorDelay,
            executionDelay,
            fetchDelay,
            resendDelay,
            proposalTimeout,
            orderTimeout,
            gateTimeout,
            viewTimeout,
            reinstateDelay,
            skewMillis,
            pillars);
      }
    }
  }
}
