package io.destiny.node.storage;

import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Settings;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Writer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksObject;
import org.rocksdb.Status;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** A data folder in RocksDB. */
public final class RocksStore implements Store {
  private static final byte[] OWNER = "owner".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] IDENTITY = "identity".getBytes(StandardCharsets.US_ASCII);

  /** Where the checkpoint is that the epoch began with: kept until the epoch is over. */
  private static final byte[] BOUNDARY = "boundary".getBytes(StandardCharsets.US_ASCII);

  private static final long MEBIBYTE = 1 << 20;

  private final List<RocksObject> options = new ArrayList<>();
  private final List<ColumnFamilyHandle> columns = new ArrayList<>();
  private final RocksDB database;
  private final WriteOptions synced;
  private final RocksLog log;
  private final RocksCheckpoints checkpoints;

  private RocksStore(Path folder, @Nullable Owner owner) throws StorageException {
    RocksDB opened = null;
    try {
      opened = RocksDB.open(databaseOptions(), folder.toString(), families(), columns);
      database = opened;
      synced = keep(new WriteOptions().setSync(true));
      if (owner != null) {
        checkOwner(folder, owner);
      }
      log = new RocksLog(opened, columns.get(2), synced);
      WriteOptions unsynced = keep(new WriteOptions());
      checkpoints = new RocksCheckpoints(opened, columns.get(3), columns.get(4), synced, unsynced);
      byte[] boundary = opened.get(columns.get(1), BOUNDARY);
      if (boundary != null) {
        checkpoints.keep(ByteBuffer.wrap(boundary).getLong());
      }
    } catch (RocksDBException e) {
      release(opened);
      throw cannotOpen(folder, e);
    } catch (StorageException e) {
      release(opened);
      throw e;
    }
  }

  /**
   * Opens the folder, making it if need be.
   *
   * @throws StorageException if it is in use, damaged, or belongs to another replica, cluster or
   *     epoch
   */
  public static RocksStore open(Path folder, Settings settings) throws StorageException {
    RocksDB.loadLibrary();
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new StorageException("the data folder " + folder + " cannot be made: " + e, e);
    }
    return new RocksStore(folder, Owner.of(settings));
  }

  /**
   * The epoch that the folder is in, -1 for a folder without data.
   *
   * @throws StorageException if it is in use or damaged
   */
  public static long epoch(Path folder) throws StorageException {
    if (!Files.exists(folder.resolve("CURRENT"))) {
      return -1;
    }
    RocksDB.loadLibrary();
    try (RocksStore store = new RocksStore(folder, null)) {
      Owner owner = store.owner(folder);
      return owner == null ? -1 : owner.epoch();
    }
  }

  /**
   * Goes over to another epoch: of all there is, the snapshot that ended the present one alone goes
   * with it. Durable when it returns; a crash on the way leaves either epoch whole.
   *
   * @param slot where that snapshot is, or -1: the folder goes over without state
   * @param carried the records that the next epoch's log begins with
   * @throws StorageException if there is no such snapshot, the folder is in use or damaged, or
   *     belongs to another replica or cluster
   */
  public static void beginEpoch(
      Path folder, Settings present, Settings next, long slot, List<LogRecord> carried)
      throws StorageException {
    try (RocksStore store = open(folder, present)) {
      store.goOver(folder, Owner.of(next), slot, carried);
    }
  }

  private void goOver(Path folder, Owner next, long slot, List<LogRecord> carried)
      throws StorageException {
    if (slot >= 0 && checkpoints.manifest(slot) == null) {
      throw new StorageException(
          "the data folder %s has no checkpoint at slot %d, which ended its epoch"
              .formatted(folder, slot));
    }
    try (WriteBatch batch = new WriteBatch()) {
      log.deleteAll(batch);
      checkpoints.deleteOthers(batch, slot);
      for (LogRecord record : carried) {
        log.add(batch, record);
      }
      batch.put(columns.get(1), BOUNDARY, new Writer(8).u64(slot).toBytes());
      batch.put(columns.get(1), OWNER, next.encode());
      database.write(synced, batch);
    } catch (RocksDBException e) {
      throw new StorageException(
          "the data folder " + folder + " cannot go over to another epoch: " + e.getMessage(), e);
    }
  }

  private @Nullable Owner owner(Path folder) throws StorageException {
    try {
      byte[] found = database.get(columns.get(1), OWNER);
      return found == null ? null : Owner.decode(found);
    } catch (RocksDBException | MalformedException e) {
      throw new StorageException("the data folder " + folder + ": " + e.getMessage(), e);
    }
  }

  private static StorageException cannotOpen(Path folder, RocksDBException e) {
    Status status = e.getStatus();
    boolean damaged = status != null && status.getCode() == Status.Code.Corruption;
    return new StorageException(
        "the data folder %s cannot be opened: %s%s"
            .formatted(
                folder,
                e.getMessage(),
                damaged
                    ? "; if it is damaged for good, move it away and start again: the replica fetches"
                        + " the state from the others"
                    : ""),
        e);
  }

  /** What the log has of its own. */
  public LogIdentity identity() {
    return new LogIdentity() {
      @Override
      public byte @Nullable [] read() throws StorageException {
        try {
          return database.get(columns.get(1), IDENTITY);
        } catch (RocksDBException e) {
          throw new StorageException("the log's identity cannot be read: " + e.getMessage(), e);
        }
      }

      @Override
      public void write(byte[] bytes) throws StorageException {
        try {
          database.put(columns.get(1), synced, IDENTITY, bytes);
        } catch (RocksDBException e) {
          throw new StorageException("the log's identity cannot be written: " + e.getMessage(), e);
        }
      }
    };
  }

  private <T extends RocksObject> T keep(T object) {
    options.add(object);
    return object;
  }

  private DBOptions databaseOptions() {
    return keep(new DBOptions())
        .setCreateIfMissing(true)
        .setCreateMissingColumnFamilies(true)
        // A torn tail is what a crash leaves; damage before it must be seen, not skipped: what is
        // lost there was promised to others.
        .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
        .setParanoidChecks(true)
        .setMaxTotalWalSize(64 * MEBIBYTE)
        .setMaxBackgroundJobs(2)
        .setMaxOpenFiles(128)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setMaxLogFileSize(MEBIBYTE)
        .setKeepLogFileNum(2)
        .setStatsDumpPeriodSec(0);
  }

  private List<ColumnFamilyDescriptor> families() {
    LRUCache cache = keep(new LRUCache(8 * MEBIBYTE));
    return List.of(
        new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, family(cache, MEBIBYTE)),
        new ColumnFamilyDescriptor(name("meta"), family(cache, MEBIBYTE)),
        new ColumnFamilyDescriptor(name("log"), family(cache, 16 * MEBIBYTE)),
        new ColumnFamilyDescriptor(name("checkpoints"), family(cache, MEBIBYTE)),
        // Chunks are large and never change: kept out of the tables, they are not copied by every
        // compaction.
        new ColumnFamilyDescriptor(
            name("chunks"),
            family(cache, 8 * MEBIBYTE)
                .setEnableBlobFiles(true)
                .setMinBlobSize(4096)
                .setEnableBlobGarbageCollection(true)));
  }

  private ColumnFamilyOptions family(LRUCache cache, long writeBuffer) {
    return keep(new ColumnFamilyOptions())
        .setWriteBufferSize(writeBuffer)
        .setMaxWriteBufferNumber(2)
        .setTableFormatConfig(new BlockBasedTableConfig().setBlockCache(cache));
  }

  private static byte[] name(String column) {
    return column.getBytes(StandardCharsets.US_ASCII);
  }

  private void checkOwner(Path folder, Owner owner) throws RocksDBException, StorageException {
    Owner other = owner(folder);
    if (other == null) {
      database.put(columns.get(1), synced, OWNER, owner.encode());
    } else if (!other.equals(owner)) {
      throw new StorageException(
          "the data folder %s belongs to %s, not to %s".formatted(folder, other, owner));
    }
  }

  @Override
  public LogStore log() {
    return log;
  }

  @Override
  public CheckpointStore checkpoints() {
    return checkpoints;
  }

  @Override
  public void close() {
    release(database);
  }

  private void release(@Nullable RocksDB opened) {
    columns.forEach(ColumnFamilyHandle::close);
    columns.clear();
    if (opened != null) {
      opened.close();
    }
    options.reversed().forEach(RocksObject::close);
    options.clear();
  }
}
