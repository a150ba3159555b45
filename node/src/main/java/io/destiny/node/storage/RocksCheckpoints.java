package io.destiny.node.storage;

import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Checkpoints: manifests by slot, and one empty marker a chunk, so that looking for chunks that a
 * crash left behind does not read their bytes.
 */
final class RocksCheckpoints implements CheckpointStore {
  private static final int MANIFEST = 0;
  private static final int MARKER = 1;
  private static final byte[] NOTHING = new byte[0];

  /** The checkpoint that the epoch began with; -1: none. */
  private long kept = -1;

  private final RocksDB database;
  private final ColumnFamilyHandle index;
  private final ColumnFamilyHandle chunks;
  private final WriteOptions synced;
  private final WriteOptions unsynced;
  private final TreeMap<Long, Manifest> manifests = new TreeMap<>();
  private final Map<Digest, Integer> counts = new HashMap<>();

  RocksCheckpoints(
      RocksDB database,
      ColumnFamilyHandle index,
      ColumnFamilyHandle chunks,
      WriteOptions synced,
      WriteOptions unsynced)
      throws StorageException {
    this.database = database;
    this.index = index;
    this.chunks = chunks;
    this.synced = synced;
    this.unsynced = unsynced;
    load();
  }

  /** Reads the manifests and deletes chunks of checkpoints that were never completed. */
  private void load() throws StorageException {
    List<Digest> stored = new ArrayList<>();
    try (RocksIterator i = database.newIterator(index)) {
      for (i.seekToFirst(); i.isValid(); i.next()) {
        if (i.key()[0] == MANIFEST) {
          Manifest manifest = Manifest.decode(i.value());
          manifests.put(manifest.slot(), manifest);
          manifest.chunks().forEach(this::count);
        } else {
          stored.add(Digest.fromBytes(java.util.Arrays.copyOfRange(i.key(), 1, i.key().length)));
        }
      }
      i.status();
      stored.removeIf(counts::containsKey);
      try (WriteBatch batch = new WriteBatch()) {
        for (Digest orphan : stored) {
          delete(batch, orphan);
        }
        database.write(unsynced, batch);
      }
    } catch (RocksDBException | MalformedException | IllegalArgumentException e) {
      throw new StorageException("the checkpoints cannot be read: " + e.getMessage(), e);
    }
  }

  private void count(Digest chunk) {
    counts.merge(chunk, 1, Integer::sum);
  }

  @Override
  public List<Long> slots() {
    return List.copyOf(manifests.keySet());
  }

  @Override
  public @Nullable Manifest manifest(long slot) {
    return manifests.get(slot);
  }

  @Override
  public boolean retain(Digest chunk) {
    return counts.computeIfPresent(chunk, (d, n) -> n + 1) != null;
  }

  @Override
  public void put(Digest digest, byte[] chunk) throws StorageException {
    if (retain(digest)) {
      return;
    }
    try (WriteBatch batch = new WriteBatch()) {
      batch.put(chunks, digest.toBytes(), chunk);
      batch.put(index, marker(digest), NOTHING);
      database.write(unsynced, batch);
    } catch (RocksDBException e) {
      throw cannotWrite(e);
    }
    count(digest);
  }

  @Override
  public void release(List<Digest> released) throws StorageException {
    try (WriteBatch batch = new WriteBatch()) {
      discount(batch, released);
      database.write(unsynced, batch);
    } catch (RocksDBException e) {
      throw cannotWrite(e);
    }
  }

  private void discount(WriteBatch batch, List<Digest> released) throws RocksDBException {
    for (Digest chunk : released) {
      Integer left = counts.computeIfPresent(chunk, (d, n) -> n == 1 ? null : n - 1);
      if (left == null) {
        delete(batch, chunk);
      }
    }
  }

  private void delete(WriteBatch batch, Digest chunk) throws RocksDBException {
    batch.delete(chunks, chunk.toBytes());
    batch.delete(index, marker(chunk));
  }

  @Override
  public void commit(Manifest manifest) throws StorageException {
    try (WriteBatch batch = new WriteBatch()) {
      batch.put(index, key(manifest.slot()), manifest.encode());
      Manifest replaced = manifests.put(manifest.slot(), manifest);
      if (replaced != null) {
        discount(batch, replaced.chunks());
      }
      // One synced write also makes all earlier unsynced ones durable: they are in the same log.
      database.write(synced, batch);
    } catch (RocksDBException e) {
      throw cannotWrite(e);
    }
  }

  @Override
  public void drop(long slot) throws StorageException {
    if (slot == kept) {
      return;
    }
    Manifest dropped = manifests.remove(slot);
    if (dropped == null) {
      return;
    }
    try (WriteBatch batch = new WriteBatch()) {
      batch.delete(index, key(slot));
      discount(batch, dropped.chunks());
      database.write(unsynced, batch);
    } catch (RocksDBException e) {
      throw cannotWrite(e);
    }
  }

  /** One that nothing drops. */
  void keep(long slot) {
    kept = slot;
  }

  /**
   * Adds to the batch that all checkpoints but one go. Their chunks go when the folder is opened
   * the next time.
   */
  void deleteOthers(WriteBatch batch, long slot) throws RocksDBException {
    for (long other : manifests.keySet()) {
      if (other != slot) {
        batch.delete(index, key(other));
      }
    }
  }

  @Override
  public byte @Nullable [] chunk(Digest digest) throws StorageException {
    if (!counts.containsKey(digest)) {
      return null;
    }
    byte[] bytes;
    try {
      bytes = database.get(chunks, digest.toBytes());
    } catch (RocksDBException e) {
      throw new StorageException("a checkpoint cannot be read: " + e.getMessage(), e);
    }
    if (bytes == null || !Digest.of(bytes).equals(digest)) {
      throw new StorageException("a checkpoint is damaged: chunk " + digest.toHex());
    }
    return bytes;
  }

  private static byte[] key(long slot) {
    return new Writer(9).u8(MANIFEST).u64(slot).toBytes();
  }

  private static byte[] marker(Digest chunk) {
    return new Writer(33).u8(MARKER).digest(chunk).toBytes();
  }

  private static StorageException cannotWrite(RocksDBException e) {
    return new StorageException("a checkpoint cannot be written: " + e.getMessage(), e);
  }
}
