package io.destiny.protocols.linearhybster;

import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.ConsensusEngine.Progress;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.kit.Blacklist;
import io.destiny.core.kit.Collectors;
import io.destiny.core.kit.FallBack;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.core.trusted.Counters;
import io.destiny.protocols.linearhybster.LinearHybsterEngine.Job;
import io.destiny.protocols.linearhybster.LinearHybsterMessage.Commit;
import io.destiny.protocols.linearhybster.LinearHybsterMessage.CommitSig;
import io.destiny.protocols.linearhybster.LinearHybsterMessage.Header;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Both sides of collecting votes (linear-hybster.md §5 rules 4 to 6, and §6). */
final class CommitCollector {
  private final LinearHybsterEngine engine;
  private final Blacklist blacklist;

  /** C(inst, v): the leader and R others. */
  private int @Nullable [] collectors;

  /** Whoever delivered last instead of the first collector, or -1. */
  private int preferred = -1;

  /** Bit i: the first collector missed the i-th last slot. */
  private long missed;

  CommitCollector(LinearHybsterEngine engine) {
    this.engine = engine;
    this.blacklist = new Blacklist(engine.settings.n());
  }

  private int first() {
    return engine.proposer();
  }

  /** Another view has other collectors. */
  void entered() {
    collectors = null;
    preferred = -1;
    missed = 0;
  }

  /** Made when it is needed, which is rare: each replica has N+1 instances. */
  private int[] collectors() {
    int[] known = collectors;
    if (known == null) {
      known = order();
      collectors = known;
    }
    return known;
  }

  private int[] order() {
    int[] order =
        Collectors.order(
            engine.settings.domain(),
            engine.settings.n(),
            engine.proposer(),
            engine.instance,
            engine.installed(),
            Collectors.Purpose.COMMIT);
    int length = Math.min(order.length, engine.settings.tuning().collectors() + 1);
    return Arrays.copyOf(order, length);
  }

  // ---- the voter's side

  /**
   * Sends this replica's share to the first collector, and to the one that had to stand in for it.
   */
  void vote(LinearHybsterSlot s, Share share, Port port) {
    send(s, share, first(), port);
    if (preferred >= 0) {
      send(s, share, preferred, port);
    }
    voted(s, port);
  }

  /** This replica's vote is made: T_col runs. */
  void voted(LinearHybsterSlot s, Port port) {
    if (!s.committed()) {
      s.voted = true;
      s.collecting |= first() == engine.settings.self();
      s.waitingSince = port.now();
      port.startTimer(TimerKind.COLLECTOR, s.slot, engine.settings.tuning().collectorDelay());
      tryCombine(s, port);
    }
  }

  private void send(LinearHybsterSlot s, Share share, int to, Port port) {
    Header header = s.header;
    if (header != null && to != engine.settings.self()) {
      port.send(to, new CommitSig(engine.instance, header.view(), s.slot, header.value(), share));
    }
  }

  /** Rule 6: the stored share, never a new one, to the next collectors. */
  void onTimer(long slot, Port port) {
    LinearHybsterSlot s = engine.window.peek(slot);
    if (s == null || s.committed() || s.own == null || !s.voted) {
      return;
    }
    FallBack fallBack = s.fallBack;
    if (fallBack == null) {
      fallBack = new FallBack(first(), this::collectors);
      s.fallBack = fallBack;
    }
    for (int to : fallBack.next()) {
      s.collecting |= to == engine.settings.self();
      send(s, s.own, to, port);
    }
    engine.ask(slot, port);
    tryCombine(s, port);
    port.startTimer(
        TimerKind.COLLECTOR, slot, fallBack.delay(engine.settings.tuning().collectorDelay()));
    if (engine.entered() && port.now() - s.waitingSince > engine.settings.tuning().viewTimeout()) {
      engine.suspects(Suspicion.PROGRESS, port);
    }
  }

  /**
   * A peer that collects and lacks a slot gets this replica's stored vote again, if the vote should
   * have led to a commit by now.
   */
  void answerStatus(int to, Progress progress, Port port) {
    if (progress.view() != engine.installed() || !isCollector(to)) {
      return;
    }
    long from = Math.max(progress.frontier(), engine.window.low()) + 1;
    int sent = 0;
    for (long n = from; n <= engine.highest() && sent < Repair.MOST_ANSWERS; n++) {
      LinearHybsterSlot s = engine.window.peek(n);
      boolean late =
          s != null && port.now() - s.waitingSince >= engine.settings.tuning().collectorDelay();
      if (s != null && late && s.own != null && !s.committed()) {
        send(s, s.own, to, port);
        sent++;
      }
    }
  }

  private boolean isCollector(int replica) {
    for (int c : collectors()) {
      if (c == replica) {
        return true;
      }
    }
    return false;
  }

  // ---- the collector's side

  /** Rule 4. */
  void onCommitSig(int from, CommitSig m, Port port) {
    if (m.share().signer() != from) {
      engine.drop(DropReason.WRONG_SENDER, from, m.kind(), port);
      return;
    }
    if (m.view() != engine.installed()) {
      if (m.view() < engine.view()) {
        engine.lead(from, port);
      }
      engine.drop(DropReason.WRONG_VIEW, from, m.kind(), port);
      return;
    }
    LinearHybsterSlot s = engine.window.get(m.slot());
    boolean first = s.shares.add(engine.statement(s, m.view(), m.value()), m.share());
    if (s.commit != null) {
      // A vote that comes late has the commit on its way already; one that is repeated missed it.
      if (!first || !s.announced) {
        port.send(from, s.commit);
      }
    } else if (first) {
      s.collecting = true;
      tryCombine(s, port);
    } else {
      engine.drop(DropReason.DUPLICATE, from, m.kind(), port);
    }
  }

