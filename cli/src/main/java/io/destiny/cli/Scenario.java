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
import java.util.Set;
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
   * @param beyondModel more goes wrong than the protocol is made for, and that is meant
   */
  record Expectation(
      long committedAtLeast,
      @Nullable Long viewChangesAtMost,
      @Nullable String violation,
      boolean beyondModel) {
    static final String NONE = "none";

    /** The oracle that must fire; null: none must. */
    @Nullable String oracle() {
      return NONE.equals(violation) ? null : violation;
    }
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
          new Expectation(0, null, null, false));

  /** Whether no scenario was given. */
  boolean isNone() {
    return equals(NONE);
  }

  private static final int PAYLOAD = 512;

  private static final long SECOND = 1_000_000_000L;

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
        1,
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
    long end = plan.seconds() * SECOND;
    DeclaredProbes known = DeclaredProbes.of(plan.protocol().name());
    for (Fault f : faults) {
      ScenarioFault.named(f, r -> exists(r, plan));
      early(f.kind().word(), f.at(), end);
      if (f.kind() == Fault.Kind.ROLLBACK_TRUSTED) {
        early("the end of rollbackTrusted", f.until(), end);
      }
      if (f.message() != null && !known.hasMessage(f.message())) {
        throw Failure.usage(
            "no message '%s'; there are %s, for example as D.%2$s of all D-instances"
                .formatted(f.message(), known.messages()));
      }
    }
    byzantine.keySet().forEach(r -> exists(r, plan));
    for (Change c : changes) {
      early("a change of the load", c.at(), end);
      for (String region : c.except()) {
        if (!plan.geography().regions().contains(region)) {
          throw Failure.usage(
              "no region '%s'; there are %s".formatted(region, plan.geography().regions()));
        }
      }
    }
    return new Faults(faults, byzantine, plan.seed());
  }

  private static void exists(int replica, SimPlan plan) {
    if (replica < 0 || replica >= plan.replicas()) {
      throw Failure.usage(
          "the scenario names replica %d of %d".formatted(replica, plan.replicas()));
    }
  }

  private static void early(String what, long at, long end) {
    if (at >= end) {
      throw Failure.usage(
          "%s at %s s never comes: the run ends at %s s".formatted(what, at / 1e9, end / 1e9));
    }
  }

  /**
   * Refuses a run that proves nothing: beyond the fault budget, and nobody said that this is meant;
   * or with an expectation that can never be met.
   *
   * @param watching the oracles of the run; null: nothing is checked
   */
  void admit(FaultBudget.Verdict verdict, @Nullable Set<String> watching) {
    String wanted = expect.oracle();
    boolean declared = expect.beyondModel || wanted != null;
    if (!verdict.within() && !declared) {
      throw Failure.usage(
          "beyond the fault budget (%s): say expect: {beyondModel: true}, or which oracle fires"
              .formatted(verdict.why()));
    }
    if (!verdict.within() && watching == null) {
      throw Failure.usage(
          "beyond the fault budget (%s): not without oracles".formatted(verdict.why()));
    }
    if (verdict.within() && expect.beyondModel) {
      throw Failure.usage("expect says beyondModel, and the run is within the fault budget");
    }
    if (wanted != null && (watching == null || !watching.contains(wanted))) {
      throw Failure.usage(
          "no oracle '%s' watches this run; there are %s"
              .formatted(wanted, watching == null ? List.of() : watching));
    }
  }

  /** What of the expectations was not met, null: all were. */
  @Nullable String unmet(@Nullable Violation fired, long committed, long viewChanges) {
    String wanted = expect.oracle();
    if (fired != null && !fired.rule().equals(wanted)) {
      return "an oracle fired: " + fired.getMessage();
    }
    if (fired == null && wanted != null) {
      return "oracle " + wanted + " was expected to fire and did not";
    }
    if (isNone() && committed == 0) {
      return "nothing was committed";
    }
    if (committed < expect.committedAtLeast) {
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
