package io.destiny.core.composition;

import io.destiny.core.engine.Admission;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Proposal;
import io.destiny.core.engine.Validity;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.Watermark;
import java.util.List;

/** What a composer decides for its instances: the part of {@link Port} that is not the world. */
public interface Rules {
  /** {@link Port#validate}. */
  Validity validate(Value value);

  /** {@link Port#admit}. */
  Admission admit(int instance, Proposal proposal);

  /** {@link Port#viewNote}. */
  byte[] viewNote(int instance, byte[] before, long max);

  /** {@link Port#mergeNotes}. */
  byte[] mergeNotes(int instance, List<byte[]> stated, int rank);

  /** {@link Port#watermark}. */
  Watermark watermark(int instance);

  /** {@link Port#check}. */
  Validity check(int instance, Watermark watermark);

  /** {@link Port#learn}. */
  void learn(int instance, Watermark watermark);
}
