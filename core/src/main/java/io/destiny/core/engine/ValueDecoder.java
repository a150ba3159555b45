package io.destiny.core.engine;

import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;

/**
 * Reads a value of an instance: batches in D-instances, lists of entries in the O-instance.
 * Thread-safe.
 */
@FunctionalInterface
public interface ValueDecoder {
  Value decode(int instance, Reader r) throws MalformedException;
}
