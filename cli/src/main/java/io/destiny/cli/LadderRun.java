package io.destiny.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The same simulated run under more and more load (experiments.md §3). The whole ladder is
 * reported, and as its point the smallest load that reaches 95 % of the peak.
 */
final class LadderRun {
  private static final double NEARLY = 0.95;

  private static final List<String> COMMON =
      List.of(
          "protocol",
          "replicas",
          "f",
          "faultModel",
          "profile",
          "wan",
          "crypto",
          "batch",
          "group",
          "mode",
          "payloadBytes",
          "seconds",
          "seed",
          "crashed",
          "costsHash",
          "versions");

  private final SimPlan plan;
  private final List<Integer> loads;
  private final Output output;

  /**
   * @param loads clients a region, one run each
   */
  LadderRun(SimPlan plan, List<Integer> loads, Output output) {
    this.plan = plan;
    this.loads = loads;
    this.output = output;
  }

  void run() {
    List<ObjectNode> rungs = new ArrayList<>();
    @Nullable String failure = null;
    output.say(" clients/region   commands/s    mean ms     p99 ms   CPU %   NIC Mb/s");
    for (int clients : loads) {
      SimRun run = new SimRun(plan.withClients(clients), Scenario.NONE, output);
      ObjectNode report = run.execute();
      rungs.add(report);
      if (failure == null) {
        failure = run.failure();
      }
      output.say(
          "%15d %12.0f %10.1f %10.1f %7.1f %10.0f"
              .formatted(
                  clients,
                  report.path("throughputPerSecond").asDouble(),
                  report.path("latencyMillis").path("mean").asDouble(),
                  report.path("latencyMillis").path("p99").asDouble(),
                  mean(report, "cpuPercent"),
                  mean(report, "nicMegabitsPerSecond")));
    }
    report(rungs);
    if (failure != null) {
      throw Failure.run(failure);
    }
  }

  private static double mean(JsonNode report, String what) {
    return report.path("utilisation").path(what).path("mean").asDouble();
  }

  private void report(List<ObjectNode> rungs) {
    double peak = 0;
    for (ObjectNode rung : rungs) {
      peak = Math.max(peak, rung.path("throughputPerSecond").asDouble());
    }
    ObjectNode report = Output.object();
    // What is common to all rungs.
    for (String field : COMMON) {
      JsonNode value = rungs.getFirst().get(field);
      if (value != null) {
        report.set(field, value);
      }
    }
    report.put("peakPerSecond", peak);
    for (ObjectNode rung : rungs) {
      if (rung.path("throughputPerSecond").asDouble() >= NEARLY * peak) {
        report.set("point", rung);
        output.say(
            "point: %d clients a region, %.0f commands/s, mean %.1f ms (simulated)"
                .formatted(
                    rung.path("clients").asInt(),
                    rung.path("throughputPerSecond").asDouble(),
                    rung.path("latencyMillis").path("mean").asDouble()));
        break;
      }
    }
    ArrayNode ladder = report.putArray("ladder");
    rungs.forEach(ladder::add);
    output.report(report);
  }
}
