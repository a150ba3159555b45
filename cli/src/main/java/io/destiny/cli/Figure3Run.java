package io.destiny.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.cli.experiment.Claim;
import io.destiny.cli.experiment.Figure3;
import io.destiny.cli.experiment.SvgChart;
import io.destiny.cli.experiment.ThroughputBound;
import io.destiny.cli.experiment.ThroughputBound.Sizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Writes and prints the paper's Figure 3. */
final class Figure3Run {
  /** What is printed; the files have all sizes. Those of experiments.md §2, and the smallest. */
  private static final List<Integer> PRINTED = List.of(4, 19, 49, 97, 193, 301);

  private final Path out;
  private final Output output;

  Figure3Run(Path out, Output output) {
    this.out = out;
    this.output = output;
  }

  void run() {
    List<Claim> claims = Figure3.claims();
    ObjectNode report = report(claims);
    write(report);
    output.say(Figure3.TITLE + ", commands/s");
    Figure3.panels().forEach(this::table);
    output.say("");
    for (Claim claim : claims) {
      output.say(
          String.format(
              Locale.ROOT,
              "%-4s %s  %.3f, expected %s: %s%n          %s; %s",
              claim.pass() ? "pass" : "FAIL",
              claim.id(),
              claim.value(),
              claim.expected(),
              claim.measure(),
              claim.statement(),
              claim.panel()));
    }
    output.say("");
    output.say("written: " + file("csv") + ", " + file("json") + ", " + file("svg"));
    output.report(report);
  }

  private void table(Sizes panel) {
    output.say("");
    output.say(Figure3.name(panel));
    StringBuilder head = new StringBuilder("%5s".formatted("N"));
    for (ThroughputBound bound : ThroughputBound.values()) {
      head.append(" ".repeat(column(bound) - bound.id().length())).append(bound.id());
    }
    output.say(head.toString());
    for (int n : PRINTED) {
      StringBuilder row = new StringBuilder("%5d".formatted(n));
      for (ThroughputBound bound : ThroughputBound.values()) {
        double value = bound.commandsPerSecond(n, panel);
        row.append(String.format(Locale.ROOT, "%" + column(bound) + ".0f", value));
      }
      output.say(row.toString());
    }
  }

  /** The width of a column: its name or six digits, and a gap. */
  private static int column(ThroughputBound bound) {
    return Math.max(bound.id().length(), 6) + 2;
  }

  private void write(ObjectNode report) {
    try {
      Files.createDirectories(out);
      Files.writeString(file("csv"), csv());
      Files.writeString(file("json"), Output.JSON.writeValueAsString(report) + "\n");
      Files.writeString(file("svg"), SvgChart.draw(Figure3.chart()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON nodes can be written", e);
    } catch (IOException e) {
      throw Failure.run(out + " cannot be written: " + e.getMessage());
    }
  }

  private Path file(String extension) {
    return out.resolve(Figure3.ID + "." + extension);
  }

  /** One line a point; faultModel and f are empty where faults make no difference. */
  private static String csv() {
    StringBuilder csv =
        new StringBuilder(
            "series,faultModel,payloadMessageBytes,batch,replicas,f,throughputPerSecond\n");
    for (Sizes panel : Figure3.panels()) {
      for (ThroughputBound bound : ThroughputBound.values()) {
        for (int n : Figure3.replicas()) {
          csv.append(bound.id())
              .append(',')
              .append(bound.model().map(Enum::name).orElse(""))
              .append(',')
              .append(panel.payloadMessageBytes())
              .append(',')
              .append(panel.commandsPerPayload())
              .append(',')
              .append(n)
              .append(',');
          bound.f(n).ifPresent(csv::append);
          csv.append(',').append(Output.round(bound.commandsPerSecond(n, panel))).append('\n');
        }
      }
    }
    return csv.toString();
  }

  private static ObjectNode report(List<Claim> claims) {
    ObjectNode report =
        Output.object()
            .put("experiment", Figure3.ID)
            .put("title", Figure3.TITLE)
            .put("method", "formula")
            .put("payloadBytes", Figure3.COMMAND_BYTES);
    ArrayNode panels = report.putArray("panels");
    Figure3.panels().forEach(panel -> panel(panels.addObject(), panel));
    ArrayNode tested = report.putArray("claims");
    for (Claim claim : claims) {
      tested
          .addObject()
          .put("id", claim.id())
          .put("panel", claim.panel())
          .put("claim", claim.statement())
          .put("measure", claim.measure())
          .put("expected", claim.expected())
          .put("value", Output.round(claim.value()))
          .put("pass", claim.pass());
    }
    report.putObject("versions").put("project", Version.project()).put("java", Version.java());
    return report;
  }

  private static void panel(ObjectNode node, Sizes panel) {
    node.put("name", Figure3.name(panel))
        .put("bandwidthBytesPerSecond", panel.bytesPerSecond())
        .put("payloadMessageBytes", panel.payloadMessageBytes())
        .put("stateMessageBytes", panel.stateMessageBytes())
        .put("batch", panel.commandsPerPayload());
    ArrayNode series = node.putArray("series");
    for (ThroughputBound bound : ThroughputBound.values()) {
      ObjectNode line = series.addObject().put("name", bound.id()).put("label", bound.label());
      bound.model().ifPresent(model -> line.put("faultModel", model.name()));
      ArrayNode points = line.putArray("points");
      for (int n : Figure3.replicas()) {
        ObjectNode point = points.addObject().put("replicas", n);
        bound.f(n).ifPresent(f -> point.put("f", f));
        point.put("throughputPerSecond", Output.round(bound.commandsPerSecond(n, panel)));
      }
    }
  }
}
