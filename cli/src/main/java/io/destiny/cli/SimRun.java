package io.destiny.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.QuorumRule;
import io.destiny.sim.check.Oracles;
import io.destiny.sim.check.Violation;
import io.destiny.sim.cpu.CostTable;
import io.destiny.sim.cpu.StagedHardware;
import io.destiny.sim.fault.FaultBudget;
import io.destiny.sim.fault.Faults;
import io.destiny.sim.network.WanNetwork;
import io.destiny.sim.workload.ClosedLoop;
import io.destiny.sim.workload.Measurement;
import io.destiny.sim.workload.SharedStore;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.Costs;
import io.destiny.sim.world.Hardware;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldFailure;
import io.destiny.sim.world.WorldOptions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One simulated run and its report. */
final class SimRun {
  private static final long SECOND = 1_000_000_000L;

  /** In an ideal run commands go one at a time, each within this time. */
  private static final long ALONE = 2 * SECOND;

  private final SimPlan plan;
  private final Scenario scenario;
  private final Output output;
  private final ProgressLine progress;
  private final QuorumRule rule;
  private final World world;
  private final ClosedLoop clients;
  private final @Nullable Oracles oracles;
  private final Faults faults;
  private @Nullable WanNetwork network;
  private @Nullable StagedHardware machines;
  private final Utilisation utilisation;
  private final Proofs proofs = new Proofs();
  private final FaultBudget.Verdict budget;
  private @Nullable Inspection inspection;

  /** The instant at which the run is stopped to be looked at, if it is not over before. */
  private long until = Long.MAX_VALUE;

  private @Nullable Violation violation;
  private boolean agree;
  private double wallSeconds;

  SimRun(SimPlan plan, Scenario scenario, Output output) {
    this.plan = plan;
    this.scenario = scenario;
    this.output = output;
    this.progress = new ProgressLine(output);
    this.rule = plan.protocol().rule(plan.replicas());
    this.faults = scenario.faults(plan);
    this.world = world();
    Set<Integer> correct = faults.correct(plan.replicas());
    this.oracles = plan.oracles() ? Oracles.on(world, correct) : null;
    this.faults.on(world);
    this.budget =
        faults.verdictToTheEnd(
            rule.n(),
            rule.f(),
            IntStream.range(rule.n() - plan.crashed(), rule.n())
                .boxed()
                .collect(Collectors.toSet()),
            plan.seconds() * SECOND);
    scenario.admit(budget, watching());
    this.utilisation = new Utilisation(rule.n(), leader(), machines, network);
    world.listen(proofs);
    this.clients =
        new ClosedLoop(world, plan.geography(), plan.load(), plan.ideal() ? -1 : leader());
  }

  /** Answers that came with a proof, which the client verified. */
  private static final class Proofs implements TraceListener {
    private long verified;

    @Override
    public void accepted(ClientStub client, ClientStub.Accepted answer) {
      verified += answer.form() == ClientStub.Form.PROOF ? 1 : 0;
    }
  }

  private @Nullable Set<String> watching() {
    if (oracles == null) {
      return null;
    }
    Set<String> names = new TreeSet<>(oracles.names());
    names.addAll(List.of("S19", "V1"));
    return names;
  }

  private int leader() {
    return tuning().orderPrimary();
  }

  private Settings.Tuning tuning() {
    Settings.Tuning t =
        Settings.Tuning.defaults(rule.f())
            .withBatch(plan.load().batch())
            .change()
            .pillars(plan.pillars())
            .done();
    return plan.ideal() ? t.immediate() : t.calm();
  }

  /** Homes are not at will: more clients have keys than are placed. */
  private int principals() {
    return 64 + 4 * rule.n() + 4 * plan.clients() * plan.geography().regions().size();
  }

  private World world() {
    CostTable table = plan.costs();
    StagedHardware staged = table == null ? null : new StagedHardware(table, plan.replicas());
    machines = staged;
    Hardware hardware = plan.ideal() ? Costs.NONE : Costs.TYPICAL;
    if (staged != null) {
      hardware = staged;
    }
    WanNetwork.Mode mode =
        staged == null ? WanNetwork.Mode.IDEAL : new WanNetwork.Mode(true, !plan.steady());
    WorldOptions options =
        WorldOptions.of(rule, plan.protocol()::create, plan.protocol()::codec)
            .withSeed(plan.seed())
            .withTuning(tuning())
            .withHardware(hardware)
            .withEncoding(false)
            .withApplication(SharedStore.world());
    if (plan.real()) {
      options =
          options.withKeys(new SimulatedKeys(options.domain(), rule, plan.seed(), principals()));
    }
    return World.of(
        faults.options(options),
        wire -> {
          WanNetwork wan =
              new WanNetwork(wire, plan.replicas(), plan.geography(), mode, ~plan.seed());
          network = wan;
          if (staged != null) {
            wan.onFull(staged::block);
          }
          return faults.network(wire, wan);
        });
  }

