package io.destiny.core.composition;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Result;
import io.destiny.core.kit.Checkpoints;
import io.destiny.core.kit.KitMessage;
import io.destiny.core.kit.StateServer;
import io.destiny.core.kit.StateTransfer;
import io.destiny.core.kit.Turn;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Invariant;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Reconfiguration;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.MerkleTree;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Checkpoints, garbage collection and state transfer of all instances at once (dqbft.md §8). */
public final class Recovery {
  /** What a composer does when its state moves without execution. */
  public interface Listener {
    /**
     * An instance's low watermark has moved.
     *
     * @param before where it was: what is kept for clients that ask again goes up to there
     */
    void truncated(int instance, long before);

    /** The state of a peer was taken over. */
    void transferred();
  }

  /** The log's record of the last stable checkpoint: slot 0, so that no truncation removes it. */
  private static final int STABLE = 100;

  private static final TimerKey BEHIND = new TimerKey(Instances.ORDER, TimerKind.STATE_TRANSFER, 1);

  /** What the log says of the last stable checkpoint. */
  public record Stable(KitMessage.CheckpointProof proof, long[] executed) {
    /** Reads the record; null if it is another one. */
    public static @Nullable Stable of(LogRecord record, int n) throws MalformedException {
      if (record.instance() != Instances.ORDER || record.slot() != 0 || record.kind() != STABLE) {
        return null;
      }
      Reader r = new Reader(record.body());
      KitMessage.CheckpointProof proof =
          new KitMessage.CheckpointProof(r.u64(), r.digest(), Certificate.decode(r));
      long[] executed = new long[n];
      for (int i = 0; i < n; i++) {
        executed[i] = r.u64();
      }
      return new Stable(proof, executed);
    }
  }

  private record Taken(List<List<Digest>> parts, long[] executed) {}

  private final Settings settings;
  private final Frame frame;
  private final Order order;
  private final Listener listener;
  private final Checkpoints checkpoints;
  private final StateTransfer transfer;
  private final StateServer server;
  private final Farewell farewell;
  private final Map<Long, Taken> taken = new TreeMap<>();

  /** Per D-instance, the ordering instance last. */
  private long[] stableBefore;

  private Digest state = MerkleTree.EMPTY;
  private boolean watching;

  /** This replica entered a later epoch without the state that it begins with. */
  private boolean joining;

  /** The driver was told that the epoch is over. */
  private boolean over;

  private long positionWhenBehind;

  public Recovery(Settings settings, Frame frame, Order order, Listener listener) {
    this.settings = settings;
    this.frame = frame;
    this.order = order;
    this.listener = listener;
    this.checkpoints = new Checkpoints(settings);
    this.transfer = new StateTransfer(settings, checkpoints);
    this.server = new StateServer(settings, checkpoints);
    this.farewell = new Farewell(settings, frame);
    this.stableBefore = new long[settings.n() + 1];
  }

  public Checkpoints checkpoints() {
    return checkpoints;
  }

  public StateTransfer transfer() {
    return transfer;
  }

  /** The digest of the last checkpoint taken or installed. */
  public Digest state() {
    return state;
  }

  /** Whether this replica only catches up, and then begins again. */
  public boolean joining() {
    return joining;
  }

  /** Whether a message is part of a state transfer to this replica. */
  public static boolean brings(Message message) {
    return message instanceof KitMessage.CheckpointProof
        || message instanceof KitMessage.Manifest
        || message instanceof KitMessage.Chunks;
  }

  // ---- start

  /**
   * Restores the order from a durable checkpoint and returns the low watermarks that the log
   * proves: exec[·] of the last stable checkpoint, and its O-slot last.
   */
  public long[] start(Input.Started started) {
    Input.SavedCheckpoint saved = started.checkpoint();
    Stable stable = stable(started.records());
    farewell.start(started.records());
    if (stable != null) {
      checkpoints.restoredProof(stable.proof);
    }
    for (Input.SavedCheckpoint earlier : started.earlier()) {
      // The stable one may be among them, and others may have nobody else to get it from.
      restored(earlier, CheckpointParts.of(earlier.parts()), stable);
    }
    joining = saved == null && settings.domain().epoch() > 0;
    if (saved != null) {
      CheckpointParts parts = CheckpointParts.of(saved.parts());
      order.adopt(parts);
      state = restored(saved, parts, stable);
      checkpoints.voteAgain(frame.turn(Frame.CHECKPOINTS));
    }
    Genesis genesis = order.genesis();
    long[] executed = stable == null ? genesis.executed() : stable.executed;
    long[] low = Arrays.copyOf(executed, settings.n() + 1);
    low[settings.n()] = stable == null ? genesis.slot() : stable.proof.slot();
    stableBefore = low.clone();
    Invariant.check(low[settings.n()] < order.next(), "a stable checkpoint's snapshot is durable");
    return low;
  }

