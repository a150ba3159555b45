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

  /** A change of the log. */
  sealed interface Write {}

  record Put(LogRecord record) implements Write {}

  record Delete(int instance, long upTo) implements Write {}

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

  /** Per instance: what was carried out of that so far. */
  private final Map<Integer, Long> forgotten = new HashMap<>();

  /** The snapshot that the epoch began with; -1: none. */
  private long boundary = -1;

  private @Nullable PowerFailure failure;
  private final List<Write> unsynced = new ArrayList<>();

  /** By slot; those without a manifest are there and not offered. */
  private final NavigableMap<Long, Snapshot> snapshots = new TreeMap<>();

  /** A snapshot's chunks, and whether its manifest, which is written last, is there. */
  private record Snapshot(Saved saved, boolean complete) {}

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

  /** From now on a crash leaves a part of what was not synced. */
  void unreliable(PowerFailure how) {
    failure = how;
  }

  void crash() {
    PowerFailure how = failure;
    if (how != null && !unsynced.isEmpty()) {
      // Forgetting is idempotent and only follows stability, so it may be lost too.
      journal.addAll(how.survivors(unsynced));
    }
    unsynced.clear();
    for (Snapshot s : List.copyOf(snapshots.values())) {
      if (!s.complete) {
        cut(s.saved, how);
      }
    }
  }

  private void cut(Saved saved, @Nullable PowerFailure how) {
    int all = saved.application.size();
    int written = how == null ? 0 : how.chunks(all);
    if (written > all) {
      snapshots.put(saved.slot, new Snapshot(saved, true));
    } else {
      // The chunks that are there wait to be swept; to the replica there is no such snapshot.
      snapshots.remove(saved.slot);
    }
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
    if (slot >= 1 && slot <= forgotten.getOrDefault(instance, 0L)) {
      return true;
    }
    // From the end: it is asked about what was written a moment ago.
    for (Write write : journal.reversed()) {
      switch (write) {
        case Delete d -> {
          if (d.instance == instance && slot >= 1 && slot <= d.upTo) {
            // A stable checkpoint stands for it: nothing of this slot need be shown any more.
            return true;
          }
        }
        case Put p -> {
          LogRecord r = p.record;
          if (r.instance() == instance && r.slot() == slot && r.view() == view) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** A snapshot begins to be written; one that is there already stays whole. */
  void begin(Saved snapshot) {
    snapshots.putIfAbsent(snapshot.slot, new Snapshot(snapshot, false));
  }

  /** All of a snapshot is durable. */
  void save(Saved snapshot) {
    snapshots.put(snapshot.slot, new Snapshot(snapshot, true));
  }

  /** All durable snapshots, oldest first. */
  List<Saved> complete() {
    return snapshots.values().stream().filter(Snapshot::complete).map(Snapshot::saved).toList();
  }

  @Nullable Saved snapshot(long slot) {
    Snapshot found = snapshots.get(slot);
    return found == null || !found.complete ? null : found.saved;
  }

  @Nullable Saved newest() {
    List<Saved> complete = complete();
    return complete.isEmpty() ? null : complete.getLast();
  }

  /** All durable snapshots but the newest, oldest first. */
  List<Input.SavedCheckpoint> earlier() {
    List<Input.SavedCheckpoint> earlier = new ArrayList<>();
    for (Saved saved : complete()) {
      earlier.add(saved.checkpoint());
    }
    if (!earlier.isEmpty()) {
      earlier.removeLast();
    }
    return earlier;
  }

  int snapshots() {
    return complete().size();
  }

  void dropSnapshots(long below) {
    snapshots.headMap(below, false).keySet().removeIf(slot -> slot != boundary);
  }

  /**
   * An epoch is over: of all there is, its last snapshot alone goes over into the next, and stays
   * to the end of that; the next log begins with some records.
   */
  void endEpoch(long slot, List<LogRecord> carried) {
    boundary = slot;
    journal.clear();
    forgotten.clear();
    unsynced.clear();
    snapshots.keySet().removeIf(s -> s != slot);
    carried.forEach(r -> journal.add(new Put(r)));
  }

  /** Forgets everything: a disk that was replaced. */
  void wipe() {
    endEpoch(-1, List.of());
  }
}