  /** Runs, says how it went, and writes the report. */
  void run() {
    ObjectNode report = execute();
    say();
    output.report(report);
    String failure = failure();
    if (failure != null) {
      throw Failure.run(failure);
    }
  }

  /** Runs, and returns what is to be reported. */
  ObjectNode execute() {
    long began = System.nanoTime();
    try {
      world.start(i -> i < plan.replicas() - plan.crashed());
      if (plan.ideal() && scenario.isNone()) {
        oneAtATime();
      } else {
        loaded();
      }
      // A run that stops at an instant is looked at, not judged.
      Oracles watching = inspection == null ? oracles : null;
      if (watching != null && faultFree()) {
        watching.finishFaultFree();
      } else if (watching != null) {
        watching.finish();
      }
    } catch (Violation v) {
      violation = v;
    } catch (WorldFailure e) {
      violation = new Violation("S19", String.valueOf(e.getMessage()));
    }
    progress.clear();
    wallSeconds = (System.nanoTime() - began) / 1e9;
    return report();
  }

  private boolean faultFree() {
    return plan.crashed() == 0 && faults.plan().isEmpty() && faults.byzantine().isEmpty();
  }

  private void place(Long client, int region) {
    if (network != null) {
      network.place(client, region);
    }
  }

  /** V0 of experiments.md §7: else a command waits for slots of others ordered before. */
  private void oneAtATime() {
    for (int region = 0; region < plan.geography().regions().size(); region++) {
      for (int i = 0; i < plan.clients(); i++) {
        clients.add(region, 1, this::place);
        clients.stop();
        world.runUntil(() -> clients.outstanding() == 0, Math.min(ALONE, until - world.now()));
        if (world.now() >= until) {
          return;
        }
      }
    }
  }

  private void loaded() {
    for (int region = 0; region < plan.geography().regions().size(); region++) {
      clients.add(region, plan.clients(), this::place);
    }
    boolean warm = scenario.isNone();
    if (warm) {
      advance(plan.seconds() * SECOND / 3);
      clients.measurement().reset(world.now());
      proofs.verified = 0;
      utilisation.begin(world.now());
    }
    for (Scenario.Change change : scenario.changes()) {
      world.at(change.at(), () -> grow(change));
    }
    advance(plan.seconds() * SECOND);
  }

  /** Runs up to an instant, stops there, and shows what can be seen. */
  void runTo(long nanos, int last) {
    until = nanos;
    Inspection look = new Inspection(world, last);
    inspection = look;
    ObjectNode report = execute();
    look.say(output);
    if (violation != null) {
      output.say("FIRED: " + violation.getMessage());
    }
    look.report(report);
    output.report(report);
  }

  private void grow(Scenario.Change change) {
    List<String> names = plan.geography().regions();
    for (int region = 0; region < names.size(); region++) {
      if (!change.except().contains(names.get(region))) {
        clients.add(region, plan.clients() * (change.factor() - 1), this::place);
      }
    }
  }

  private void advance(long nanos) {
    long end = Math.min(world.now() + nanos, until);
    long began = System.nanoTime();
    long before = world.steps();
    while (world.now() < end) {
      world.run(Math.min(SECOND / 10, end - world.now()));
      double rate = (world.steps() - before) * 1e9 / Math.max(1, System.nanoTime() - began);
      progress.show(
          "simulated %.1f s  %,d commands  %,.0f events/s"
              .formatted(world.now() / 1e9, clients.measurement().commands(), rate));
    }
  }

  private ObjectNode report() {
    Measurement m = clients.measurement();
    double perSecond = m.throughput(world.now());
    double simulated = world.now() / 1e9;
    Violation fired = violation;
    ObjectNode report =
        Output.object()
            .put("protocol", plan.protocol().name())
            .put("replicas", rule.n())
            .put("f", rule.f())
            .put("faultModel", rule.model().name())
            .put("profile", plan.profile())
            .put("wan", plan.wan())
            .put("crypto", CryptoOption.word(plan.real()))
            .put("batch", plan.load().batch())
            .put("group", plan.group())
            .put("mode", plan.load().mode().name())
            .put("clients", plan.clients())
            .put("payloadBytes", plan.load().payload())
            .put("seconds", plan.seconds())
            .put("seed", plan.seed())
            .put("crashed", plan.crashed())
            .put("committed", m.commands())
            .put("throughputPerSecond", Output.round(perSecond));
    if (plan.costs() != null) {
      report.put("costsHash", plan.costs().hash());
    }
    latencies(report, m);
    report.put("proofsVerified", proofs.verified);
    report.put("errors", fired == null ? 0 : 1);
    report.put("viewChanges", viewChanges());
    report.put("unavailableMillisMax", Output.round(m.longestGapMillis(world.now())));
    agree = agree(report);
    utilisation.report(report, world.now());
    report
        .put("simulatedSeconds", Output.round(simulated))
        .put("wallSeconds", Output.round(wallSeconds))
        .put("events", world.steps())
        .put("eventsPerSecond", Math.round(world.steps() / wallSeconds))
        .put("messagesDelivered", world.delivered())
        .put("messagesPerSecond", Math.round(world.delivered() / wallSeconds))
        .put("traceHash", world.traceHash().toHex());
    if (!scenario.isNone()) {
      ArrayNode samples = report.putArray("commandsBySecond");
      for (long count : m.bySecond(world.now())) {
        samples.add(count);
      }
    }
    oracles(report, fired);
    report.putObject("versions").put("project", Version.project()).put("java", Version.java());
    return report;
  }

