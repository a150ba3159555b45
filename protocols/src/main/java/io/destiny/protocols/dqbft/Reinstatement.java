package io.destiny.protocols.dqbft;

import io.destiny.core.crypto.Result;
import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.kit.Checkpoints;
import io.destiny.core.kit.KitMessage;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.TreeMap;

/**
 * Gives a D-instance back to an owner who is well (dqbft.md §7, reinstatement): the owner asks for
 * it, each of the others checks its health, and f+1 who find it well complain about the caretaker,
 * all with the next view of the owner as target.
 */
final class Reinstatement {
  /** A health check: at least {@value #ENOUGH} of {@value #PROBES} probes answered in time. */
  private static final int PROBES = 4;

  private static final int ENOUGH = 3;

  /** Most probes of one peer answered within T_resend. */
  private static final int MOST_ANSWERS = 4;

  /** A health check of one owner that is under way, or has passed. */
  private static final class Check {
    int sent;
    int good;
    long nonce;
    long sentAt;

    /** The last probe was answered. */
    boolean answered;

    boolean passed;
    long passedAt;
  }

  private final Settings settings;
  private final Dqbft dqbft;
  private final TreeMap<Integer, Check> checks = new TreeMap<>();

  /** When each owner last got its instance back, if it ever did. */
  private final long[] reinstatedAt;

  private final boolean[] reinstated;
  private final int[] answers;

  /**
   * Whether the own trusted subsystem makes ordering shares (destiny.md §7: an observer's does
   * not).
   */
  private boolean signs;

  Reinstatement(Settings settings, Dqbft dqbft) {
    this.settings = settings;
    this.dqbft = dqbft;
    this.reinstatedAt = new long[settings.n()];
    this.reinstated = new boolean[settings.n()];
    this.answers = new int[settings.n()];
  }

  void started(boolean canSign) {
    signs = canSign;
  }

  /** Any answer to a job: those of the trusted subsystem show whether it signs. */
  void observe(Result result) {
    if (result instanceof Result.Shared) {
      signs = true;
    } else if (result instanceof Result.Refused r && r.reason() != Result.Refusal.COUNTER) {
      signs = false;
    }
  }

  /** A view of D_n was entered. */
  void entered(int n, long view, int leader) {
    if (leader == n) {
      checks.remove(n);
      reinstated[n] = view > 0;
      reinstatedAt[n] = dqbft.step().now();
    }
  }

  private boolean displaced(int n) {
    ConsensusEngine instance = dqbft.dissemination(n);
    return instance.entered() && instance.primary() != n;
  }

  private boolean behind() {
    return dqbft.recovery().behind() || dqbft.recovery().transfer().active();
  }

  /** Every T_resend. */
  void tick() {
    Arrays.fill(answers, 0);
    if (signs && displaced(settings.self()) && !behind()) {
      long stable = dqbft.recovery().checkpoints().stable();
      dqbft.step().emit(new Effect.Broadcast(new KitMessage.Recovered(stable)));
      if (!pausing(settings.self())) {
        // With f others down nobody else could complete the f+1; a liar's own complaint is one of
        // f.
        dqbft.suspect(settings.self(), Suspicion.REINSTATE, nextViewOf(settings.self()));
      }
    }
    if (checks.isEmpty()) {
      return;
    }
    for (int n : new ArrayList<>(checks.keySet())) {
      Check check = checks.get(n);
      if (check != null && !goOn(n, check)) {
        checks.remove(n);
      }
    }
  }

  /** False: the check is over. */
  private boolean goOn(int n, Check check) {
    long now = dqbft.step().now();
    if (!displaced(n)) {
      return false;
    }
    if (check.passed) {
      dqbft.suspect(n, Suspicion.REINSTATE, nextViewOf(n));
      // It is looked at again if f+1 do not agree.
      return now - check.passedAt < settings.tuning().viewTimeout();
    }
    if (check.sent > 0 && !check.answered && now - check.sentAt < settings.tuning().fetchDelay()) {
      return true;
    }
    if (check.sent < PROBES) {
      probe(n, check, now);
      return true;
    }
    if (check.good < ENOUGH) {
      return false;
    }
    check.passed = true;
    check.passedAt = now;
    dqbft.suspect(n, Suspicion.REINSTATE, nextViewOf(n));
    return true;
  }

