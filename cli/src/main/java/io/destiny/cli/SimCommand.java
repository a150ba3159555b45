package io.destiny.cli;

import io.destiny.sim.workload.ClosedLoop;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code destiny sim}. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
    name = "sim",
    mixinStandardHelpOptions = true,
    description = {
      "One simulated run: the protocol's own code over virtual time, network and machines.",
      "All figures it prints are simulated. Exit 1 when an oracle fires."
    },
    footer = {
      "",
      "Example: destiny sim --replicas 97 --profile ideal",
      "         destiny sim --replicas 19 --clients 40 --batch 200 --seconds 5 --json -"
    })
final class SimCommand implements Runnable {
  @Option(
      names = "--protocol",
      paramLabel = "P",
      description = "Default: destiny, or what the scenario says.")
  private @Nullable String protocol;

  @Option(
      names = "--replicas",
      paramLabel = "N",
      description = "Default: the smallest cluster of the protocol.")
  private @Nullable Integer replicas;

  @Option(
      names = "--wan",
      paramLabel = "W",
      description = "azure10, lan, or a file with a network profile (default: azure10).")
  private @Nullable String wan;

  @Option(
      names = "--profile",
      paramLabel = "P",
      description = {
        "P2021, P2021-steady, measured, ideal, fixed, or a file with costs (default: P2021).",
        "P2021-steady: the same without jitter, pauses and differences between machines.",
        "ideal: no CPU cost, no limit of bandwidth, no jitter, no ordering delay,",
        "one client a region, one command at a time.",
        "fixed: every job takes a fixed time and nothing is limited; for the simulator's speed."
      })
  private @Nullable String profile;

  @Option(
      names = "--batch",
      paramLabel = "B",
      description = "Commands in a batch (default: 200; ideal: 1).")
  private @Nullable Integer batch;

  @Option(
      names = "--mode",
      paramLabel = "M",
      description = "CLIENT_BATCH: a client signs a whole batch; REPLICA_BATCH: each command.")
  private ClosedLoop.@Nullable Mode mode;

  @Option(
      names = "--clients",
      paramLabel = "C",
      description = "Closed-loop clients a region (default: 10; ideal: 1).")
  private @Nullable Integer clients;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Simulated seconds measured, after a warm-up of a third (default: 10).")
  private @Nullable Integer seconds;

  @Option(names = "--seed", paramLabel = "X", description = "Default: 1.")
  private @Nullable Long seed;

  @Option(
      names = "--crash",
      paramLabel = "K",
      defaultValue = "0",
      description = "The last K replicas are down from the start (default: ${DEFAULT-VALUE}).")
  private int crash;

  @Option(
      names = "--pillars",
      paramLabel = "P",
      defaultValue = "1",
      description =
          "Instances that share the order, 1 to 8, hybster only (default: ${DEFAULT-VALUE}).")
  private int pillars;

  @Option(
      names = "--oracles",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Check all safety oracles (default); --no-oracles to measure speed.")
  private boolean oracles;

  @Option(
      names = "--scenario",
      paramLabel = "FILE",
      description = "A scenario file; other options replace what it says.")
  private @Nullable Path scenario;

  @Option(
      names = "--ladder",
      paramLabel = "C",
      split = ",",
      description = {
        "Several runs with so many clients a region each, such as 1,5,10,20,40: prints all, and",
        "the smallest load that reaches 95 %% of the peak."
      })
  private @Nullable List<Integer> ladder;

  @Mixin private UntilOption until;

  @Mixin private CryptoOption crypto;

  @Mixin private Output output;

  @Override
  public void run() {
    Scenario base = scenario == null ? Scenario.NONE : ScenarioFile.read(scenario);
    SimPlan plan =
        base.plan(
            new Scenario.Overrides(
                protocol, replicas, wan, profile, batch, mode, clients, seconds, seed));
    SimPlan one = plan.with(crash, oracles, crypto.real()).withPillars(pillars);
    if (ladder == null && until.given()) {
      new SimRun(one, base, output).runTo(until.instant(), until.last());
    } else if (until.given()) {
      throw Failure.usage("--until goes with one run, not with --ladder");
    } else if (ladder == null) {
      new SimRun(one, base, output).run();
    } else if (!base.isNone() || one.ideal()) {
      throw Failure.usage("--ladder goes with neither a scenario nor the ideal profile");
    } else {
      new LadderRun(one, ladder, output).run();
    }
  }
}