  /** Why the run does not count as a success; null: it does. */
  @Nullable String failure() {
    String unmet = scenario.unmet(violation, clients.measurement().commands(), viewChanges());
    // Where an oracle was to fire and did, states may differ: that is what it is there to see.
    return unmet == null && !agree && violation == null
        ? "replicas at the same position differ"
        : unmet;
  }

  private static void latencies(ObjectNode report, Measurement m) {
    ObjectNode latency = report.putObject("latencyMillis");
    put(latency, "mean", m.meanMillis());
    put(latency, "p50", m.percentileMillis(0.5));
    put(latency, "p95", m.percentileMillis(0.95));
    put(latency, "p99", m.percentileMillis(0.99));
    put(latency, "max", m.percentileMillis(1));
    ArrayNode regions = report.putArray("regions");
    for (Measurement.Region r : m.regions()) {
      put(regions.addObject().put("name", r.name()), "mean", r.meanMillis());
    }
  }

  private static void put(ObjectNode node, String field, double value) {
    if (Double.isNaN(value)) {
      node.putNull(field);
    } else {
      node.put(field, Output.round(value));
    }
  }

  private long viewChanges() {
    long most = 0;
    for (int i = 0; i < rule.n(); i++) {
      if (world.up(i)) {
        for (long view : world.status(i).views().values()) {
          most = Math.max(most, view);
        }
      }
    }
    return most;
  }

  /** Replicas at one position have one state. */
  private boolean agree(ObjectNode report) {
    Map<Long, String> states = new TreeMap<>();
    boolean agree = true;
    for (int i : faults.correct(rule.n())) {
      if (world.up(i)) {
        SharedStore store = (SharedStore) world.application(i);
        String state = store.history().toHex();
        String known = states.putIfAbsent(store.position(), state);
        agree &= known == null || known.equals(state);
      }
    }
    String last = "";
    for (String state : states.values()) {
      last = state;
    }
    report.put("stateDigest", last).put("agree", agree);
    return agree;
  }

  private void oracles(ObjectNode report, @Nullable Violation fired) {
    ObjectNode node = report.putObject("oracles");
    ArrayNode list = node.putArray("fired");
    if (fired != null) {
      list.add(fired.rule());
      report.put("violation", fired.getMessage());
    }
    ObjectNode checked = node.putObject("checked");
    if (oracles != null) {
      oracles.checked().forEach(checked::put);
    }
    ObjectNode injected = report.putObject("faultsInjected");
    faults.injected().forEach(injected::put);
    ArrayNode idle = report.putArray("faultsWithoutEffect");
    faults.withoutEffect().forEach(idle::add);
    report.putObject("faultBudget").put("within", budget.within()).put("why", budget.why());
  }

  private void say() {
    Measurement m = clients.measurement();
    double perSecond = m.throughput(world.now());
    output.say(
        "simulated: %s, N = %d, %s, profile %s: %,d commands in %.1f s: %,.0f commands/s"
            .formatted(
                plan.protocol().name(),
                rule.n(),
                plan.wan(),
                plan.profile(),
                m.commands(),
                world.now() / 1e9,
                perSecond));
    output.say(
        "latency ms: mean %.1f  p50 %.1f  p95 %.1f  p99 %.1f  max %.1f"
            .formatted(
                m.meanMillis(),
                m.percentileMillis(0.5),
                m.percentileMillis(0.95),
                m.percentileMillis(0.99),
                m.percentileMillis(1)));
    for (Measurement.Region r : m.regions()) {
      output.say("  %-18s %8.1f ms  (%,d answers)".formatted(r.name(), r.meanMillis(), r.count()));
    }
    output.say(
        "%,d events (%,.0f/s), %,d messages delivered (%,.0f/s), trace %s"
            .formatted(
                world.steps(),
                world.steps() / wallSeconds,
                world.delivered(),
                world.delivered() / wallSeconds,
                world.traceHash().toHex()));
    if (oracles != null) {
      long sum = oracles.checked().values().stream().mapToLong(Long::longValue).sum();
      output.say(
          "oracles: %d on, %,d checks, %s"
              .formatted(
                  oracles.checked().size(),
                  sum,
                  violation == null ? "none fired" : "FIRED: " + violation.getMessage()));
    }
    if (!budget.within()) {
      output.say("BEYOND THE MODEL, as declared: " + budget.why());
    }
    faults.withoutEffect().forEach(f -> output.say("warning: without effect: " + f));
  }
}
