package io.destiny.core.app;

/**
 * Takes the chunks of a snapshot, verified against a certified root and in order of their index.
 */
public interface SnapshotSink {
  /**
   * Takes the next chunk.
   *
   * @throws IllegalArgumentException if the bytes are no chunk of this application
   */
  void accept(byte[] chunk);

  /** All chunks are there: the new state takes effect. */
  void finish();
}
