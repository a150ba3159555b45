package io.destiny.cli;

import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.sim.check.Violation;
import io.destiny.sim.cpu.CostTable;
import io.destiny.sim.fault.Behaviour;
import io.destiny.sim.fault.Fault;
import io.destiny.sim.fault.FaultBudget;
import io.destiny.sim.fault.Faults;
import io.destiny.sim.workload.ClosedLoop;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a scenario file says; null where it is silent.
 *
 * @param network azure10, lan or a file
 * @param expect what must come of it
 */
record Scenario(
    @Nullable String protocol,
    @Nullable Integer replicas,
    @Nullable Long seed,
    @Nullable Integer seconds,
    @Nullable String network,
    @Nullable String profile,
    @Nullable Integer clients,
    @Nullable Integer batch,
    ClosedLoop.@Nullable Mode mode,
    List<Change> changes,
    List<Fault> faults,
    Map<Integer, Behaviour> byzantine,
    Expectation expect) {
  /**
   * The clients become more.
   *
   * @param at nanoseconds since the beginning
   * @param factor how many times as many as at the start there are from then on
   * @param except regions in which nothing changes
   */
  record Change(long at, int factor, List<String> except) {}

  /**
   * What must come of a run.
   *
   * @param violation none, or the oracle that must fire
   */
  record Expectation(
      long committedAtLeast, @Nullable Long viewChangesAtMost, @Nullable String violation) {
    static final String NONE = "none";
  }

  /** What the command line says; it replaces what the file says. */
  record Overrides(
      @Nullable String protocol,
      @Nullable Integer replicas,
      @Nullable String wan,
      @Nullable String profile,
      @Nullable Integer batch,
      ClosedLoop.@Nullable Mode mode,
      @Nullable Integer clients,
      @Nullable Integer seconds,
      @Nullable Long seed) {}

  /** No scenario. */
  static final Scenario NONE =
      new Scenario(
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          List.of(),
          List.of(),
          Map.of(),
          new Expectation(0, null, null));

  /** Whether no scenario was given. */
  boolean isNone() {
    return equals(NONE);
  }

  private static final int PAYLOAD = 512;

  private static <T> T first(@Nullable T one, @Nullable T two, T otherwise) {
    if (one != null) {
      return one;
    }
    return two != null ? two : otherwise;
  }

  SimPlan plan(Overrides o) {
    ProtocolEntry entry = Protocols.named(first(o.protocol, protocol, Protocols.DEFAULT));
    int n = Protocols.rule(entry, first(o.replicas, replicas, entry.smallest())).n();
    String wan = first(o.wan, network, "azure10");
    String wanted = first(o.profile, profile, "P2021");
    CostTable costs = SimPlan.costs(wanted);
    boolean alone = wanted.equals(SimPlan.IDEAL) && isNone();
    ClosedLoop.Load load =
        new ClosedLoop.Load(
            first(o.mode, mode, ClosedLoop.Mode.CLIENT_BATCH),
            positive("--batch", first(o.batch, batch, alone ? 1 : 200)),
            PAYLOAD);
    return new SimPlan(
        entry,
        n,
        SimPlan.geography(wan),
        wan,
        costs == null || wanted.equals(SimPlan.STEADY) ? wanted : costs.name(),
        costs,
        load,
        positive("--clients", first(o.clients, clients, alone ? 1 : 10)),
        positive("--seconds", first(o.seconds, seconds, 10)),
        first(o.seed, seed, 1L),
        0,
        true,
        false);
  }

  private static int positive(String what, int value) {
    if (value < 1) {
      throw Failure.usage(what + " is at least 1, not " + value);
    }
    return value;
  }

  /** What goes wrong in a run of this plan. */
  Faults faults(SimPlan plan) {
    for (Fault f : faults) {
      f.replicas().forEach(r -> exists(r, plan));
      f.from().forEach(r -> exists(r, plan));
      f.to().forEach(r -> exists(r, plan));
      f.groups().forEach(g -> g.forEach(r -> exists(r, plan)));
    }
    byzantine.keySet().forEach(r -> exists(r, plan));
    return new Faults(faults, byzantine, plan.seed());
  }

  private static void exists(int replica, SimPlan plan) {
    if (replica < 0 || replica >= plan.replicas()) {
      throw Failure.usage(
          "the scenario names replica %d of %d".formatted(replica, plan.replicas()));
    }
  }

  /**
   * What of the expectations was not met, null: all were. A run beyond the fault budget must say
   * which oracle fires: it is never accepted in silence.
   */
  @Nullable String unmet(
      @Nullable Violation fired, long committed, long viewChanges, FaultBudget.Verdict verdict) {
    String wanted = expect.violation;
    if (!verdict.within() && wanted == null) {
      return "beyond the fault budget (%s): say in expect which violation it leads to, or none"
          .formatted(verdict.why());
    }
    boolean none = wanted == null || wanted.equals(Expectation.NONE);
    if (fired != null && (none || !fired.rule().equals(wanted))) {
      return "an oracle fired: " + fired.getMessage();
    }
    if (fired == null && !none) {
      return "oracle " + wanted + " was expected to fire and did not";
    }
    if (fired == null && committed < expect.committedAtLeast) {
      return "only %d commands were committed, %d were expected"
          .formatted(committed, expect.committedAtLeast);
    }
    if (expect.viewChangesAtMost != null && viewChanges > expect.viewChangesAtMost) {
      return "%d view changes, at most %d were expected"
          .formatted(viewChanges, expect.viewChangesAtMost);
    }
    return null;
  }
}
