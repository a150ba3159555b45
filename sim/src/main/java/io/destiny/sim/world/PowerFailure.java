package io.destiny.sim.world;

import io.destiny.core.machine.LogRecord;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a disk that keeps no promise but that of a sync leaves of the writes that waited for one.
 * Each stands at its place of the log under a checksum over its place and its bytes. They may be
 * lost; reordered, so that later ones are there and earlier ones are not; torn, that is cut short
 * or with bytes changed; or misdirected, so that one stands at the place of another and its own is
 * empty.
 *
 * <p>A checksum that does not hold ends the log, as the storage of a node ends its own at a damaged
 * tail (RocksDB's {@code TolerateCorruptedTailRecords}): the damaged record and all behind it are
 * gone. A write that never came to its place is passed over, which is harsher than that storage is:
 * it would end its log there too.
 */
final class PowerFailure {
  /** What is kept of every write: its kind, and its own fields. */
  private static final int PUT = 1;

  private static final int DELETE = 2;
  private static final int MOST_BYTES = 1 << 30;

  /** Bytes at a place, as the disk returns them. */
  record Image(byte[] bytes, long checksum) {
    static Image of(int place, byte[] bytes) {
      return new Image(bytes, checksum(place, bytes));
    }

    boolean holdsAt(int place) {
      return checksum == checksum(place, bytes);
    }

    private static long checksum(int place, byte[] bytes) {
      CRC32C crc = new CRC32C();
      crc.update(new Writer(8).u32(place).toBytes());
      crc.update(bytes);
      return crc.getValue();
    }
  }

  /** As it was in the beginning: what a seed loses and reorders is drawn from here alone. */
  private final SplittableRandom first;

  private final SplittableRandom more;
  private final Consumer<String> struck;

  /**
   * @param struck is told what befell a log or a snapshot, once a crash
   */
  PowerFailure(long seed, Consumer<String> struck) {
    this.first = new SplittableRandom(seed);
    this.more = new SplittableRandom(~seed);
    this.struck = struck;
  }

  /** Which of the writes are read after the failure, in order. */
  List<Disk.Write> survivors(List<Disk.Write> unsynced) {
    return read(strike(unsynced));
  }

  /** The places of the log after the failure; null: nothing came there. */
  private List<@Nullable Image> strike(List<Disk.Write> unsynced) {
    int kept = first.nextInt(unsynced.size() + 1);
    boolean holes = first.nextBoolean();
    List<@Nullable Image> places = new ArrayList<>();
    boolean gap = false;
    boolean reordered = false;
    for (int i = 0; i < kept; i++) {
      boolean there = !holes || first.nextInt(4) > 0;
      reordered |= gap && there;
      gap |= !there;
      places.add(there ? Image.of(i, encode(unsynced.get(i))) : null);
    }
    if (gap || kept < unsynced.size()) {
      struck.accept("diskLost");
    }
    if (reordered) {
      struck.accept("diskReordered");
    }
    damage(places);
    return places;
  }

  /** To two of three logs with something in them; the others stay as they are. */
  private void damage(List<@Nullable Image> places) {
    if (places.isEmpty()) {
      return;
    }
    int at = more.nextInt(places.size());
    Image image = places.get(at);
    if (image == null) {
      return;
    }
    switch (more.nextInt(3)) {
      case 0 -> {
        places.set(at, more.nextBoolean() ? cut(image) : changed(image));
        struck.accept("diskTorn");
      }
      case 1 -> {
        int other = more.nextInt(places.size());
        if (other != at) {
          places.set(other, image);
          places.set(at, null);
          struck.accept("diskMisdirected");
        }
      }
      default -> {}
    }
  }

  private Image cut(Image whole) {
    int length = more.nextInt(whole.bytes.length);
    return new Image(Arrays.copyOf(whole.bytes, length), whole.checksum);
  }

  private Image changed(Image whole) {
    byte[] bytes = whole.bytes.clone();
    bytes[more.nextInt(bytes.length)] ^= (byte) (1 + more.nextInt(255));
    return new Image(bytes, whole.checksum);
  }

  /** What a log reads back: all up to the first record that its checksum does not know. */
  static List<Disk.Write> read(List<@Nullable Image> places) {
    List<Disk.Write> read = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      Image image = places.get(i);
      if (image == null) {
        continue;
      }
      if (!image.holdsAt(i)) {
        break;
      }
      read.add(decode(image.bytes));
    }
    return read;
  }

  static byte[] encode(Disk.Write write) {
    return switch (write) {
      case Disk.Put(LogRecord r) ->
          new Writer(256)
              .u8(PUT)
              .u16(r.instance())
              .u64(r.slot())
              .u32(r.kind())
              .u64(r.view())
              .bytes(r.body())
              .toBytes();
      case Disk.Delete(int instance, long upTo) ->
          new Writer(16).u8(DELETE).u16(instance).u64(upTo).toBytes();
    };
  }

  private static Disk.Write decode(byte[] bytes) {
    try {
      Reader r = new Reader(bytes);
      int kind = r.u8();
      int instance = r.u16();
      long slot = r.u64();
      return kind == DELETE
          ? new Disk.Delete(instance, slot)
          : new Disk.Put(
              new LogRecord(instance, slot, (int) r.u32(), r.u64(), r.bytes(MOST_BYTES)));
    } catch (MalformedException e) {
      throw new IllegalStateException("a record whose checksum holds does not decode", e);
    }
  }

  /**
   * How many chunks of a snapshot there are that was being written. One more than it has: the
   * manifest, which is written last, came to the disk too, and nobody was told.
   */
  int chunks(int all) {
    int written = more.nextBoolean() ? all + 1 : more.nextInt(all + 1);
    struck.accept(written > all ? "diskSnapshotUntold" : "diskSnapshotCut");
    return written;
  }
}
