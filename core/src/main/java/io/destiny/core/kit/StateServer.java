package io.destiny.core.kit;

import io.destiny.core.app.SnapshotSource;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Settings;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Hands out snapshots to replicas that lag (00-system-model §7): the other side of {@link
 * StateTransfer}.
 */
public final class StateServer {
  private static final int BYTES_A_MESSAGE = SnapshotSource.MAX_CHUNK;

  private record Serving(int to, KitMessage.GetChunks request) {}

  private final Settings settings;
  private final Checkpoints checkpoints;
  private final Map<Long, Serving> serving = new LinkedHashMap<>();
  private final boolean[] busy;

  /** When each peer last got a manifest: a small request with a large answer. */
  private final long[] manifestSent;

  public StateServer(Settings settings, Checkpoints checkpoints) {
    this.settings = settings;
    this.checkpoints = checkpoints;
    this.busy = new boolean[settings.n()];
    this.manifestSent = new long[settings.n()];
    Arrays.fill(manifestSent, Long.MIN_VALUE / 2);
  }

  /** GET_STATE from a peer. */
  public void onGetState(int from, KitMessage.GetState m, Turn turn) {
    if (turn.now() - manifestSent[from] < settings.tuning().fetchDelay()) {
      turn.drop(DropReason.FULL, from, m.kind());
      return;
    }
    manifestSent[from] = turn.now();
    Checkpoints.Own own = checkpoints.own(m.slot());
    KitMessage.CheckpointProof newest = checkpoints.proof();
    if (own != null) {
      turn.emit(new Effect.Send(from, new KitMessage.Manifest(m.slot(), own.parts())));
    } else if (newest != null && newest.slot() > m.slot()) {
      turn.emit(new Effect.Send(from, newest));
    }
  }

  /** Asks for chunks: one request of a peer at a time. */
  public void onGetChunks(int from, KitMessage.GetChunks m, long job, Turn turn) {
    Checkpoints.Own own = checkpoints.own(m.slot());
    if (busy[from] || own == null) {
      turn.drop(busy[from] ? DropReason.FULL : DropReason.OLD, from, m.kind());
      KitMessage.CheckpointProof newest = checkpoints.proof();
      if (own == null && newest != null && newest.slot() > m.slot()) {
        turn.emit(new Effect.Send(from, newest));
      }
      return;
    }
    if (m.part() >= own.parts().size() || m.first() >= own.parts().get(m.part()).size()) {
      turn.drop(DropReason.INVALID, from, m.kind());
      return;
    }
    busy[from] = true;
    serving.put(job, new Serving(from, m));
    turn.emit(new Effect.ReadChunks(job, m.slot(), m.part(), m.first(), BYTES_A_MESSAGE));
  }

  /** The chunks that a peer asked for were read. */
  public void onChunksRead(Input.SnapshotEvent.ChunksRead read, Turn turn) {
    Serving s = serving.remove(read.job());
    if (s == null) {
      return;
    }
    busy[s.to] = false;
    if (!read.chunks().isEmpty()) {
      KitMessage.GetChunks r = s.request;
      List<byte[]> wanted = read.chunks().subList(0, Math.min(read.chunks().size(), r.count()));
      turn.emit(
          new Effect.Send(s.to, new KitMessage.Chunks(r.slot(), r.part(), r.first(), wanted)));
    }
  }
}
