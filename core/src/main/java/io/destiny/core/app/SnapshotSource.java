package io.destiny.core.app;

import io.destiny.core.model.Digest;
import java.util.List;

/**
 * An immutable view of a state as chunks of at most {@link #MAX_CHUNK} bytes. The Merkle root over
 * the chunk digests is the state digest, so equal states must be cut into equal chunks at every
 * replica. Safe for use by any thread.
 */
public interface SnapshotSource {
  /** Longest chunk in bytes. */
  int MAX_CHUNK = 1 << 20;

  /** H(chunk) for each chunk, at most 65,536. */
  List<Digest> digests();

  /** The bytes of chunk {@code index}. */
  byte[] chunk(int index);
}
