package io.destiny.cli;

import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.sim.fault.Swarm;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code destiny fuzz}. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
    name = "fuzz",
    mixinStandardHelpOptions = true,
    description = {
      "Many small simulated runs, everything at random from the seed: sizes, links, crashes,",
      "disks, clocks, Byzantine replicas; all oracles on. A seed that fails prints one command",
      "that replays it, and the fewest faults with which it still fails."
    },
    footer = {"", "Example: destiny fuzz --seeds 1..2000 --faults no-leader-loss"})
final class FuzzCommand implements Runnable {
  @Option(names = "--protocol", paramLabel = "P", defaultValue = Protocols.DEFAULT)
  private String protocol;

  @Option(
      names = "--seeds",
      paramLabel = "A..B",
      description = "Seeds A to B inclusive, or one seed (default: 1..200).")
  private @Nullable String seeds;

  @Option(
      names = "--minutes",
      paramLabel = "M",
      description = "Go on from the first seed for so long, instead of to the last.")
  private @Nullable Integer minutes;

  @Option(
      names = "--faults",
      paramLabel = "F",
      defaultValue = "all",
      description = {
        "all: everything within the model, also what stops for good (default);",
        "no-leader-loss: no permanent loss of the O-primary or of a coordinator with live",
        "clients. In both all must be answered once the faults are over."
      })
  private String faults;

  @Mixin private UntilOption until;

  @Mixin private CryptoOption crypto;

  @Option(
      names = "--mutants",
      description = {
        "Instead: run the swarm against each seeded bug of the protocol, and print how many",
        "the oracles catch. Needs the project's sources."
      })
  private boolean mutants;

  @Option(
      names = "--only",
      paramLabel = "ID",
      split = ",",
      description = "With --mutants: these seeded bugs alone, such as M6,D12.")
  private @Nullable List<String> only;

  @Mixin private Output output;

  @Override
  public void run() {
    ProtocolEntry entry = Protocols.named(protocol);
    if (mutants) {
      new MutantRun(entry.name(), only, output).run();
      return;
    }
    FuzzRun run = new FuzzRun(entry, range(), minutes, mode(), crypto.real(), output);
    if (until.given()) {
      run.runTo(until.instant(), until.last());
    } else {
      run.run();
    }
  }

  private FuzzRun.Range range() {
    try {
      if (seeds == null) {
        return new FuzzRun.Range(1, minutes == null ? 200 : Long.MAX_VALUE);
      }
      String[] ends = seeds.split("\\.\\.", -1);
      long first = Long.parseLong(ends[0]);
      long last = ends.length == 1 ? first : Long.parseLong(ends[1]);
      if (ends.length > 2 || first < 0 || last < first) {
        throw new NumberFormatException("no range");
      }
      return new FuzzRun.Range(first, last);
    } catch (NumberFormatException e) {
      throw Failure.usage("--seeds is A..B with 0 <= A <= B, or one seed, not " + seeds);
    }
  }

  private Swarm.Mode mode() {
    return Swarm.Mode.named(faults)
        .orElseThrow(() -> Failure.usage("--faults is all or no-leader-loss, not " + faults));
  }
}
