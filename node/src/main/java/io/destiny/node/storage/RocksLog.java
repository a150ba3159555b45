package io.destiny.node.storage;

import io.destiny.core.machine.LogRecord;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** The log: key instance u16, slot u64, kind u8, view u32, so that its order is the contract's. */
final class RocksLog implements LogStore {
  private static final int KEY_BYTES = 2 + 8 + 1 + 4;

  private final RocksDB database;
  private final ColumnFamilyHandle column;
  private final WriteOptions synced;

  RocksLog(RocksDB database, ColumnFamilyHandle column, WriteOptions synced) {
    this.database = database;
    this.column = column;
    this.synced = synced;
  }

  @Override
  public List<LogRecord> load() throws StorageException {
    List<LogRecord> records = new ArrayList<>();
    try (RocksIterator i = database.newIterator(column)) {
      for (i.seekToFirst(); i.isValid(); i.next()) {
        Reader key = new Reader(i.key());
        records.add(new LogRecord(key.u16(), key.u64(), key.u8(), key.u32(), i.value()));
      }
      i.status();
    } catch (RocksDBException | MalformedException e) {
      throw new StorageException("the protocol log cannot be read: " + e.getMessage(), e);
    }
    return records;
  }

  @Override
  public void write(List<LogChange> changes) throws StorageException {
    try (WriteBatch batch = new WriteBatch()) {
      for (LogChange change : changes) {
        add(batch, change);
      }
      database.write(synced, batch);
    } catch (RocksDBException e) {
      throw new StorageException("the protocol log cannot be written: " + e.getMessage(), e);
    }
  }

  private void add(WriteBatch batch, LogChange change) throws RocksDBException {
    switch (change) {
      case LogChange.Put put -> {
        for (LogRecord r : put.records()) {
          add(batch, r);
        }
      }
      case LogChange.Forget forget -> {
        if (forget.upTo() >= 1) {
          byte[] first = key(forget.instance(), 1).toBytes();
          batch.deleteRange(column, first, key(forget.instance(), forget.upTo() + 1).toBytes());
        }
      }
    }
  }

  /** Adds to the batch that a record is there. */
  void add(WriteBatch batch, LogRecord r) throws RocksDBException {
    byte[] key = key(r.instance(), r.slot()).u8(r.kind()).u32(r.view()).toBytes();
    batch.put(column, key, r.body());
  }

  /** Adds to the batch that all records go. */
  void deleteAll(WriteBatch batch) throws RocksDBException {
    byte[] beyond = new byte[KEY_BYTES + 1];
    Arrays.fill(beyond, (byte) 0xFF);
    batch.deleteRange(column, new byte[0], beyond);
  }

  private static Writer key(int instance, long slot) {
    return new Writer(KEY_BYTES).u16(instance).u64(slot);
  }
}
