package io.destiny.core.composition;

import io.destiny.core.model.Reconfiguration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a composer executes in order, as {@link Recovery} cuts and replaces it. */
public interface Order {
  /** The next slot of the ordering instance to be finished, in all pillars where there are such. */
  long next();

  /** g, the global position. */
  long position();

  /** Whether a checkpoint is to be taken now, with all results known. */
  boolean checkpointReady();

  /** The checkpoint at the slot before {@link #next} was taken. */
  void checkpointTaken();

  /** The protocol's own parts of a checkpoint. */
  List<List<byte[]>> parts();

  /** exec[·], one a replica; all 0 where there are no D-instances. */
  long[] executedSlots();

  /** Takes over the state of a checkpoint. */
  void adopt(CheckpointParts parts);

  Genesis genesis();

  /** What follows this epoch, once all that belongs to it is executed; null before. */
  @Nullable Reconfiguration ended();
}
