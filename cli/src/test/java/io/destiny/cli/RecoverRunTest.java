package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.node.storage.RocksStore;
import io.destiny.server.ClusterFolder;
import io.destiny.server.ClusterInit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code destiny recover} makes of trusted processes that still have their keys. */
class RecoverRunTest {
  private static final int N = 3;

  @TempDir Path dir;

  @BeforeEach
  void init() throws IOException {
    ClusterFolder cluster =
        ClusterInit.of("destiny", new QuorumRule(N, FaultModel.HYBRID), "127.0.0.1", 19_300)
            .write(dir.resolve("cluster"));
    for (int i = 0; i < N; i++) {
      RocksStore.open(cluster.replica(i).data(), cluster.manifest().settings(i)).close();
    }
  }

  private ClusterFolder cluster() {
    return ClusterFolder.open(dir.resolve("cluster"));
  }

  /** So many of the trusted processes have their keys. */
  private void run(int live, boolean force) {
    ClusterFolder cluster = cluster();
    TreeSet<Path> provisioned = new TreeSet<>();
    for (int i = 0; i < live; i++) {
      provisioned.add(cluster.replicaFolder(i));
    }
    new RecoverRun(
            cluster,
            new TreeSet<>(),
            force,
            new Output(),
            folder -> provisioned.contains(folder) ? OptionalLong.of(0) : OptionalLong.empty())
        .run();
  }

  @Test
  void whileTheyCanOrderAChangeItIsRefused() {
    assertThatThrownBy(() -> run(2, false))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("2 of 3 trusted processes")
        .hasMessageContaining("--force");
    assertThat(cluster().manifest().epoch()).isZero();
    run(2, true);
    assertThat(cluster().manifest().epoch()).isEqualTo(2);
  }

  @Test
  void whenTheyCannotItIsNot() {
    run(1, false);
    assertThat(cluster().manifest().epoch()).isEqualTo(2);
  }
}