  private Digest restored(
      Input.SavedCheckpoint saved, CheckpointParts parts, @Nullable Stable stable) {
    List<List<Digest>> digests = digests(saved.application(), saved.parts());
    if (parts.epoch() < settings.domain().epoch()) {
      // Nobody of this epoch can prove it, nor needs it: this epoch's first one says the same.
      farewell.keep(saved, digests, parts);
      return state;
    }
    checkpoints.restored(
        saved.slot(), digests, parts.executed(), stable == null ? null : stable.proof);
    return Checkpoints.state(settings, saved.slot(), digests);
  }

  /** Chunk digests of all parts, the application's first. */
  public static List<List<Digest>> digests(List<Digest> application, List<List<byte[]>> parts) {
    List<List<Digest>> all = new ArrayList<>();
    all.add(application);
    for (List<byte[]> part : parts) {
      all.add(part.stream().map(chunk -> Digest.of(chunk)).toList());
    }
    return all;
  }

  private @Nullable Stable stable(List<LogRecord> records) {
    for (LogRecord record : records) {
      try {
        Stable stable = Stable.of(record, settings.n());
        if (stable != null) {
          return stable;
        }
      } catch (MalformedException e) {
        throw new IllegalStateException("the record of the stable checkpoint is damaged", e);
      }
    }
    return null;
  }

  private void logStable(KitMessage.CheckpointProof proof, long[] executed) {
    Writer w = new Writer(128 + 8 * executed.length).u64(proof.slot()).digest(proof.state());
    proof.certificate().encode(w);
    for (long e : executed) {
      w.u64(e);
    }
    LogRecord record = new LogRecord(Instances.ORDER, 0, STABLE, 0, w.toBytes());
    frame.emit(new Effect.Persist(List.of(record), false));
  }

  // ---- checkpoints

  /** Cuts a checkpoint if one is due and all results are known. */
  public void look() {
    if (!order.checkpointReady()) {
      return;
    }
    long slot = order.next() - 1;
    List<List<byte[]>> parts = order.parts();
    taken.put(slot, new Taken(digests(List.of(), parts), order.executedSlots()));
    order.checkpointTaken();
    frame.emit(new Effect.TakeSnapshot(slot, parts));
  }

  public void onSnapshot(Input.SnapshotEvent event) {
    switch (event) {
      case Input.SnapshotEvent.Taken t -> {
        Taken known = taken.remove(t.slot());
        if (known != null) {
          List<List<Digest>> digests = new ArrayList<>(known.parts);
          digests.set(0, t.application());
          state = checkpoints.taken(t.slot(), digests, known.executed);
        }
      }
      case Input.SnapshotEvent.Durable d ->
          stabilized(checkpoints.durable(d.slot(), frame.turn(Frame.CHECKPOINTS)));
      case Input.SnapshotEvent.ChunksRead r -> {
        server.onChunksRead(r, frame.turn(Frame.TRANSFER));
        farewell.onChunksRead(r);
      }
      case Input.SnapshotEvent.Installed i -> installed(i.slot());
      case Input.SnapshotEvent.InstallFailed f -> transfer.failed(frame.turn(Frame.TRANSFER));
    }
  }

  /** A checkpoint is stable: one certificate serves all instances. */
  private void stabilized(Checkpoints.@Nullable Own own) {
    KitMessage.CheckpointProof proof = checkpoints.proof();
    if (own == null || proof == null) {
      watch();
      return;
    }
    logStable(proof, own.executed());
    truncate(own.slot(), own.executed());
  }

  private void truncate(long slot, long[] executed) {
    for (int p = 0; p < frame.pillars(); p++) {
      int instance = Instances.pillar(p);
      frame.engine(instance).truncate(slot, frame.port(instance));
      listener.truncated(instance, stableBefore[settings.n()]);
    }
    for (int n = 0; n < frame.instances(); n++) {
      frame.dissemination(n).truncate(executed[n], frame.port(n));
      listener.truncated(n, stableBefore[n]);
    }
    stableBefore = Arrays.copyOf(executed, settings.n() + 1);
    stableBefore[settings.n()] = slot;
    frame.note(new Effect.Event.Gauge("checkpoint_stable", slot));
  }

