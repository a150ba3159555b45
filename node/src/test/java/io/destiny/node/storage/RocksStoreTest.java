package io.destiny.node.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.Domain;
import io.destiny.node.toy.ToyCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RocksStoreTest {
  private static final byte[] ONE = {1};
  private static final byte[] TWO = {2, 2};
  private static final byte[] THREE = new byte[100_000];

  @TempDir private Path folder;

  private Settings settings(int self) {
    return new ToyCluster(folder, 3).settings(self);
  }

  private RocksStore open() throws StorageException {
    return RocksStore.open(folder, settings(0));
  }

  private static LogRecord record(int instance, long slot, int kind, long view) {
    return new LogRecord(instance, slot, kind, view, new byte[] {(byte) slot, (byte) kind});
  }

  private static List<String> keys(LogStore log) throws StorageException {
    return log.load().stream()
        .map(r -> "%d/%d/%d/%d".formatted(r.instance(), r.slot(), r.kind(), r.view()))
        .toList();
  }

  @Test
  void theIdentityStaysThroughEpochsAndIsNoRecord() throws StorageException {
    try (RocksStore store = open()) {
      assertThat(store.identity().read()).isNull();
      store.identity().write(ONE);
      store.identity().write(TWO);
      assertThat(store.log().load()).isEmpty();
    }
    RocksStore.beginEpoch(folder, epoch(0), epoch(1), -1, List.of());
    try (RocksStore store = RocksStore.open(folder, epoch(1))) {
      assertThat(store.identity().read()).isEqualTo(TWO);
    }
  }

  /** A promise that cannot be read any more must not look as if it had never been made. */
  @ParameterizedTest
  @ValueSource(strings = {".log", "MANIFEST-"})
  void damageIsSeenAndNotSkipped(String file) throws IOException {
    try (RocksStore store = open()) {
      for (int slot = 1; slot <= 200; slot++) {
        store.log().write(List.of(new LogChange.Put(List.of(record(1, slot, 1, 0)))));
      }
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path path : files.filter(p -> p.getFileName().toString().contains(file)).toList()) {
        byte[] bytes = Files.readAllBytes(path);
        bytes[bytes.length / 4] ^= 1;
        Files.write(path, bytes);
      }
    }
    assertThatThrownBy(this::open)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("cannot be opened: ")
        .hasMessageContaining("move it away and start again");
  }

  @Test
  void recordsComeBackInTheOrderOfTheContract() throws StorageException {
    try (RocksStore store = open()) {
      store
          .log()
          .write(
              List.of(
                  new LogChange.Put(List.of(record(0xFFFF, 1, 1, 0), record(2, 300, 1, 0))),
                  new LogChange.Put(List.of(record(2, 5, 200, 0), record(2, 5, 3, 7))),
                  new LogChange.Put(List.of(record(2, 5, 3, 0), record(2, 0, 9, 0)))));
    }
    try (RocksStore store = open()) {
      assertThat(keys(store.log()))
          .containsExactly(
              "2/0/9/0", "2/5/3/0", "2/5/3/7", "2/5/200/0", "2/300/1/0", "65535/1/1/0");
      assertThat(store.log().load().get(1).body()).isEqualTo(new byte[] {5, 3});
    }
  }

  @Test
  void forgettingSparesWhatConcernsTheWholeInstanceAndOthers() throws StorageException {
    try (RocksStore store = open()) {
      List<LogRecord> records =
          List.of(record(1, 0, 1, 0), record(1, 1, 1, 0), record(1, 9, 1, 0), record(2, 1, 1, 0));
      store.log().write(List.of(new LogChange.Put(records), new LogChange.Forget(1, 8)));
      assertThat(keys(store.log())).containsExactly("1/0/1/0", "1/9/1/0", "2/1/1/0");

      // what is written after it stays, also below
      store.log().write(List.of(new LogChange.Put(List.of(record(1, 3, 1, 0)))));
      store.log().write(List.of(new LogChange.Forget(1, 0), new LogChange.Forget(1, -1)));
      assertThat(keys(store.log())).contains("1/3/1/0");
    }
  }

  @Test
  void aRecordWithTheSameKeyReplacesTheFirst() throws StorageException {
    try (RocksStore store = open()) {
      LogRecord first = record(1, 1, 1, 0);
      LogRecord second = new LogRecord(1, 1, 1, 0, new byte[] {42});
      store.log().write(List.of(new LogChange.Put(List.of(first, second))));
      assertThat(store.log().load()).hasSize(1);
      assertThat(store.log().load().getFirst().body()).containsExactly(42);
    }
  }

  @Test
  void theFolderOfAnotherReplicaOrClusterIsRefused() throws StorageException {
    open().close();
    assertThatThrownBy(() -> RocksStore.open(folder, settings(1)))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("belongs to replica 0 of cluster")
        .hasMessageContaining("not to replica 1");

    Settings mine = settings(0);
    Settings other =
        new Settings(new Domain(new byte[16], 5), mine.rule(), 0, mine.limits(), mine.tuning());
    assertThatThrownBy(() -> RocksStore.open(folder, other))
        .hasMessageContaining("belongs to replica 0 of cluster 61");
  }

  private Settings epoch(long number) {
    Settings s = settings(0);
    Domain domain = new Domain(s.domain().cluster(), s.domain().epoch() + number);
    return new Settings(domain, s.rule(), 0, s.limits(), s.tuning());
  }

  private void fill() throws StorageException {
    try (RocksStore store = open()) {
      List<LogRecord> records = List.of(record(0, 0, 1, 0), record(0xFFFF, Long.MAX_VALUE, 255, 9));
      store.log().write(List.of(new LogChange.Put(records)));
      CheckpointStore checkpoints = store.checkpoints();
      checkpoints.commit(new Manifest(10, List.of(List.of(put(checkpoints, ONE)))));
      checkpoints.commit(new Manifest(20, List.of(List.of(put(checkpoints, TWO)))));
    }
  }

  @Test
  void theSnapshotAtTheBoundaryAloneGoesOverIntoTheNextEpoch() throws StorageException {
    assertThat(RocksStore.epoch(folder)).isEqualTo(-1);
    fill();
    RocksStore.beginEpoch(folder, epoch(0), epoch(1), 20, List.of());
    assertThat(RocksStore.epoch(folder)).isEqualTo(epoch(1).domain().epoch());
    try (RocksStore store = RocksStore.open(folder, epoch(1))) {
      assertThat(store.log().load()).isEmpty();
      assertThat(store.checkpoints().slots()).containsExactly(20L);
      assertThat(store.checkpoints().chunk(Digest.of(TWO))).isEqualTo(TWO);
      assertThat(store.checkpoints().chunk(Digest.of(ONE))).isNull();
    }
    assertThatThrownBy(this::open).hasMessageContaining("belongs to replica 0 of cluster");
  }

  @Test
  void withoutStateNothingGoesOver() throws StorageException {
    fill();
    RocksStore.beginEpoch(folder, epoch(0), epoch(3), -1, List.of());
    try (RocksStore store = RocksStore.open(folder, epoch(3))) {
      assertThat(store.log().load()).isEmpty();
      assertThat(store.checkpoints().slots()).isEmpty();
    }
  }

  @Test
  void anEpochWithoutItsLastSnapshotStaysWhole() throws StorageException {
    fill();
    assertThatThrownBy(() -> RocksStore.beginEpoch(folder, epoch(0), epoch(1), 15, List.of()))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("no checkpoint at slot 15");
    try (RocksStore store = open()) {
      assertThat(store.log().load()).hasSize(2);
      assertThat(store.checkpoints().slots()).containsExactly(10L, 20L);
    }
  }

  @Test
  void aFolderInUseIsRefused() throws StorageException {
    try (RocksStore store = open()) {
      assertThatThrownBy(this::open)
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("cannot be opened");
      assertThat(store.log().load()).isEmpty();
    }
  }

  @Test
  void aDamagedLogIsNotTakenForAnEmptyOne() throws IOException {
    try (RocksStore store = open()) {
      store.log().write(List.of(new LogChange.Put(List.of(record(1, 1, 1, 0)))));
      store.log().write(List.of(new LogChange.Put(List.of(record(1, 2, 1, 0)))));
    }
    try (var files = Files.list(folder)) {
      Path log = files.filter(f -> f.toString().endsWith(".log")).findFirst().orElseThrow();
      byte[] bytes = Files.readAllBytes(log);
      bytes[10] ^= 1;
      Files.write(log, bytes);
    }
    assertThatThrownBy(this::open).isInstanceOf(StorageException.class);
  }

  private static Digest put(CheckpointStore store, byte[] chunk) throws StorageException {
    store.put(Digest.of(chunk), chunk);
    return Digest.of(chunk);
  }

  @Test
  void aChunkThatTwoCheckpointsShareLivesAsLongAsOneOfThem() throws StorageException {
    Digest one = Digest.of(ONE);
    Digest two = Digest.of(TWO);
    try (RocksStore store = open()) {
      CheckpointStore checkpoints = store.checkpoints();
      checkpoints.commit(
          new Manifest(10, List.of(List.of(put(checkpoints, ONE), put(checkpoints, TWO)))));
      assertThat(checkpoints.retain(two)).isTrue();
      checkpoints.commit(new Manifest(20, List.of(List.of(two), List.of(put(checkpoints, THREE)))));
    }
    try (RocksStore store = open()) {
      CheckpointStore checkpoints = store.checkpoints();
      assertThat(checkpoints.slots()).containsExactly(10L, 20L);
      checkpoints.drop(10);
      assertThat(checkpoints.chunk(one)).isNull();
      assertThat(checkpoints.chunk(two)).isEqualTo(TWO);
      assertThat(checkpoints.retain(one)).isFalse();
    }
    try (RocksStore store = open()) {
      assertThat(store.checkpoints().slots()).containsExactly(20L);
      assertThat(store.checkpoints().chunk(Digest.of(THREE))).isEqualTo(THREE);
      assertThat(store.checkpoints().manifest(10)).isNull();
    }
  }

  @Test
  void chunksOfACheckpointThatWasNeverCompletedGoAtTheNextStart() throws StorageException {
    try (RocksStore store = open()) {
      put(store.checkpoints(), ONE);
      store.log().write(List.of(new LogChange.Put(List.of(record(1, 1, 1, 0)))));
    }
    try (RocksStore store = open()) {
      assertThat(store.checkpoints().slots()).isEmpty();
      assertThat(store.checkpoints().retain(Digest.of(ONE))).isFalse();
      assertThat(store.checkpoints().chunk(Digest.of(ONE))).isNull();
    }
  }

  @Test
  void whatIsReleasedIsGoneUnlessACheckpointHasIt() throws StorageException {
    try (RocksStore store = open()) {
      CheckpointStore checkpoints = store.checkpoints();
      Digest one = put(checkpoints, ONE);
      checkpoints.commit(new Manifest(1, List.of(List.of(one))));
      List<Digest> staged = List.of(put(checkpoints, ONE), put(checkpoints, TWO));
      checkpoints.release(staged);
      assertThat(checkpoints.chunk(one)).isEqualTo(ONE);
      assertThat(checkpoints.chunk(Digest.of(TWO))).isNull();
    }
  }
}
