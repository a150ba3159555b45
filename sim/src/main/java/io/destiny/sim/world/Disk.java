package io.destiny.sim.world;

import io.destiny.core.app.SnapshotSource;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.model.Digest;
import java.util.ArrayList;
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

  /** By instance and slot; a slot has few records. Never iterated without sorting. */
  private final Map<Integer, Map<Long, List<LogRecord>>> log = new HashMap<>();

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
    writes.forEach(this::apply);
    writes.clear();
  }

  private void apply(Write write) {
    switch (write) {
      case Put p -> put(p.record);
      case Delete d -> {
        Map<Long, List<LogRecord>> slots = log.get(d.instance);
        if (slots != null) {
          slots.keySet().removeIf(slot -> slot >= 1 && slot <= d.upTo);
        }
      }
    }
  }

  private void put(LogRecord record) {
    List<LogRecord> slot =
        log.computeIfAbsent(record.instance(), i -> new HashMap<>())
            .computeIfAbsent(record.slot(), n -> new ArrayList<>(4));
    slot.removeIf(old -> old.kind() == record.kind() && old.view() == record.view());
    slot.add(record);
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
          apply(unsynced.get(i));
        }
      }
    }
    unsynced.clear();
  }

  /** The durable log, in order. */
  List<LogRecord> records() {
    List<LogRecord> all = new ArrayList<>();
    log.values().forEach(slots -> slots.values().forEach(all::addAll));
    all.sort(ORDER);
    return all;
  }

  /** How many durable records there are. */
  int size() {
    int size = 0;
    for (Map<Long, List<LogRecord>> slots : log.values()) {
      for (List<LogRecord> slot : slots.values()) {
        size += slot.size();
      }
    }
    return size;
  }

  /** Durable records of one slot in one view. */
  boolean holds(int instance, long slot, long view) {
    Map<Long, List<LogRecord>> slots = log.get(instance);
    for (LogRecord r : slots == null ? List.<LogRecord>of() : slots.getOrDefault(slot, List.of())) {
      if (r.view() == view) {
        return true;
      }
    }
    return false;
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
    log.clear();
    unsynced.clear();
    snapshots.clear();
  }
}
