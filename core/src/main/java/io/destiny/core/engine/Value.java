package io.destiny.core.engine;

import io.destiny.core.model.Digest;
import io.destiny.core.statement.Writer;

/** What an instance agrees on. Opaque to engines. */
public interface Value {
  /** Names the value: two values with one digest are the same. */
  Digest digest();

  int encodedLength();

  /** Appends exactly {@link #encodedLength} bytes. */
  void encode(Writer w);
}
