package io.destiny.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.client.ClientCounters;
import io.destiny.client.ClientOptions;
import io.destiny.client.DestinyClient;
import io.destiny.server.ClusterFolder;
import io.destiny.server.ClusterManifest;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A load on a running cluster. */
final class BenchRun {
  private final ClusterFolder folder;
  private final Load.Shape shape;
  private final Output output;

  BenchRun(ClusterFolder folder, Load.Shape shape, Output output) {
    this.folder = folder;
    this.shape = shape;
    this.output = output;
  }

  void run() {
    long begun = System.nanoTime();
    ClusterManifest manifest = folder.manifest();
    ProgressLine progress = new ProgressLine(output);
    Load.Outcome outcome;
    ClientCounters counters;
    try (SessionLease lease = SessionLease.of(folder, 0, shape.clients());
        DestinyClient client = Clusters.connect(folder, ClientOptions.DEFAULT.withSessions(0, 0))) {
      outcome = new Load(client, lease.first(), shape).run(progress);
      progress.clear();
      counters = client.counters();
    }
    ObjectNode report = LoadReport.of(manifest, shape, outcome);
    LoadReport.verified(report, counters);
    try (StatusPage pages = new StatusPage(manifest)) {
      List<StatusPage.Status> statuses = new Agreement(manifest, pages).await();
      LoadReport.agreement(report, statuses);
    }
    report.put("wallSeconds", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun) / 1000.0);
    new Summary(output).print(shape, outcome, counters);
    output.report(report);
    if (outcome.errors() > 0) {
      throw Failure.run(
          outcome.errors() + " requests failed, the first with " + outcome.firstError());
    }
    if (outcome.committed() == 0) {
      throw Failure.run("no command was committed in the measured time");
    }
  }
}
