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
import java.util.OptionalLong;
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

  // ---- replicas in other epochs than cluster.yaml

  /** A replica goes over to what was prepared, without state, and with what log. */
  private void goesOver(int replica, NextEpoch next, LogRecord... log) throws IOException {
    ReplicaHome home = ReplicaHome.open(cluster(), replica);
    RocksStore.beginEpoch(
        home.part().data(),
        home.manifest().settings(replica),
        next.manifest().settings(replica),
        -1,
        List.of(log));
    new DurableFile(home.part().folder().resolve("cluster.yaml")).replace(next.manifestBytes());
  }

  private void refused(String why) {
    assertThatThrownBy(this::recover).isInstanceOf(ConfigException.class).hasMessageContaining(why);
  }

  /** The change was ordered, and its command was interrupted before cluster.yaml said so. */
  @Test
  void newMembersAreReadThoughTheFolderDoesNotKnowThem() throws IOException {
    goesOver(1, NextEpoch.add(cluster(), 2, Place.DEFAULT));
    refused("--without 3");
    ClusterRecovery.Report report = recover(3, 4);
    assertThat(report.epoch()).isEqualTo(3);
    assertThat(report.members()).hasSize(5);
    assertThatThrownBy(() -> recover(3, 4, 5))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("replicas 0 to 4");
  }

  /** Who has left may hold what was acknowledged in the epoch that the others are still in. */
  @Test
  void membersThatLeftAreReadWhileAnybodyIsInTheirEpoch() throws IOException {
    recover();
    NextEpoch.add(cluster(), 1, Place.DEFAULT).putInForce();
    recover(3);
    ClusterFolder four = cluster();
    RocksStore.open(four.replica(3).data(), four.manifest().settings(3)).close();
    for (int i = 0; i < 4; i++) {
      assertThat(ReplicaHome.open(four, i).manifest().members()).hasSize(4);
    }
    NextEpoch.remove(four, List.of(3)).putInForce();
    Path data = four.replica(3).data();
    new DurableFile(data).moveTo(data.resolveSibling("gone"));
    refused("--without 3");
    ClusterRecovery.Report report = recover(3);
    assertThat(report.members()).hasSize(3);
  }

  /** A replica that was replaced is not given its successor's keys. */
  @Test
  void aFolderOfAnotherReplicaIsNotThatOfTheMember() throws IOException {
    goesOver(0, NextEpoch.replace(cluster(), 1, Place.DEFAULT));
    refused("replica-1.new");
    assertThat(ClusterFolder.epochFolder(cluster().replicaFolder(1), 3)).doesNotExist();
    assertThat(recover(1).epoch()).isEqualTo(3);
  }

  /** Else all that was ordered in it would go unnoticed. */
  @Test
  void anEpochThatWasVotedInIsNotSkippedForWantOfItsState() throws IOException {
    NextEpoch next = NextEpoch.rotate(cluster());
    goesOver(0, next);
    goesOver(1, next, new LogRecord(0, 1, 1, 0, new byte[] {0}));
    refused("replicas [1] took part in epoch 1");
    ClusterRecovery.Report report = recover(1);
    assertThat(report.from()).isZero();
    assertThat(report.epoch()).isEqualTo(3);
  }

  // ---- while they still order

  private ClusterRecovery.LiveQuorum live(Long... epochs) {
    return ClusterRecovery.liveQuorum(
        cluster(),
        folder -> {
          String name = folder.getFileName().toString();
          int replica = Integer.parseInt(name.substring("replica-".length()));
          Long epoch = replica < epochs.length ? epochs[replica] : null;
          return epoch == null ? OptionalLong.empty() : OptionalLong.of(epoch);
        });
  }

  @Test
  void trustedSubsystemsAreCountedInTheEpochTheirReplicasAreIn() throws IOException {
    assertThat(live(0L, null, null)).isNull();
    assertThat(live(0L, null, 0L)).isEqualTo(new ClusterRecovery.LiveQuorum(0, 2, 3));
    assertThat(live(1L, 1L, 1L)).as("for an epoch that nobody is in").isNull();
    NextEpoch next = NextEpoch.add(cluster(), 2, Place.DEFAULT);
    goesOver(0, next);
    goesOver(1, next);
    assertThat(live(0L, 0L, 0L)).isNull();
    assertThat(live(1L, 1L, 0L)).as("of five, two are none").isNull();
    NextEpoch.prepared(cluster()).putInForce();
    assertThat(live(1L, 1L, null, 1L)).isEqualTo(new ClusterRecovery.LiveQuorum(1, 3, 5));
  }

  @Test
  void aLogThatIsDamagedThroughoutIsNotReportedThroughout() throws IOException {
    try (Survivor survivor = Survivor.open(cluster(), 0)) {
      for (int i = 0; i < 10 * Survivor.MOST_REASONS; i++) {
        survivor.reject("slot " + i);
        survivor.reject("slot " + i);
      }
      assertThat(survivor.rejected())
          .hasSize(Survivor.MOST_REASONS + 1)
          .startsWith("slot 0", "slot 1")
          .endsWith("and more");
    }
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
