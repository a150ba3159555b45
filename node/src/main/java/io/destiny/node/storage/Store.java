package io.destiny.node.storage;

/** A replica's data folder while it is open. */
public interface Store extends AutoCloseable {
  LogStore log();

  CheckpointStore checkpoints();

  /** Nothing may use the stores any more when this is called. */
  @Override
  void close();
}
