package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.client.DestinyClient;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.server.ClusterFolder;
import io.destiny.server.ClusterInit;
import java.nio.file.Path;
import java.util.List;

/** A cluster of real processes on loopback, for a test. */
record ProcessCluster(ClusterFolder folder, LocalCluster replicas, StatusPage pages)
    implements AutoCloseable {
  /** How long a replica may take to be there: the tests of a build share a machine's cores. */
  static final long START_SECONDS = 180;

  /** As {@code destiny init} makes it. */
  static ProcessCluster start(Path dir, int n, int firstPort) {
    return start(dir, n, firstPort, Settings.Tuning.defaults(rule(n).f()));
  }

  /**
   * With fewer O-slots a checkpoint, so that one that is behind needs the state and not only the
   * log.
   */
  static ProcessCluster startWithManyCheckpoints(Path dir, int n, int firstPort) {
    Settings.Tuning tuning = Settings.Tuning.defaults(rule(n).f()).withCheckpointInterval(32);
    return start(dir, n, firstPort, tuning);
  }

  private static QuorumRule rule(int n) {
    return new QuorumRule(n, FaultModel.HYBRID);
  }

  private static ProcessCluster start(Path dir, int n, int firstPort, Settings.Tuning tuning) {
    int base = LocalCluster.freePorts(firstPort, n);
    ClusterFolder folder =
        ClusterInit.of("destiny", rule(n), "127.0.0.1", base)
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
