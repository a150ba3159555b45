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

    /** The same without T_batch and T_ob: whatever can be proposed is proposed at once. */
    public Tuning immediate() {
      return new Tuning(
          orderPrimary,
          batch,
          batchBytes,
          0,
          0,
          window,
          window,
          orderWindow,
          checkpointInterval,
          collectors,
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

    /** The same with batches of so many commands. */
    public Tuning withBatch(int commands) {
      return new Tuning(
          orderPrimary,
          commands,
          Math.max(batchBytes, commands * 1024),
          batchDelay,
          orderDelay,
          maxInFlight,
          window,
          orderWindow,
          checkpointInterval,
          collectors,
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

    /** The same with a checkpoint every so many O-slots. */
    public Tuning withCheckpointInterval(int slots) {
      return new Tuning(
          orderPrimary,
          batch,
          batchBytes,
          batchDelay,
          orderDelay,
          maxInFlight,
          window,
          orderWindow,
          slots,
          collectors,
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

    /** The same with so many pillars. */
    public Tuning withPillars(int count) {
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
          count);
    }

    /**
     * The same where an epoch with other members follows: a leader must be one of them, and the
     * collectors follow f if they did.
     */
    public Tuning goingOver(QuorumRule before, QuorumRule next) {
      return new Tuning(
          orderPrimary % next.n(),
          batch,
          batchBytes,
          batchDelay,
          orderDelay,
          maxInFlight,
          window,
          orderWindow,
          checkpointInterval,
          collectors == before.f() ? next.f() : collectors,
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

    /**
     * For experiments under load (experiments.md §1): ordering entries grouped for 50 ms at most,
     * 128 batches of a proposer out of order, time-outs that never fire without failures, and a
     * checkpoint every 32 O-slots, so that hundreds of simulated replicas fit into one memory.
     */
    public Tuning calm() {
      return new Tuning(
          orderPrimary,
          batch,
          batchBytes,
          batchDelay,
          50 * MILLISECOND,
          128,
          window,
          orderWindow,
          32,
          collectors,
          5000 * MILLISECOND,
          5000 * MILLISECOND,
          2000 * MILLISECOND,
          2000 * MILLISECOND,
          5000 * MILLISECOND,
          5000 * MILLISECOND,
          5000 * MILLISECOND,
          5000 * MILLISECOND,
          reinstateDelay,
          skewMillis,
          pillars);
    }
  }
}