  private void probe(int n, Check check, long now) {
    check.sent++;
    check.sentAt = now;
    check.answered = false;
    check.nonce = dqbft.step().random().nextLong();
    dqbft.step().emit(new Effect.Send(n, new KitMessage.Probe(check.nonce)));
  }

  /** v* = the least view above the present one whose leader is the owner. */
  private long nextViewOf(int n) {
    ConsensusEngine instance = dqbft.dissemination(n);
    long view = instance.view() + 1;
    while (instance.leader(view) != n) {
      view++;
    }
    return view;
  }

  /**
   * D_n was given back a short while ago. Where no owner has its instance there is no pause: nobody
   * may propose a command then, and a pause is long after many view changes.
   */
  private boolean pausing(int n) {
    if (nobodyProposes()) {
      return false;
    }
    long pause = settings.tuning().reinstateDelay() << dqbft.probation(n).level();
    return reinstated[n] && dqbft.step().now() - reinstatedAt[n] < pause;
  }

  private boolean nobodyProposes() {
    for (int n = 0; n < settings.n(); n++) {
      if (dqbft.dissemination(n).primary() == n) {
        return false;
      }
    }
    return true;
  }

  // ---- messages

  /** One check an owner at a time, and none for a while after it got its instance back. */
  void onRecovered(int from, KitMessage.Recovered m) {
    if (!displaced(from) || behind()) {
      drop(DropReason.UNEXPECTED, from, m.kind());
      return;
    }
    if (checks.containsKey(from)) {
      drop(DropReason.DUPLICATE, from, m.kind());
      return;
    }
    if (pausing(from)) {
      drop(DropReason.FULL, from, m.kind());
      return;
    }
    Check check = new Check();
    checks.put(from, check);
    probe(from, check, dqbft.step().now());
  }

  void onProbe(int from, KitMessage.Probe m) {
    if (answers[from]++ >= MOST_ANSWERS) {
      drop(DropReason.FULL, from, m.kind());
      return;
    }
    Checkpoints checkpoints = dqbft.recovery().checkpoints();
    KitMessage.CheckpointProof proof = checkpoints.stableProof();
    Digest state = proof == null ? dqbft.recovery().state() : proof.state();
    long executed = dqbft.order().next() - 1;
    dqbft
        .step()
        .emit(
            new Effect.Send(
                from,
                new KitMessage.ProbeAck(m.nonce(), checkpoints.stable(), state, executed, signs)));
  }

  void onProbeAck(int from, KitMessage.ProbeAck m) {
    Check check = checks.get(from);
    if (check == null || check.answered || check.nonce != m.nonce()) {
      drop(DropReason.UNEXPECTED, from, m.kind());
    } else if (dqbft.step().now() - check.sentAt > settings.tuning().fetchDelay()) {
      drop(DropReason.OLD, from, m.kind());
    } else {
      check.answered = true;
      check.good += well(m) ? 1 : 0;
    }
  }

  /** No fresh vote is asked for: with all owners displaced no new checkpoint would come. */
  private boolean well(KitMessage.ProbeAck m) {
    Checkpoints checkpoints = dqbft.recovery().checkpoints();
    long executed = dqbft.order().next() - 1;
    return m.signs()
        && m.checkpoint() >= checkpoints.stableBefore()
        && checkpoints.knows(m.checkpoint(), m.state())
        && m.executed() >= executed - settings.tuning().orderWindow() / 2;
  }

  private void drop(DropReason reason, int from, String kind) {
    dqbft.note(new Effect.Event.Dropped(reason, from, kind));
  }
}
