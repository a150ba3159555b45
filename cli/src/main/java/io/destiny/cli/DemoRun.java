package io.destiny.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.client.ClientCounters;
import io.destiny.client.ClientOptions;
import io.destiny.client.DestinyClient;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.ReplyRule;
import io.destiny.server.ClusterFolder;
import io.destiny.server.ClusterInit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A cluster's whole life: made, loaded, checked and removed. */
final class DemoRun {
  private static final long START_SECONDS = 90;
  private static final int DOWN_SECONDS = 1;
  private static final String HOST = "127.0.0.1";

  private final String protocol;
  private final QuorumRule rule;
  private final Load.Shape shape;
  private final boolean kill;
  private final Output output;
  private final ProgressLine progress;

  /**
   * @param kill whether a replica is killed half way, and restarted
   */
  DemoRun(String protocol, QuorumRule rule, Load.Shape shape, boolean kill, Output output) {
    this.protocol = protocol;
    this.rule = rule;
    this.shape = shape;
    this.kill = kill;
    this.output = output;
    this.progress = new ProgressLine(output);
  }

  void run() {
    long begun = System.nanoTime();
    Path home = temporaryFolder();
    try {
      progress.show("making keys for %d replicas ...".formatted(rule.n()));
      int base = LocalCluster.freePorts(InitCommand.BASE_PORT, rule.n());
      ClusterFolder folder =
          ClusterInit.of(protocol, rule, HOST, base).write(home.resolve("cluster"));
      try (Remains remains = new Remains(new LocalCluster(folder), home)) {
        run(folder, remains.cluster, begun);
      }
    } finally {
      progress.clear();
      LocalCluster.delete(home);
    }
  }

  private boolean trusted() {
    return Protocols.named(protocol).trusted();
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("destiny-demo-");
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary folder can be made", e);
    }
  }

  private void run(ClusterFolder folder, LocalCluster cluster, long begun) {
    try (StatusPage pages = new StatusPage(folder.manifest())) {
      progress.show(
          "starting %d replicas%s ..."
              .formatted(rule.n(), trusted() ? " and their trusted processes" : ""));
      for (int i = 0; i < rule.n(); i++) {
        cluster.start(i);
      }
      cluster.awaitHealthy(pages, START_SECONDS);
      Agreement agreement = new Agreement(folder.manifest(), pages);
      Load.Outcome outcome;
      ClientCounters counters;
      int killed = -1;
      try (SessionLease lease = SessionLease.of(folder, 0, shape.clients() + 1);
          DestinyClient client =
              Clusters.connect(folder, ClientOptions.DEFAULT.withSessions(0, 0))) {
        Load load = new Load(client, lease.first(), shape);
        Victim victim = kill ? new Victim(load, cluster, pages) : null;
        outcome =
            load.run(
                p -> {
                  progress.accept(p);
                  if (victim != null) {
                    victim.second(p.second());
                  }
                });
        counters = client.counters();
        if (victim != null) {
          progress.show("waiting for replica %d to catch up ...".formatted(victim.replica));
          victim.restart();
          cluster.awaitHealthy(pages, START_SECONDS);
          killed = victim.replica;
        }
        progress.show("comparing the replicas' states ...");
        agreement.seal(client, lease.first() + shape.clients());
      }
      ObjectNode report = LoadReport.of(folder.manifest(), shape, outcome);
      LoadReport.verified(report, counters);
      List<StatusPage.Status> statuses = agreement.await();
      boolean agree = LoadReport.agreement(report, statuses) && statuses.size() == rule.n();
      report.put("agree", agree);
      if (killed >= 0) {
        report.put("killed", killed);
        report.put("recoveryMillis", LoadReport.round(outcome.recoveryMillis()));
      }
      report.put("wallSeconds", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun) / 1000.0);
      progress.clear();
      conclude(outcome, counters, killed, statuses, agree, report);
    }
  }

  private void conclude(
      Load.Outcome outcome,
      ClientCounters counters,
      int killed,
      List<StatusPage.Status> statuses,
      boolean agree,
      ObjectNode report) {
    output.say(
        "%s: %d replica processes, f = %d, %s"
            .formatted(
                protocol,
                rule.n(),
                rule.f(),
                "gRPC with mTLS, BLS certificates, %sRocksDB"
                    .formatted(trusted() ? "trusted processes, " : "")));
    new Summary(output).print(shape, outcome, counters);
    if (killed >= 0) {
      output.say(
          "replica %d, which led the ordering, was killed half way: the first new command was"
                  .formatted(killed)
              + " answered %,.0f ms later; it was restarted and has caught up"
                  .formatted(outcome.recoveryMillis()));
    }
    if (agree) {
      StatusPage.Status s = statuses.getFirst();
      output.say(
          "all %d replicas executed %,d batches and have state digest %s"
              .formatted(rule.n(), s.executed(), s.digest()));
    }
    output.report(report);
    List<String> wrong = new ArrayList<>();
    if (outcome.errors() > 0) {
      wrong.add(outcome.errors() + " requests failed, the first with " + outcome.firstError());
    }
    boolean proven = Protocols.named(protocol).replies() == ReplyRule.AGGREGATED;
    if (proven && counters.answersWithoutProof() > 0) {
      wrong.add(counters.answersWithoutProof() + " answers came without a proof");
    }
    if (outcome.committed() == 0) {
      wrong.add("nothing was committed");
    }
    if (!agree) {
      wrong.add("the replicas do not agree: " + statuses);
    }
    if (!wrong.isEmpty()) {
      throw Failure.run(String.join("; ", wrong));
    }
    output.say(
        proven
            ? "OK: every proof verified, all states equal"
            : "OK: every answer given alike by f+1 replicas, all states equal");
  }

  /** The replica that leads the ordering is killed half way, and started again soon after. */
  private final class Victim {
    private final Load load;
    private final LocalCluster cluster;
    private final StatusPage pages;
    private final int half = shape.warmUpSeconds() + shape.seconds() / 2;
    int replica = -1;
    private boolean back;

    Victim(Load load, LocalCluster cluster, StatusPage pages) {
      this.load = load;
      this.cluster = cluster;
      this.pages = pages;
    }

    void second(int second) {
      if (replica < 0 && second >= half) {
        replica = pages.orderPrimary();
        load.mark();
        cluster.kill(replica);
      } else if (second > half + DOWN_SECONDS) {
        restart();
      }
    }

    void restart() {
      if (!back) {
        back = true;
        cluster.start(replica);
      }
    }
  }

  /** Ends the processes once, also when the user interrupts. */
  private static final class Remains implements AutoCloseable {
    final LocalCluster cluster;
    private final Path home;
    private final Thread hook;
    private final AtomicBoolean over = new AtomicBoolean();

    Remains(LocalCluster cluster, Path home) {
      this.cluster = cluster;
      this.home = home;
      this.hook = new Thread(this::remove, "destiny-demo-end");
      Runtime.getRuntime().addShutdownHook(hook);
    }

    private void remove() {
      if (over.compareAndSet(false, true)) {
        cluster.close();
        LocalCluster.delete(home);
      }
    }

    @Override
    public void close() {
      remove();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // the JVM ends already, and the hook finds nothing to do
      }
    }
  }
}
