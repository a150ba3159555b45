package io.destiny.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.client.ClientCounters;
import io.destiny.core.model.QuorumRule;
import io.destiny.server.ClusterManifest;
import java.util.List;
import org.HdrHistogram.Histogram;

/** The report of a load, with the field names of the command line's contract. */
final class LoadReport {
  private LoadReport() {}

  static ObjectNode of(ClusterManifest manifest, Load.Shape shape, Load.Outcome outcome) {
    QuorumRule rule = manifest.keys().rule();
    ObjectNode report =
        Output.object()
            .put("protocol", manifest.protocol())
            .put("replicas", rule.n())
            .put("f", rule.f())
            .put("faultModel", rule.model().name())
            .put("scheme", manifest.keys().scheme().name())
            .put("batch", manifest.tuning().batch())
            .put("group", shape.group())
            .put("clients", shape.clients())
            .put("payloadBytes", shape.payload())
            .put("seconds", shape.seconds())
            .put("committed", outcome.committed())
            .put("throughputPerSecond", round(outcome.perSecond()));
    Histogram h = outcome.latency();
    report
        .putObject("latencyMillis")
        .put("mean", round(h.getMean() / 1000))
        .put("p50", millis(h, 50))
        .put("p95", millis(h, 95))
        .put("p99", millis(h, 99))
        .put("max", round(h.getMaxValue() / 1000.0));
    report.put("errors", outcome.errors());
    report.put("unavailableMillisMax", round(outcome.longestGapMillis()));
    report.putObject("versions").put("project", Version.project()).put("java", Version.java());
    return report;
  }

  /** Adds what the client verified. */
  static void verified(ObjectNode report, ClientCounters counters) {
    report.put("proofsVerified", counters.repliesVerified());
    report.put("rootsVerified", counters.rootsVerified());
  }

  /** Adds what the replicas say of themselves; false if they do not agree. */
  static boolean agreement(ObjectNode report, List<StatusPage.Status> statuses) {
    boolean agree = !statuses.isEmpty() && statuses.stream().allMatch(statuses.getFirst()::agrees);
    long views = 0;
    for (StatusPage.Status s : statuses) {
      views = Math.max(views, s.viewChanges());
    }
    report.put("viewChanges", views);
    report.put("replicasAnswering", statuses.size());
    if (!statuses.isEmpty()) {
      report.put("stateDigest", statuses.getFirst().digest());
      report.put("executed", statuses.getFirst().executed());
    }
    report.put("agree", agree);
    return agree;
  }

  static double millis(Histogram h, double percentile) {
    return round(h.getValueAtPercentile(percentile) / 1000.0);
  }

  static double round(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
