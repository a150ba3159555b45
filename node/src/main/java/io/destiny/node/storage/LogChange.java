package io.destiny.node.storage;

import io.destiny.core.machine.LogRecord;
import java.util.List;

/** A change of the protocol log. */
public sealed interface LogChange {
  /** Records to write, each replacing one with the same key. */
  record Put(List<LogRecord> records) implements LogChange {}

  /** Deletes the instance's records with 1 ≤ slot ≤ upTo. */
  record Forget(int instance, long upTo) implements LogChange {}
}
