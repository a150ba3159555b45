package io.destiny.node.storage;

import org.jspecify.annotations.Nullable;

/**
 * A few bytes that a log has of its own, opaque here: they come and go with the data folder, and
 * stay when it goes over to another epoch.
 */
public interface LogIdentity {
  /** What was written last; null in a folder where nothing was. */
  byte @Nullable [] read() throws StorageException;

  /** Replaces it; durable when it returns. */
  void write(byte[] bytes) throws StorageException;
}
