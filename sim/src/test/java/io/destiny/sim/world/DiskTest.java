package io.destiny.sim.world;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.Input;
import io.destiny.core.machine.LogRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DiskTest {
  private static final int SEEDS = 2_000;

  private static LogRecord record(long slot) {
    return new LogRecord(1, slot, 3, 0, new byte[] {(byte) slot, 7, 7, 7});
  }

  private static List<Long> slots(Disk disk) {
    return disk.records().stream().map(LogRecord::slot).toList();
  }

  /** Slots 1 to 5 are synced, 6 to 15 are not. */
  private static Disk disk() {
    Disk disk = new Disk();
    for (long slot = 1; slot <= 15; slot++) {
      disk.write(List.of(record(slot)));
      if (slot == 5) {
        disk.sync(disk.unsynced());
      }
    }
    return disk;
  }

  @Test
  void aCrashTakesWhatWasNotSynced() {
    Disk disk = disk();
    disk.crash();
    assertThat(slots(disk)).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(disk.unsynced()).isZero();
  }

  @Test
  void noCrashHarmsWhatWasSynced() {
    Map<String, Integer> struck = new TreeMap<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      Disk disk = disk();
      disk.unreliable(new PowerFailure(seed, what -> struck.merge(what, 1, Integer::sum)));
      disk.crash();
      assertThat(slots(disk)).startsWith(1L, 2L, 3L, 4L, 5L);
      for (LogRecord r : disk.records()) {
        assertThat(r.body()).isEqualTo(record(r.slot()).body());
        assertThat(r.kind()).isEqualTo(3);
      }
    }
    assertThat(struck.keySet())
        .containsExactly("diskLost", "diskMisdirected", "diskReordered", "diskTorn");
    assertThat(struck.values()).allMatch(count -> count > SEEDS / 50);
  }

  @Test
  void theSameSeedLeavesTheSamePieces() {
    assertThat(survivorsOf(11)).isEqualTo(survivorsOf(11));
    List<List<Long>> all = new ArrayList<>();
    for (int seed = 0; seed < 100; seed++) {
      all.add(survivorsOf(seed));
    }
    assertThat(all.stream().distinct().count()).isGreaterThan(2 * 11);
  }

  private static List<Long> survivorsOf(long seed) {
    Disk disk = disk();
    disk.unreliable(new PowerFailure(seed, what -> {}));
    disk.crash();
    return slots(disk);
  }

  // --- what a log reads back, place by place

  private static PowerFailure.Image at(int place, long slot) {
    return PowerFailure.Image.of(place, PowerFailure.encode(new Disk.Put(record(slot))));
  }

  private static List<Long> read(PowerFailure.@Nullable Image... places) {
    List<Long> slots = new ArrayList<>();
    for (Disk.Write write : PowerFailure.read(Arrays.asList(places))) {
      slots.add(((Disk.Put) write).record().slot());
    }
    return slots;
  }

  @Test
  void aLogWithAGapReadsWhatCameLater() {
    assertThat(read(at(0, 1), null, at(2, 3))).containsExactly(1L, 3L);
  }

  @Test
  void atATornRecordTheLogEnds() {
    PowerFailure.Image whole = at(1, 2);
    PowerFailure.Image cut =
        new PowerFailure.Image(Arrays.copyOf(whole.bytes(), 9), whole.checksum());
    byte[] bytes = whole.bytes().clone();
    bytes[12] ^= 1;
    PowerFailure.Image changed = new PowerFailure.Image(bytes, whole.checksum());

    assertThat(read(at(0, 1), whole, at(2, 3))).containsExactly(1L, 2L, 3L);
    assertThat(read(at(0, 1), cut, at(2, 3))).containsExactly(1L);
    assertThat(read(at(0, 1), changed, at(2, 3))).containsExactly(1L);
  }

  @Test
  void aRecordInThePlaceOfAnotherIsNotTakenForIt() {
    assertThat(read(at(0, 1), null, at(1, 2), at(3, 4))).containsExactly(1L);
  }

  @Test
  void whatIsReadBackIsWhatWasWritten() {
    Disk.Write forget = new Disk.Delete(0xffff, 1L << 40);
    PowerFailure.Image image = PowerFailure.Image.of(0, PowerFailure.encode(forget));
    assertThat(PowerFailure.read(Collections.singletonList(image))).containsExactly(forget);
  }

  // --- snapshots

  private static Disk.Saved saved(long slot) {
    return new Disk.Saved(slot, List.of(new byte[] {1}, new byte[] {2}), List.of());
  }

  @Test
  void aSnapshotThatIsBeingWrittenIsNotOffered() {
    Disk disk = new Disk();
    disk.save(saved(8));
    disk.begin(saved(16));

    assertThat(Objects.requireNonNull(disk.newest()).slot()).isEqualTo(8);
    assertThat(disk.snapshot(16)).isNull();
    disk.crash();
    assertThat(Objects.requireNonNull(disk.newest()).slot()).isEqualTo(8);

    disk.begin(saved(16));
    disk.save(saved(16));
    disk.crash();
    assertThat(Objects.requireNonNull(disk.newest()).slot()).isEqualTo(16);
    assertThat(disk.earlier()).extracting(Input.SavedCheckpoint::slot).containsExactly(8L);
  }

  @Test
  void aSnapshotIsThereAsAWholeOrNotAtAll() {
    Map<String, Integer> struck = new TreeMap<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      Disk disk = new Disk();
      disk.unreliable(new PowerFailure(seed, what -> struck.merge(what, 1, Integer::sum)));
      disk.save(saved(8));
      disk.begin(saved(16));
      disk.crash();
      assertThat(disk.snapshot(8)).isNotNull();
      Disk.Saved later = disk.snapshot(16);
      assertThat(later == null ? 2 : later.application().size()).isEqualTo(2);
    }
    assertThat(struck.keySet()).containsExactly("diskSnapshotCut", "diskSnapshotUntold");
    assertThat(struck.values()).allMatch(count -> count > SEEDS / 50);
  }
}
