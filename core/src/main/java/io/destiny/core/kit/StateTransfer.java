package io.destiny.core.kit;

import io.destiny.core.app.SnapshotSource;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * State transfer (00-system-model §7): a replica behind a stable checkpoint gets its snapshot from
 * one peer, each chunk verified against the certified root before it is used; a peer that is slow
 * or wrong is left for another one. The other side, which serves, is here too.
 */
public final class StateTransfer {
  private static final int BYTES_A_MESSAGE = SnapshotSource.MAX_CHUNK;
  private static final TimerKey TIMER = new TimerKey(Instances.ORDER, TimerKind.STATE_TRANSFER, 0);

  private record Serving(int to, KitMessage.GetChunks request) {}

  private final Settings settings;
  private final Checkpoints checkpoints;
  private final Map<Long, Serving> serving = new LinkedHashMap<>();
  private final boolean[] busy;

  /** When each peer last got a manifest: a small request with a large answer. */
  private final long[] manifestSent;

  private KitMessage.@Nullable CheckpointProof target;
  private @Nullable List<List<Digest>> manifest;
  private final List<List<byte[]>> parts = new ArrayList<>();
  private int source = -1;
  private int part;
  private int next;
  private boolean installing;

  public StateTransfer(Settings settings, Checkpoints checkpoints) {
    this.settings = settings;
    this.checkpoints = checkpoints;
    this.busy = new boolean[settings.n()];
    this.manifestSent = new long[settings.n()];
    Arrays.fill(manifestSent, Long.MIN_VALUE / 2);
  }

  /** Whether a transfer is under way. */
  public boolean active() {
    return target != null;
  }

  /** Begins to fetch the snapshot that {@code proof} certifies. */
  public void begin(KitMessage.CheckpointProof proof, Turn turn) {
    target = proof;
    restart(turn);
  }

  private void restart(Turn turn) {
    KitMessage.CheckpointProof t = target;
    if (t == null) {
      return;
    }
    KitMessage.CheckpointProof newest = checkpoints.proof();
    if (newest != null && newest.slot() > t.slot()) {
      t = newest;
      target = newest;
    }
    manifest = null;
    parts.clear();
    part = 0;
    next = 0;
    installing = false;
    source = pick(turn);
    turn.emit(new Effect.Send(source, new KitMessage.GetState(t.slot())));
    startTimer(turn);
  }

  /** Any replica but this one and the one that did not deliver. */
  private int pick(Turn turn) {
    int n = settings.n();
    int candidate = turn.random().nextInt(n);
    while (candidate == settings.self() || (candidate == source && n > 2)) {
      candidate = (candidate + 1) % n;
    }
    return candidate;
  }

  private void startTimer(Turn turn) {
    turn.emit(new Effect.StartTimer(TIMER, 4 * settings.tuning().fetchDelay()));
  }

  /** No progress: the next peer. */
  public void onTimer(Turn turn) {
    if (active() && !installing) {
      restart(turn);
    }
  }

  /** GET_STATE from a peer. */
  public void onGetState(int from, KitMessage.GetState m, Turn turn) {
    if (turn.now() - manifestSent[from] < settings.tuning().fetchDelay()) {
      drop(DropReason.FULL, from, m.kind(), turn);
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
      drop(busy[from] ? DropReason.FULL : DropReason.OLD, from, m.kind(), turn);
      return;
    }
    if (m.part() >= own.parts().size() || m.first() >= own.parts().get(m.part()).size()) {
      drop(DropReason.INVALID, from, m.kind(), turn);
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
      turn.emit(
          new Effect.Send(
              s.to, new KitMessage.Chunks(r.slot(), r.part(), r.first(), read.chunks())));
    }
  }

  /** The manifest: only one whose roots give the certified digest is used. */
  public void onManifest(int from, KitMessage.Manifest m, Turn turn) {
    KitMessage.CheckpointProof t = target;
    if (t == null || from != source || m.slot() != t.slot() || manifest != null) {
      drop(DropReason.UNEXPECTED, from, m.kind(), turn);
    } else if (!Checkpoints.state(settings, m.slot(), m.parts()).equals(t.state())) {
      drop(DropReason.INVALID, from, m.kind(), turn);
      restart(turn);
    } else {
      manifest = m.parts();
      turn.emit(new Effect.BeginInstall(t.slot()));
      for (int p = 0; p < m.parts().size(); p++) {
        parts.add(new ArrayList<>());
      }
      request(turn);
    }
  }

  /** Chunks of the part and index asked for; each must have the digest that the manifest names. */
  public void onChunks(int from, KitMessage.Chunks m, Turn turn) {
    KitMessage.CheckpointProof t = target;
    List<List<Digest>> digests = manifest;
    if (t == null
        || digests == null
        || installing
        || from != source
        || m.slot() != t.slot()
        || m.part() != part
        || m.first() != next) {
      drop(DropReason.UNEXPECTED, from, m.kind(), turn);
      return;
    }
    if (m.chunks().isEmpty()) {
      // No correct source sends none: who does would be asked for the same again, for ever.
      drop(DropReason.INVALID, from, m.kind(), turn);
      restart(turn);
      return;
    }
    for (byte[] chunk : m.chunks()) {
      if (next == digests.get(part).size()
          || !Digest.of(chunk).equals(digests.get(part).get(next))) {
        drop(DropReason.INVALID, from, m.kind(), turn);
        restart(turn);
        return;
      }
      turn.emit(new Effect.InstallChunk(t.slot(), part, chunk));
      if (part > 0) {
        parts.get(part).add(chunk);
      }
      next++;
    }
    request(turn);
  }

  private void request(Turn turn) {
    KitMessage.CheckpointProof t = target;
    List<List<Digest>> digests = manifest;
    if (t == null || digests == null) {
      return;
    }
    while (part < digests.size() && next == digests.get(part).size()) {
      part++;
      next = 0;
    }
    if (part < digests.size()) {
      turn.emit(new Effect.Send(source, new KitMessage.GetChunks(t.slot(), part, next)));
      startTimer(turn);
    } else {
      installing = true;
      turn.emit(new Effect.StopTimer(TIMER));
      turn.emit(new Effect.FinishInstall(t.slot()));
    }
  }

  /** What was transferred, once the application has it. */
  public record Transferred(
      KitMessage.CheckpointProof proof, List<List<Digest>> manifest, List<List<byte[]>> parts) {}

  /**
   * The installation ended well: hands over the protocol's parts (part 0, the application's, is
   * empty) and rests.
   */
  public @Nullable Transferred installed(long slot) {
    KitMessage.CheckpointProof t = target;
    List<List<Digest>> digests = manifest;
    if (t == null || digests == null || t.slot() != slot || !installing) {
      return null;
    }
    Transferred done = new Transferred(t, digests, List.copyOf(parts));
    target = null;
    installing = false;
    return done;
  }

  /** The application refused the state although its root is certified. */
  public void failed(Turn turn) {
    restart(turn);
  }

  private static void drop(DropReason reason, int from, String kind, Turn turn) {
    turn.emit(new Effect.Note(new Effect.Event.Dropped(reason, from, kind)));
  }
}
