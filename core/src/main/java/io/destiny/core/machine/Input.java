package io.destiny.core.machine;

import io.destiny.core.crypto.Result;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Request;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the world tells a replica. */
public sealed interface Input {
  /**
   * Always the first.
   *
   * @param records the durable log, ordered by (instance, slot, kind, view)
   * @param counters the trusted counters' values
   * @param checkpoint the newest durable checkpoint, already loaded into the application; null if
   *     there is none
   * @param earlier the other durable checkpoints, oldest first: peers may still need them
   */
  record Started(
      List<LogRecord> records,
      CounterValues counters,
      @Nullable SavedCheckpoint checkpoint,
      List<SavedCheckpoint> earlier)
      implements Input {}

  /**
   * A message from a replica: decoded, its size checked, its sender authenticated by the channel.
   */
  record Received(int from, Message message) implements Input {}

  /** A client's request whose signature the driver has verified. */
  record Submitted(Request request) implements Input {}

  record Fired(TimerKey timer) implements Input {}

  /** The answer to a {@link Effect.Compute} or {@link Effect.Trusted}. */
  record Computed(long job, Result result) implements Input {}

  /**
   * The answer to {@link Effect.Execute}, in order of position.
   *
   * @param results one for each command
   */
  record Executed(long position, List<byte[]> results) implements Input {}

  /** News of a snapshot. */
  record Snapshot(SnapshotEvent event) implements Input {}

  /** Values of the trusted counters at the start. */
  @FunctionalInterface
  interface CounterValues {
    /**
     * All counters at zero, or a subsystem that does not answer: -1. In the BFT model, which has
     * none: 0, or -1 where the log is lost, so that this replica must not vote.
     */
    long read(int instance, int counter);
  }

  /**
   * A checkpoint as it was given to {@link Effect.TakeSnapshot} or installed.
   *
   * @param slot the O-slot
   * @param application the digests of the application's chunks
   * @param parts the protocol's own parts, each a list of chunks
   */
  record SavedCheckpoint(long slot, List<Digest> application, List<List<byte[]>> parts) {}

  /** What can happen to a snapshot. */
  sealed interface SnapshotEvent {
    /**
     * The application's part was cut, and answers {@link Effect.TakeSnapshot}.
     *
     * @param application the digests of its chunks
     */
    record Taken(long slot, List<Digest> application) implements SnapshotEvent {}

    /** All of the snapshot is durable. */
    record Durable(long slot) implements SnapshotEvent {}

    /** Answers {@link Effect.ReadChunks}; empty if the snapshot is gone. */
    record ChunksRead(long job, List<byte[]> chunks) implements SnapshotEvent {}

    /** Answers {@link Effect.FinishInstall}: it is durable and in force. */
    record Installed(long slot) implements SnapshotEvent {}

    /** Answers {@link Effect.FinishInstall}: the application refused it; nothing changed. */
    record InstallFailed(long slot) implements SnapshotEvent {}
  }
}
