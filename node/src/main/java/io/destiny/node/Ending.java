package io.destiny.node;

import io.destiny.core.machine.LogRecord;
import io.destiny.core.model.Reconfiguration;
import java.util.List;

/** Why a node ended, if it did not fail. What it recorded is durable, and its store is closed. */
public sealed interface Ending {
  /** {@link Node#close} was called. */
  record Closed() implements Ending {}

  /**
   * Its epoch is over. The data folder goes over with {@code RocksStore.beginEpoch} at {@code slot}
   * with the records that the next log begins with; until then it is as it was, and a node that is
   * started on it ends in the same way again.
   */
  record EpochOver(long slot, Reconfiguration next, List<LogRecord> carried) implements Ending {}

  /** It entered its epoch without state and has one now: a node is started on the same folder. */
  record BeginAgain() implements Ending {}

  /**
   * Another replica is in a later epoch and showed this manifest of it, which the {@link
   * Successors} took for genuine. The data folder goes over without state.
   */
  record LeftBehind(byte[] manifest) implements Ending {}
}
