package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.destiny.client.DestinyClient;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.QuorumRule;
import io.destiny.server.ClusterFolder;
import io.destiny.server.ClusterInit;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A cluster of real processes on loopback, for a test. */
record ProcessCluster(ClusterFolder folder, LocalCluster replicas, StatusPage pages)
    implements AutoCloseable {
  /** How long a replica may take to be there: the tests of a build share a machine's cores. */
  static final long START_SECONDS = 180;

  /** As {@code destiny init} makes it. */
  static ProcessCluster start(Path dir, int n, int firstPort) {
    QuorumRule rule = Protocols.named(Protocols.DEFAULT).rule(n);
    return start(dir, Protocols.DEFAULT, rule, firstPort, Settings.Tuning.defaults(rule.f()));
  }

  /**
   * With fewer O-slots a checkpoint, so that one that is behind needs the state and not only the
   * log.
   */
  static ProcessCluster startWithManyCheckpoints(Path dir, int n, int firstPort) {
    return startWithManyCheckpoints(dir, Protocols.DEFAULT, n, firstPort);
  }

  static ProcessCluster startWithManyCheckpoints(Path dir, String protocol, int n, int firstPort) {
    QuorumRule rule = Protocols.named(protocol).rule(n);
    Settings.Tuning tuning =
        Settings.Tuning.defaults(rule.f()).change().checkpointInterval(32).done();
    return start(dir, protocol, rule, firstPort, tuning);
  }

  private static ProcessCluster start(
      Path dir, String protocol, QuorumRule rule, int firstPort, Settings.Tuning tuning) {
    int n = rule.n();
    int base = LocalCluster.freePorts(firstPort, n);
    ClusterFolder folder =
        ClusterInit.of(protocol, rule, "127.0.0.1", base)
            .withTuning(tuning)
            .write(dir.resolve("cluster"));
    ProcessCluster cluster =
        new ProcessCluster(folder, new LocalCluster(folder), new StatusPage(folder.manifest()));
    for (int i = 0; i < n; i++) {
      cluster.replicas.start(i);
    }
    cluster.awaitHealthy();
    return cluster;
  }

  void awaitHealthy() {
    replicas.awaitHealthy(pages, START_SECONDS);
  }

  /** Waits until a replica is in the epoch, well, and votes or not. */
  void await(int replica, long epoch, boolean votes) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (true) {
      JsonNode page = pages.trees().get(replica);
      if (page != null
          && page.path("epoch").asLong() == epoch
          && page.path("healthy").asBoolean()
          && page.path("trusted").asText().equals(votes ? "provisioned" : "not provisioned")) {
        return;
      }
      assertThat(System.nanoTime() - deadline).as("R%d: %s", replica, page).isNegative();
      LockSupport.parkNanos(100_000_000);
    }
  }

  /** All replicas end in one state; what each says. */
  StatusPage.Status agree(DestinyClient client, int reader) {
    Agreement agreement = new Agreement(folder.manifest(), pages);
    agreement.seal(client, reader);
    List<StatusPage.Status> statuses = agreement.await();
    assertThat(statuses)
        .hasSize(folder.manifest().members().size())
        .allMatch(statuses.getFirst()::agrees);
    return statuses.getFirst();
  }

  @Override
  public void close() {
    replicas.close();
    pages.close();
  }
}
