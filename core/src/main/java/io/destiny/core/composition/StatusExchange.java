package io.destiny.core.composition;

import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.kit.Checkpoints;
import io.destiny.core.kit.KitMessage;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Instances;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * STATUS (00-system-model §8): every T_resend for instances that are unfinished and have not moved
 * since the last time, every 10·T_resend for all in turn.
 */
public final class StatusExchange {
  private static final TimerKey TIMER = new TimerKey(Instances.ORDER, TimerKind.STATUS, 0);
  private static final int IDLE_TICKS = 10;

  /** For so many ticks after a start all is told, since links may still be down. */
  private static final int FIRST_TICKS = 4;

  /** Most STATUS answered for one peer within T_resend. */
  private static final int MOST_A_PEER = 16;

  private final Settings settings;
  private final Frame frame;
  private final Checkpoints checkpoints;
  private final long[] frontiers;
  private final int[] answered;
  private int ticks;
  private int nextPeer;

  public StatusExchange(Settings settings, Frame frame, Checkpoints checkpoints) {
    this.settings = settings;
    this.frame = frame;
    this.checkpoints = checkpoints;
    this.frontiers = new long[frame.numbers().size()];
    this.answered = new int[settings.n()];
  }

  private int instance(int index) {
    return frame.numbers().get(index);
  }

  /** A replica that has just started says at once where it stands. */
  public void start() {
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < frontiers.length; i++) {
      all.add(i);
    }
    send(all);
    restart();
  }

  private void restart() {
    frame.emit(new Effect.StartTimer(TIMER, settings.tuning().resendDelay()));
  }

  public void onTimer() {
    Arrays.fill(answered, 0);
    ticks++;
    List<Integer> due = new ArrayList<>();
    for (int i = 0; i < frontiers.length; i++) {
      ConsensusEngine engine = frame.engine(instance(i));
      boolean stalled = engine.highest() > engine.frontier() && engine.frontier() == frontiers[i];
      // A view left and none entered is unfinished business too.
      if (stalled || !engine.entered() || ticks % IDLE_TICKS == 0 || ticks <= FIRST_TICKS) {
        due.add(i);
      }
      frontiers[i] = engine.frontier();
    }
    send(due);
    restart();
  }

  private void send(List<Integer> due) {
    for (int from = 0; from < due.size(); from += KitMessage.Status.MOST_ENTRIES) {
      List<KitMessage.Status.Entry> entries = new ArrayList<>();
      int to = Math.min(due.size(), from + KitMessage.Status.MOST_ENTRIES);
      for (int index : due.subList(from, to)) {
        int instance = instance(index);
        entries.add(new KitMessage.Status.Entry(instance, frame.engine(instance).progress()));
      }
      KitMessage.Status status = new KitMessage.Status(checkpoints.stable(), entries);
      for (int i = 0; i < Math.min(2, settings.n() - 1); i++) {
        frame.emit(new Effect.Send(nextPeer(), status));
      }
    }
  }

  private int nextPeer() {
    nextPeer = (nextPeer + 1) % settings.n();
    if (nextPeer == settings.self()) {
      nextPeer = (nextPeer + 1) % settings.n();
    }
    return nextPeer;
  }

  /**
   * STATUS from a peer: the newest stable certificate if it is behind, and per instance what it
   * lacks.
   */
  public void onStatus(int from, KitMessage.Status m) {
    if (answered[from]++ >= MOST_A_PEER) {
      frame.note(new Effect.Event.Dropped(DropReason.FULL, from, m.kind()));
      return;
    }
    KitMessage.CheckpointProof proof = checkpoints.proof();
    if (proof != null && m.checkpoint() < proof.slot()) {
      frame.emit(new Effect.Send(from, proof));
    }
    List<KitMessage.Status.Entry> ahead = new ArrayList<>();
    for (KitMessage.Status.Entry e : m.entries()) {
      ConsensusEngine engine = frame.engine(e.instance());
      engine.answerStatus(from, e.progress(), frame.port(e.instance()));
      if (engine.highest() > e.progress().highest()) {
        ahead.add(new KitMessage.Status.Entry(e.instance(), engine.progress()));
      }
    }
    if (!ahead.isEmpty()) {
      // It can then ask for all that it lacks; it is behind, so it will not answer in kind.
      long stable = checkpoints.stable();
      frame.emit(new Effect.Send(from, new KitMessage.Status(stable, ahead)));
    }
  }
}