  // ---- messages and jobs

  /** A message of checkpoints, of state transfer, or of the epoch before. */
  public void onMessage(int from, KitMessage message) {
    Turn turn = frame.turn(Frame.TRANSFER);
    switch (message) {
      case KitMessage.Former m -> farewell.on(from, m.message());
      case KitMessage.CheckpointSig m -> {
        if (m.slot() > frame.ordering().stable() + settings.tuning().orderWindow()) {
          frame.note(new Effect.Event.Dropped(DropReason.BEYOND_WINDOW, from, m.kind()));
        } else {
          checkpoints.onSig(from, m, frame.turn(Frame.CHECKPOINTS));
        }
      }
      case KitMessage.CheckpointProof m ->
          checkpoints.onProof(from, m, frame.turn(Frame.CHECKPOINTS));
      case KitMessage.GetState m -> server.onGetState(from, m, turn);
      case KitMessage.Manifest m -> transfer.onManifest(from, m, turn);
      case KitMessage.GetChunks m ->
          server.onGetChunks(from, m, frame.nextJob(Frame.TRANSFER), turn);
      case KitMessage.Chunks m -> transfer.onChunks(from, m, turn);
      default -> frame.note(new Effect.Event.Dropped(DropReason.UNEXPECTED, from, message.kind()));
    }
  }

  /** The answer to a job of {@link Frame#CHECKPOINTS}. */
  public void onComputed(long job, Result result) {
    stabilized(checkpoints.onComputed(job, result, frame.turn(Frame.CHECKPOINTS)));
  }

  /** A verified checkpoint certificate came with a view change; null: none was needed. */
  public void learn(KitMessage.@Nullable CheckpointProof proof) {
    if (proof != null) {
      stabilized(checkpoints.learned(proof, frame.turn(Frame.CHECKPOINTS)));
    }
  }

  // ---- behind

  public boolean behind() {
    KitMessage.CheckpointProof proof = checkpoints.proof();
    return proof != null && proof.slot() >= order.next();
  }

  /**
   * A proof beyond the own execution: if that does not move, the decisions are gone and the state
   * is fetched.
   */
  private void watch() {
    if (behind() && !watching && !transfer.active()) {
      watching = true;
      positionWhenBehind = order.position();
      frame.emit(new Effect.StartTimer(BEHIND, 2 * settings.tuning().fetchDelay()));
    }
  }

  /** A timer of checkpoints or of state transfer. */
  public void onTimer(TimerKey timer) {
    if (timer.kind() == TimerKind.CHECKPOINT_COLLECTOR) {
      checkpoints.onTimer(timer.subject(), frame.turn(Frame.CHECKPOINTS));
    } else if (timer.subject() == 0) {
      transfer.onTimer(frame.turn(Frame.TRANSFER));
    } else {
      stillBehind();
    }
  }

  private void stillBehind() {
    watching = false;
    KitMessage.CheckpointProof proof = checkpoints.proof();
    if (behind() && proof != null && order.position() == positionWhenBehind) {
      transfer.begin(proof, frame.turn(Frame.TRANSFER));
      frame.note(new Effect.Event.Count("state_transfers", 1));
    } else {
      watch();
    }
  }

  private void installed(long slot) {
    StateTransfer.Transferred t = transfer.installed(slot);
    if (t == null) {
      return;
    }
    CheckpointParts parts = CheckpointParts.of(t.parts().subList(1, t.parts().size()));
    taken.clear();
    order.adopt(parts);
    checkpoints.restored(slot, t.manifest(), parts.executed(), t.proof());
    state = t.proof().state();
    logStable(t.proof(), parts.executed());
    truncate(slot, parts.executed());
    frame.emit(new Effect.DropSnapshots(slot));
    listener.transferred();
    if (joining) {
      frame.emit(new Effect.BeginAgain());
    }
    watch();
  }

  /** The epoch is over when the checkpoint that says so is stable (dqbft.md §8). */
  public void end() {
    Reconfiguration next = order.ended();
    KitMessage.CheckpointProof proof = checkpoints.stableProof();
    if (next != null && !over && proof != null && proof.slot() == order.next() - 1) {
      over = true;
      frame.emit(new Effect.EndEpoch(proof.slot(), next, List.of(Farewell.record(proof))));
    }
  }
}
