package io.destiny.core.composition;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Work;
import io.destiny.core.kit.Checkpoints;
import io.destiny.core.kit.KitMessage;
import io.destiny.core.kit.StateServer;
import io.destiny.core.kit.Turn;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What this replica still does for the epoch before (dqbft.md §8): whoever was left behind there
 * gets the certificate of its last checkpoint and that checkpoint's state, and then goes over by
 * itself. Without it a minority that was slow could be needed in the new epoch and be stuck in the
 * old one, where all who could help it are gone.
 */
public final class Farewell {
  /** The record that goes over: slot 0, so that no truncation removes it. */
  private static final int FAREWELL = 101;

  private record Served(StateServer server, KitMessage.CheckpointProof proof, int members) {}

  private final Settings settings;
  private final Frame frame;
  private KitMessage.@Nullable CheckpointProof proof;
  private @Nullable Served served;

  /** When each member of the epoch before was last sent the certificate. */
  private long[] toldAt = {};

  Farewell(Settings settings, Frame frame) {
    this.settings = settings;
    this.frame = frame;
  }

  /** What the next epoch's log begins with. */
  public static LogRecord record(KitMessage.CheckpointProof last) {
    Writer w = new Writer(160).u64(last.slot()).digest(last.state());
    last.certificate().encode(w);
    return new LogRecord(Instances.ORDER, 0, FAREWELL, 0, w.toBytes());
  }

  /** The certificate, out of this epoch's log. */
  void start(List<LogRecord> records) {
    for (LogRecord record : records) {
      try {
        KitMessage.CheckpointProof last = read(record);
        proof = last == null ? proof : last;
      } catch (MalformedException e) {
        throw new IllegalStateException("the record of the epoch before is damaged", e);
      }
    }
  }

  /** The certificate in the record; null if it is another one. */
  public static KitMessage.@Nullable CheckpointProof read(LogRecord record)
      throws MalformedException {
    if (record.instance() != Instances.ORDER || record.slot() != 0 || record.kind() != FAREWELL) {
      return null;
    }
    Reader r = new Reader(record.body());
    return new KitMessage.CheckpointProof(r.u64(), r.digest(), Certificate.decode(r));
  }

  /** A durable checkpoint of the epoch before. */
  void keep(Input.SavedCheckpoint saved, List<List<Digest>> digests, CheckpointParts parts) {
    KitMessage.CheckpointProof last = proof;
    int members = parts.executed().length;
    if (last == null || last.slot() != saved.slot() || settings.self() >= members) {
      return;
    }
    Settings former =
        new Settings(
            new Domain(settings.domain().cluster(), parts.epoch()),
            new QuorumRule(members, settings.rule().model()),
            settings.self(),
            settings.limits(),
            settings.tuning());
    Checkpoints checkpoints = new Checkpoints(former);
    checkpoints.restoredProof(last);
    checkpoints.restored(saved.slot(), digests, parts.executed(), last);
    served = new Served(new StateServer(former, checkpoints), last, members);
    toldAt = new long[members];
  }

  /** A member of the epoch before speaks in it. */
  void on(int from, KitMessage message) {
    Served s = served;
    if (s == null || from >= s.members) {
      frame.note(new Effect.Event.Dropped(DropReason.OTHER_EPOCH, from, message.kind()));
      return;
    }
    Turn turn = new FormerTurn(frame.turn(Frame.TRANSFER));
    switch (message) {
      case KitMessage.GetState m -> s.server.onGetState(from, m, turn);
      case KitMessage.GetChunks m ->
          s.server.onGetChunks(from, m, frame.nextJob(Frame.TRANSFER), turn);
      default -> {
        if (toldAt[from] == 0 || turn.now() - toldAt[from] >= settings.tuning().resendDelay()) {
          toldAt[from] = turn.now();
          turn.emit(new Effect.Send(from, s.proof));
        }
      }
    }
  }

  void onChunksRead(Input.SnapshotEvent.ChunksRead read) {
    Served s = served;
    if (s != null) {
      s.server.onChunksRead(read, new FormerTurn(frame.turn(Frame.TRANSFER)));
    }
  }

  /** What is sent in it belongs to the epoch before. */
  private record FormerTurn(Turn turn) implements Turn {
    @Override
    public long now() {
      return turn.now();
    }

    @Override
    public RandomGenerator random() {
      return turn.random();
    }

    @Override
    public void emit(Effect effect) {
      turn.emit(
          effect instanceof Effect.Send(int to, KitMessage m)
              ? new Effect.Send(to, new KitMessage.Former(m))
              : effect);
    }

    @Override
    public long compute(Work work) {
      return turn.compute(work);
    }
  }
}
