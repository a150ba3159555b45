package io.destiny.core.engine;

import io.destiny.core.crypto.Work;
import io.destiny.core.machine.DropReason;

/** Whether a value is deterministically valid (00-system-model §5). */
public sealed interface Validity {
  record Valid() implements Validity {}

  record Invalid(DropReason reason) implements Validity {}

  /** Valid iff the verdict of this job is. */
  record Depends(Work work) implements Validity {}
}