  /**
   * §6: no share is checked before an aggregate failed; work is per slot, so that none blocks
   * another.
   */
  void tryCombine(LinearHybsterSlot s, Port port) {
    Header header = s.header;
    if (header == null || !s.collecting || s.committed() || s.combining) {
      return;
    }
    Digest statement = engine.statement(s, header.view(), header.value());
    if (s.shares.count(statement) >= engine.settings.rule().quorum()) {
      s.combining = true;
      List<Share> shares = s.shares.on(statement, blacklist, s.slot);
      byte[] signed = engine.signed(s, header.view(), header.value());
      engine.register(
          port.compute(new Work.Combine(KeyPurpose.ORDERING, signed, shares)),
          new Job.Combine(s.slot, header.view()));
    }
  }

  /** The aggregate is made, or bad shares were found. */
  void combined(LinearHybsterSlot s, Result result, Port port) {
    s.combining = false;
    Header header = s.header;
    if (header == null || s.commit != null) {
      if (s.commit != null && first() == engine.settings.self() && !s.announced) {
        // Another collector was faster by a little: all see that this one does its part.
        s.announced = true;
        port.broadcast(s.commit);
      }
      return;
    }
    switch (result) {
      case Result.Combined c -> {
        Commit commit =
            new Commit(engine.instance, header.view(), s.slot, header.value(), c.certificate());
        s.announced = true;
        port.broadcast(commit);
        engine.commitment.committed(s, commit, port);
      }
      case Result.BadShares bad -> {
        for (int signer : bad.signers()) {
          s.shares.reject(signer);
          blacklist.strike(signer, s.slot);
          engine.drop(DropReason.BAD_SIGNATURE, signer, "CommitSig", port);
        }
        tryCombine(s, port);
      }
      default -> throw new IllegalStateException("not an answer to a combination");
    }
  }

  /** Rule 5: a commit of any view counts; its certificate is verified once. */
  void onCommit(int from, Commit m, Port port) {
    LinearHybsterSlot s = engine.window.get(m.slot());
    if (s.commit != null) {
      if (from == first() && m.view() == engine.installed()) {
        delivers(s, port);
      }
      engine.drop(DropReason.DUPLICATE, from, m.kind(), port);
    } else if (blacklist.contains(from, m.slot())) {
      // It sent a commit that does not verify, and a pairing is dear; a correct replica has it too.
      engine.drop(DropReason.BAD_SIGNATURE, from, m.kind(), port);
    } else if (m.view() >= Counters.VIEW_LIMIT || m.slot() >= Counters.SLOT_LIMIT) {
      engine.drop(DropReason.INVALID, from, m.kind(), port);
    } else if (s.checking == null) {
      check(s, m, from, port);
    } else if (from == first() && m.value().equals(s.checking.value()) && !s.firstDelivers) {
      // On its heels: another's copy is being checked already.
      s.firstDelivers = true;
      keepSpare(s, m, from, port);
    } else {
      keepSpare(s, m, from, port);
    }
  }

  private void keepSpare(LinearHybsterSlot s, Commit m, int from, Port port) {
    if (s.spare == null) {
      s.spare = m;
      s.spareFrom = from;
    } else {
      engine.drop(DropReason.FULL, from, m.kind(), port);
    }
  }

  private void check(LinearHybsterSlot s, Commit m, int from, Port port) {
    s.checking = m;
    byte[] signed = engine.signed(s, m.view(), m.value());
    engine.register(
        port.compute(new Work.VerifyCertificate(KeyPurpose.ORDERING, signed, m.certificate())),
        new Job.CheckCommit(s.slot, m, from));
  }

  void commitChecked(LinearHybsterSlot s, Job.CheckCommit job, Result result, Port port) {
    s.checking = null;
    if (((Result.Verdict) result).valid()) {
      delivered(s, job.from(), port);
      engine.commitment.committed(s, job.commit(), port);
      return;
    }
    blacklist.strike(job.from(), s.slot);
    s.stash = null;
    engine.drop(DropReason.BAD_SIGNATURE, job.from(), "Commit", port);
    Commit spare = s.spare;
    s.spare = null;
    if (spare != null && !s.committed()) {
      check(s, spare, s.spareFrom, port);
    }
  }

  private void delivered(LinearHybsterSlot s, int from, Port port) {
    boolean first = from == first() || s.firstDelivers;
    if (first) {
      preferred = -1;
    } else if (isCollector(from)) {
      preferred = from;
    }
    if (!s.voted) {
      // Without this replica's vote the first collector owed it nothing: a peer has helped out.
      return;
    }
    // Whoever stood in is asked at once from now on, so that its speed excuses nobody: the first
    // collector has missed the slot unless it delivers as well.
    s.missedAt = first ? 0 : port.now();
    missed = missed << 1 | (first ? 0 : 1);
    if (Long.bitCount(missed) > 32) {
      missed = 0;
      engine.suspects(Suspicion.COLLECTOR, port);
    }
  }

  /**
   * The first collector has the commit as well, only later than another: votes that came late, for
   * example while lists waited at the gates, are not its fault (dqbft.md M13).
   */
  private void delivers(LinearHybsterSlot s, Port port) {
    if (s.missedAt != 0 && port.now() - s.missedAt <= engine.settings.tuning().collectorDelay()) {
      missed &= missed - 1;
    }
    s.missedAt = 0;
  }
}
