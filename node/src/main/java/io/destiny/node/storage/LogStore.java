package io.destiny.node.storage;

import io.destiny.core.machine.LogRecord;
import java.util.List;

/** The durable protocol log. Used by one thread at a time. */
public interface LogStore {
  /** All records, ordered by (instance, slot, kind, view). */
  List<LogRecord> load() throws StorageException;

  /**
   * Carries out the changes in order, all of them or none; durable when it returns.
   *
   * @throws StorageException if that is not certain: the log must not be used any more
   */
  void write(List<LogChange> changes) throws StorageException;
}
