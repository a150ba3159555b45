package io.destiny.cli.experiment;

import io.destiny.cli.experiment.Chart.Axis;
import io.destiny.cli.experiment.Chart.Line;
import io.destiny.cli.experiment.Chart.Point;
import io.destiny.cli.experiment.Chart.Stroke;
import io.destiny.cli.experiment.ThroughputBound.Sizes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/**
 * Experiment E6: the paper's Figure 3, the greatest throughput that bandwidth alone allows, for two
 * sizes of payload messages. Nothing is measured or simulated.
 */
public final class Figure3 {
  /** As the command line names it. */
  public static final String ID = "fig3";

  /** What the figure is, for titles. */
  public static final String TITLE = "Maximum throughput: closed formulas, bandwidth only";

  /** Bytes of a command, key and value together (00-system-model.md §9). */
  public static final int COMMAND_BYTES = 512;

  private static final long GIGABIT = 125_000_000;
  private static final int STATE_MESSAGE = 250;
  private static final int KIBIBYTE = 1024;
  private static final int LARGEST = 301;

  /**
   * How near "closely matches" is: ours, as near as T1 and B10 of experiments.md §5 want equals.
   */
  private static final double CLOSELY = 0.9;

  private static final List<Sizes> PANELS =
      List.of(
          new Sizes(GIGABIT, 5 * KIBIBYTE, STATE_MESSAGE, 10),
          new Sizes(GIGABIT, 100 * KIBIBYTE, STATE_MESSAGE, 200));

  private Figure3() {}

  /** The figure's panels, from left to right. */
  public static List<Sizes> panels() {
    return PANELS;
  }

  /**
   * The cluster sizes on the curves: 4, the smallest of N = 3f+1, and from 7 to 301 those that are
   * 3f+1 and 2f+1 at once. Between them N_F of one model or the other lags behind, and curves would
   * have teeth that say nothing of a protocol.
   */
  public static List<Integer> replicas() {
    List<Integer> sizes = new ArrayList<>(List.of(4));
    for (int n = 7; n <= LARGEST; n += 6) {
      sizes.add(n);
    }
    return sizes;
  }

  /** The drawing: both panels, with one scale. */
  public static Chart chart() {
    double highest = 0;
    List<List<Line>> lines = new ArrayList<>();
    for (Sizes panel : PANELS) {
      List<Line> drawn = new ArrayList<>();
      for (ThroughputBound bound : ThroughputBound.values()) {
        Line line = line(bound, panel);
        drawn.add(line);
        highest = Math.max(highest, line.highest());
      }
      lines.add(drawn);
    }
    Axis x = Axis.endingAt("N (replicas)", LARGEST);
    Axis y = Axis.covering("throughput (commands/s)", highest);
    List<Chart.Panel> panels = new ArrayList<>();
    for (int i = 0; i < PANELS.size(); i++) {
      panels.add(new Chart.Panel(name(PANELS.get(i)), x, y, lines.get(i)));
    }
    return new Chart(
        TITLE,
        "1 Gbit/s (125 MB/s) per replica, in and out together; state messages of "
            + STATE_MESSAGE
            + " bytes; computed, not measured and not simulated",
        panels);
  }

  private static Line line(ThroughputBound bound, Sizes panel) {
    List<Point> points = new ArrayList<>();
    for (int n : replicas()) {
      points.add(new Point(n, bound.commandsPerSecond(n, panel)));
    }
    return new Line(bound.id(), bound.label(), stroke(bound), points);
  }

  /** Dashes are for what is no protocol of the paper: limits, and our addition. */
  private static Stroke stroke(ThroughputBound bound) {
    return switch (bound) {
      case SINGLE_PROPOSER -> new Stroke("#777777", "2 3");
      case PBFT -> new Stroke("#0072b2", "");
      case HYBSTER -> new Stroke("#56b4e9", "");
      case CONCURRENT_BFT -> new Stroke("#000000", "7 4");
      case CONCURRENT_HYBRID -> new Stroke("#000000", "2 3");
      case DQPBFT -> new Stroke("#e69f00", "");
      case DESTINY -> new Stroke("#d55e00", "");
      case DESTINY_UNBATCHED -> new Stroke("#d55e00", "4 4");
    };
  }

  /** A panel's name: its payload messages. */
  public static String name(Sizes panel) {
    return "payload messages of "
        + panel.payloadMessageBytes() / KIBIBYTE
        + " KiB, "
        + panel.commandsPerPayload()
        + " commands each";
  }

  /** What the paper's text says of the figure, tested on each panel. */
  public static List<Claim> claims() {
    List<Claim> claims = new ArrayList<>();
    for (Sizes panel : PANELS) {
      claims.add(
          Claim.atLeast(
              "E6.1",
              name(panel),
              "Destiny closely matches the maximum of concurrent proposers (paper §4.4)",
              "smallest Destiny / all propose (N = 2f+1) over N",
              CLOSELY,
              smallest(
                  n ->
                      ratio(
                          n, panel, ThroughputBound.DESTINY, ThroughputBound.CONCURRENT_HYBRID))));
      claims.add(
          Claim.aboveOne(
              "E6.2",
              name(panel),
              "Destiny scales to hundreds of replicas, quadratic DQBFT does not (paper §1)",
              "Destiny / DQPBFT at N = " + LARGEST,
              ratio(LARGEST, panel, ThroughputBound.DESTINY, ThroughputBound.DQPBFT)));
      claims.add(
          Claim.aboveOne(
              "E6.3",
              name(panel),
              "concurrent proposers are not held back by one replica's bandwidth (paper §2.3)",
              "smallest of DQPBFT and Destiny / single proposer over N",
              smallest(
                  n ->
                      Math.min(
                          ratio(n, panel, ThroughputBound.DQPBFT, ThroughputBound.SINGLE_PROPOSER),
                          ratio(
                              n,
                              panel,
                              ThroughputBound.DESTINY,
                              ThroughputBound.SINGLE_PROPOSER)))));
    }
    return claims;
  }

  private static double ratio(
      int n, Sizes panel, ThroughputBound numerator, ThroughputBound denominator) {
    return numerator.commandsPerSecond(n, panel) / denominator.commandsPerSecond(n, panel);
  }

  private static double smallest(IntToDoubleFunction measure) {
    return replicas().stream().mapToDouble(measure::applyAsDouble).min().orElseThrow();
  }
}
