package io.destiny.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a simulation stops to be looked at. */
final class UntilOption {
  @Option(
      names = "--until",
      paramLabel = "T",
      description = {
        "Stop at this simulated instant, such as 3.2s or 250ms, and print each replica's",
        "status, timers and disk, and what came last. Nothing is judged."
      })
  private @Nullable String until;

  @Option(
      names = "--last",
      paramLabel = "N",
      defaultValue = "40",
      description = "With --until: so many lines of what came last (default: ${DEFAULT-VALUE}).")
  private int last;

  boolean given() {
    return until != null;
  }

  /** In nanoseconds. */
  long instant() {
    return until == null ? Long.MAX_VALUE : ScenarioFile.instant(until);
  }

  int last() {
    if (last < 1) {
      throw Failure.usage("--last is at least 1");
    }
    return last;
  }
}
