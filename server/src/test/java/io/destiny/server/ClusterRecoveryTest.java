package io.destiny.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.machine.LogRecord;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.crypto.BlsCrypto;
import io.destiny.crypto.trusted.DurableFile;
import io.destiny.node.storage.LogChange;
import io.destiny.node.storage.RocksStore;
import io.destiny.node.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of a cluster that executed nothing yet: what the administrators make of them. */
class ClusterRecoveryTest {
  private static final int N = 3;
  private static final SortedSet<Integer> NOBODY = new TreeSet<>();

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

  private ClusterRecovery.Report recover(Integer... without) throws IOException {
    try (ClusterRecovery recovery =
        ClusterRecovery.open(cluster(), new TreeSet<>(List.of(without)))) {
      return recovery.run();
    }
  }

  /** What a replica would start with. */
  private void begins(int replica, long epoch, long slot) throws IOException {
    ReplicaHome home = ReplicaHome.open(cluster(), replica);
    assertThat(home.manifest().epoch()).isEqualTo(epoch);
    ClusterFolder.ReplicaPart part = home.part();
    assertThat(new BlsCrypto(home.manifest().keys(), replica, part.executionKey()).ownKeyFits())
        .isTrue();
    assertThat(home.provision()).exists();
    try (RocksStore store = RocksStore.open(part.data(), home.manifest().settings(replica))) {
      assertThat(store.checkpoints().slots()).containsExactly(slot);
    }
  }

  @Test
  void everyReplicaBeginsWithOneState() throws IOException {
    ClusterRecovery.Report report = recover();
    assertThat(report.epoch()).isEqualTo(2);
    assertThat(report.base()).isZero();
    assertThat(report.position()).isEqualTo(1);
    for (int i = 0; i < N; i++) {
      begins(i, 2, report.slot());
      assertThat(cluster().replicaFolder(i).resolve("data.until-2")).exists();
    }
    assertThat(cluster().manifest().epoch()).isEqualTo(2);
    assertThat(cluster().knownKeys()).hasSize(2);
    assertThat(dir.resolve("cluster/recovery.yaml")).doesNotExist();
  }

  /** Before the new epoch has a checkpoint of its own, the administrators' word is the proof. */
  @Test
  void itCanBeDoneAgain() throws IOException {
    long slot = recover().slot();
    ClusterRecovery.Report again = recover();
    assertThat(again.from()).isEqualTo(2);
    assertThat(again.epoch()).isEqualTo(4);
    assertThat(again.base()).isEqualTo(slot);
    begins(0, 4, again.slot());
  }

  @Test
  void aStateThatNobodyProvedIsNotBelieved() throws IOException {
    recover();
    for (int i = 0; i < N; i++) {
      flip(i);
    }
    assertThatThrownBy(this::recover)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("proved");
    // one that still has the administrators' word is enough for all
    flip(1);
    assertThat(recover().epoch()).isEqualTo(4);
  }

  /** Flips a bit of the administrators' signature, as who has the folder can. */
  private void flip(int replica) throws IOException {
    ReplicaHome home = ReplicaHome.open(cluster(), replica);
    try (RocksStore store =
        RocksStore.open(home.part().data(), home.manifest().settings(replica))) {
      List<LogRecord> records = store.log().load();
      assertThat(records).hasSize(1);
      LogRecord word = records.getFirst();
      byte[] body = word.body();
      body[body.length - 1] ^= 1;
      LogRecord changed =
          new LogRecord(word.instance(), word.slot(), word.kind(), word.view(), body);
      store.log().write(List.of(new LogChange.Put(List.of(changed))));
    }
  }

  /** Between the two renames of one replica's data; the others wait. */
  @Test
  void anAttemptThatWasStagedIsFinished() throws IOException {
    ClusterRecovery.Report first = recover();
    // back to the moment before anything took its place
    for (int i = 0; i < N; i++) {
      Path folder = cluster().replicaFolder(i);
      new DurableFile(folder.resolve("data")).moveTo(folder.resolve("data.recovered"));
      if (i > 0) {
        new DurableFile(folder.resolve("data.until-2")).moveTo(folder.resolve("data"));
      }
      Files.copy(
          dir.resolve("cluster/earlier/cluster-0.yaml"),
          folder.resolve("cluster.yaml"),
          StandardCopyOption.REPLACE_EXISTING);
    }
    Path present = dir.resolve("cluster/cluster.yaml");
    new DurableFile(present).moveTo(dir.resolve("cluster/recovery.yaml"));
    Files.copy(dir.resolve("cluster/earlier/cluster-0.yaml"), present);
    assertThat(cluster().manifest().epoch()).isZero();

    assertThat(ClusterRecovery.finish(cluster())).isEqualTo(2);
    assertThat(ClusterRecovery.finish(cluster())).isEqualTo(-1);
    for (int i = 0; i < N; i++) {
      begins(i, 2, first.slot());
    }
    assertThat(cluster().manifest().epoch()).isEqualTo(2);
  }

  /** What an attempt left that never came so far is written anew. */
  @Test
  void anAttemptThatWasNotStagedIsForgotten() throws IOException {
    Path left = Files.createDirectories(cluster().replicaFolder(0).resolve("data.recovered"));
    Files.writeString(left.resolve("CURRENT"), "half of it");
    assertThat(ClusterRecovery.finish(cluster())).isEqualTo(-1);
    ClusterRecovery.Report report = recover();
    begins(0, 2, report.slot());
  }

  @Test
  void whatIsMissingMustBeNamed() throws IOException {
    Files.move(
        cluster().replicaFolder(1).resolve("data"), cluster().replicaFolder(1).resolve("gone"));
    assertThatThrownBy(this::recover)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("--without 1");
    ClusterRecovery.Report report = recover(1);
    assertThat(report.members().get(1).tookPart()).isFalse();
    begins(0, 2, report.slot());
    // keys for it, and no state
    Path folder = cluster().replicaFolder(1);
    assertThat(ClusterFolder.epochFolder(folder, 2)).exists();
    assertThat(folder.resolve("data")).doesNotExist();
    assertThatThrownBy(() -> ClusterRecovery.open(cluster(), new TreeSet<>(List.of(0, 1, 2))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no replica");
  }

  @Test
  void aFolderInUseIsLeftAlone() throws IOException {
    ReplicaHome home = ReplicaHome.open(cluster(), 2);
    try (RocksStore inUse = RocksStore.open(home.part().data(), home.manifest().settings(2))) {
      assertThat(inUse.checkpoints().slots()).isEmpty();
      assertThatThrownBy(() -> ClusterRecovery.open(cluster(), NOBODY))
          .isInstanceOf(StorageException.class);
    }
    assertThat(cluster().manifest().epoch()).isZero();
  }
}
