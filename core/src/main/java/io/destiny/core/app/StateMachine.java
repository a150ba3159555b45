package io.destiny.core.app;

import io.destiny.core.model.Command;
import java.util.List;

/**
 * The application that is replicated: what an embedder implements. All methods are called by one
 * thread, in the same order at every replica; the same calls must lead to the same state and the
 * same results everywhere. So: no clock, no randomness, no iteration over hash order; the only time
 * is the one given.
 */
public interface StateMachine {
  /**
   * Applies the commands in order and returns one result for each.
   *
   * @param position the batch's place in the global order, from 1
   * @param timeMillis the agreed time, milliseconds since 1970, never falling (dqbft.md §2)
   * @param commands not empty; each was signed by its client and is applied at most once
   */
  List<byte[]> apply(long position, long timeMillis, List<Command> commands);

  /**
   * The state as it is now, cut in chunks. It does not change while later batches are applied, and
   * its cost should follow what changed since the last call, not the size of the state.
   */
  SnapshotSource snapshot();

  /**
   * Begins to replace the whole state by a snapshot's chunks; what it had stays in force until
   * {@code finish}.
   */
  SnapshotSink restore();
}
