package io.destiny.node.storage;

import io.destiny.core.model.Digest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Durable checkpoints, their chunks found by digest, so that what two checkpoints share is stored
 * once. Chunks are counted: one that no manifest and no {@link #retain} or {@link #put} holds any
 * more is deleted. Used by one thread at a time.
 */
public interface CheckpointStore {
  /** The slots of all checkpoints, ascending. */
  List<Long> slots();

  /** The checkpoint at {@code slot}, or null. */
  @Nullable Manifest manifest(long slot);

  /** If the chunk is stored, counts it once more and returns true. */
  boolean retain(Digest chunk) throws StorageException;

  /** Stores a chunk, counted once more; durable only with the next {@link #commit}. */
  void put(Digest digest, byte[] chunk) throws StorageException;

  /** Takes back one count of each chunk. */
  void release(List<Digest> chunks) throws StorageException;

  /**
   * Makes the checkpoint and all its chunks durable. The counts that {@link #retain} and {@link
   * #put} made for it become its own, one for each place where a chunk stands in it.
   */
  void commit(Manifest manifest) throws StorageException;

  /** Deletes one checkpoint; nothing if there is none. */
  void drop(long slot) throws StorageException;

  /**
   * The chunk's bytes, or null if it is not stored.
   *
   * @throws StorageException also if the bytes are not those that were stored
   */
  byte @Nullable [] chunk(Digest digest) throws StorageException;
}
