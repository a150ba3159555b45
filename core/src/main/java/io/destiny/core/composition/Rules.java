package io.destiny.core.composition;

import io.destiny.core.engine.Admission;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Proposal;
import io.destiny.core.engine.Validity;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.Watermark;
import io.destiny.core.kit.KitMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

  /** {@link Port#learn}: the certificate of a checkpoint, verified, came with a view change. */
  void learn(KitMessage.CheckpointProof proof);

  /** The certificate that proves a watermark; null for that of an epoch's beginning. */
  KitMessage.@Nullable CheckpointProof certificate(int instance, Watermark watermark);
}
