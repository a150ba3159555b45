package io.destiny.sim.world;

import io.destiny.core.app.SnapshotSource;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.model.Digest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A replica's log and snapshots: what is synced survives a crash, what is not is lost. */
final class Disk {
  private static final int SHORT_JOURNAL = 1024;

  private static final Comparator<LogRecord> ORDER =
      Comparator.comparingInt(LogRecord::instance)
          .thenComparingLong(LogRecord::slot)
          .thenComparingInt(LogRecord::kind)
          .thenComparingLong(LogRecord::view);

  private sealed interface Write {}

  private record Put(LogRecord record) implements Write {}

  private record Delete(int instance, long upTo) implements Write {}

  /**
   * A snapshot that survives.
   *
   * @param application the application's chunks
   */
  record Saved(long slot, List<byte[]> application, List<List<byte[]>> parts) {
    static Saved of(long slot, SnapshotSource source, List<List<byte[]>> parts) {
      List<byte[]> chunks = new ArrayList<>();
      for (int i = 0; i < source.digests().size(); i++) {
        chunks.add(source.chunk(i));
      }
      return new Saved(slot, chunks, parts);
    }

    Input.SavedCheckpoint checkpoint() {
      List<Digest> digests = new ArrayList<>();
      application.forEach(chunk -> digests.add(Digest.of(chunk)));
      return new Input.SavedCheckpoint(slot, digests, parts);
    }

    /** The chunks of a part; part 0 is the application. */
    List<byte[]> part(int part) {
      if (part == 0) {
        return application;
      }
      return part <= parts.size() ? parts.get(part - 1) : List.of();
    }
  }

  /** What is durable, as it was written: much is forgotten before anybody reads it. */
  private List<Write> journal = new ArrayList<>();

  /** The journal is tidied when it is that long. */
  private int untidy = SHORT_JOURNAL;

  private @Nullable SplittableRandom random;
  private final List<Write> unsynced = new ArrayList<>();
  private final NavigableMap<Long, Saved> snapshots = new TreeMap<>();

  void write(List<LogRecord> records) {
    records.forEach(r -> unsynced.add(new Put(r)));
  }

  void forget(int instance, long upTo) {
    unsynced.add(new Delete(instance, upTo));
  }

  /** How many writes wait for a sync. */
  int unsynced() {
    return unsynced.size();
  }

  /** Makes the first {@code count} waiting writes durable. */
  void sync(int count) {
    List<Write> writes = unsynced.subList(0, count);
    journal.addAll(writes);
    writes.clear();
    if (journal.size() > untidy) {
      tidy();
      untidy = Math.max(SHORT_JOURNAL, 2 * journal.size());
    }
  }

  /** Carries out what the journal says is to be forgotten. */
  private void tidy() {
    Map<Integer, Long> forgotten = new HashMap<>();
    List<Write> kept = new ArrayList<>();
    for (Write write : journal.reversed()) {
      switch (write) {
        case Delete d -> forgotten.merge(d.instance, d.upTo, Math::max);
        case Put p -> {
          LogRecord r = p.record;
          // What has no slot, such as the proof of a checkpoint, is never forgotten.
          if (r.slot() < 1 || r.slot() > forgotten.getOrDefault(r.instance(), 0L)) {
            kept.add(write);
          }
        }
      }
    }
    Collections.reverse(kept);
    journal = kept;
  }

  /**
   * From now on a crash leaves a part of what was not synced: a prefix of it, or a prefix from
   * which single writes are missing. A torn or misdirected write is one that is found damaged when
   * the log is read, since each has a checksum; it and all after it are then gone, as with a log
   * that ends.
   */
  void unreliable(SplittableRandom seeded) {
    random = seeded;
  }

  void crash() {
    if (random != null && !unsynced.isEmpty()) {
      int survivors = random.nextInt(unsynced.size() + 1);
      boolean holes = random.nextBoolean();
      for (int i = 0; i < survivors; i++) {
        // Forgetting is idempotent and only follows stability, so it may be lost too.
        if (!holes || random.nextInt(4) > 0) {
          journal.add(unsynced.get(i));
        }
      }
    }
    unsynced.clear();
  }

  /** The durable log, in order. */
  List<LogRecord> records() {
    tidy();
    // A later record replaces one of the same slot, kind and view.
    NavigableMap<LogRecord, LogRecord> sorted = new TreeMap<>(ORDER);
    for (Write write : journal) {
      LogRecord r = ((Put) write).record;
      sorted.remove(r);
      sorted.put(r, r);
    }
    return new ArrayList<>(sorted.values());
  }

  /** How many durable records there are. */
  int size() {
    return records().size();
  }

  /** Durable records of one slot in one view. */
  boolean holds(int instance, long slot, long view) {
    return records().stream()
        .anyMatch(r -> r.instance() == instance && r.slot() == slot && r.view() == view);
  }

  void save(Saved snapshot) {
    snapshots.put(snapshot.slot, snapshot);
  }

  @Nullable Saved snapshot(long slot) {
    return snapshots.get(slot);
  }

  @Nullable Saved newest() {
    Map.Entry<Long, Saved> last = snapshots.lastEntry();
    return last == null ? null : last.getValue();
  }

  /** All durable snapshots but the newest, oldest first. */
  List<Input.SavedCheckpoint> earlier() {
    List<Input.SavedCheckpoint> earlier = new ArrayList<>();
    for (Saved saved : snapshots.values()) {
      earlier.add(saved.checkpoint());
    }
    if (!earlier.isEmpty()) {
      earlier.removeLast();
    }
    return earlier;
  }

  int snapshots() {
    return snapshots.size();
  }

  void dropSnapshots(long below) {
    snapshots.headMap(below, false).clear();
  }

  /** Forgets everything: a disk that was replaced. */
  void wipe() {
    journal.clear();
    unsynced.clear();
    snapshots.clear();
  }
}
