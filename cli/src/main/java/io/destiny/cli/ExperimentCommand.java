package io.destiny.cli;

import io.destiny.cli.experiment.Figure3;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code destiny experiment}. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
    name = "experiment",
    mixinStandardHelpOptions = true,
    description = {
      "Make a figure of the paper: its data (CSV, JSON), the drawing (SVG), and a",
      "table of what the paper claims of it with pass or fail. A claim that fails is",
      "a result, not a failed run.",
      "",
      "fig3  the greatest throughput that bandwidth allows, by closed formulas"
    },
    footer = {"", "Example: destiny experiment fig3 --out experiments"})
final class ExperimentCommand implements Runnable {
  /** Those of experiments.md §4 that this build has not. */
  private static final List<String> NOT_YET =
      List.of("fig7", "fig8", "fig9", "fig10", "utilisation");

  @Parameters(index = "0", paramLabel = "ID", description = "Which one, see above.")
  private String id;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "experiments",
      description = "Folder for ID.csv, ID.json and ID.svg (default: ${DEFAULT-VALUE}).")
  private Path out;

  @Option(
      names = "--quick",
      description = "Fewer sizes and shorter runs. No difference to fig3, which runs nothing.")
  private boolean quick;

  @Mixin private Output output;

  @Override
  public void run() {
    if (NOT_YET.contains(id)) {
      throw Failure.usage(
          "experiment %s is not in this build, which has: %s; for single runs see destiny sim"
              .formatted(id, Figure3.ID));
    }
    if (!id.equals(Figure3.ID)) {
      throw Failure.usage(
          "there is no experiment '%s'; this build has: %s".formatted(id, Figure3.ID));
    }
    if (Files.exists(out) && !Files.isDirectory(out)) {
      throw Failure.usage("--out is a folder, and " + out + " is none");
    }
    if (quick) {
      output.say("--quick makes no difference: the formulas take no time");
    }
    new Figure3Run(out, output).run();
  }
}
