package io.destiny.protocols.sbft;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.ConsensusEngine.Progress;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.kit.CollectorOrder;
import io.destiny.core.kit.FallBack;
import io.destiny.core.kit.SlotWindow;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.protocols.sbft.SbftMessage.CommitShare;
import io.destiny.protocols.sbft.SbftMessage.FullCommitProof;
import io.destiny.protocols.sbft.SbftMessage.PrepareProof;
import io.destiny.protocols.sbft.SbftMessage.SignShare;
import io.destiny.protocols.threephase.Evidence;
import io.destiny.protocols.threephase.SlotClaim;
import io.destiny.protocols.threephase.ThreePhaseEngine;
import io.destiny.protocols.threephase.ThreePhaseMessage;
import io.destiny.protocols.threephase.ThreePhaseSlot;
import io.destiny.protocols.threephase.ViewChange;
import io.destiny.protocols.threephase.Voting;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One instance's votes: the own ones, and where those of others go (sbft.md §4 rules 2, 5, 8). */
final class Collecting implements Voting {
  private final ThreePhaseEngine engine;
  private final Statements statements;
  private final SlotWindow<SbftSlot> window;
  private final SbftLog log;
  private final Proofs proofs;
  private final Collector collector;
  private final CollectorOrder order;

  Collecting(ThreePhaseEngine engine) {
    this.engine = engine;
    this.statements = new Statements(engine.settings().domain(), engine.instance());
    this.window = new SlotWindow<>(engine.width(), slot -> new SbftSlot());
    this.log = new SbftLog(engine.instance());
    this.proofs = new Proofs(this, engine, window, log);
    this.collector = new Collector(this, engine, proofs);
    this.order = new CollectorOrder(engine.settings(), engine.instance());
  }

  /** The C-collectors of a slot, first to last (§2). */
  private int[] collectors(long slot) {
    return order.of(engine.installed(), slot, engine.proposer());
  }

  private int self() {
    return engine.settings().self();
  }

  // ---- the voter

  /** Rule 2: SIGN-SHARE. */
  @Override
  public void cast(ThreePhaseSlot s, Port port) {
    Digest value = s.proposal();
    if (value != null) {
      sign(false, s.number(), statements.accepted(engine.installed(), s.number(), value), port);
    }
  }

  private void signCommit(long slot, Digest value, Port port) {
    sign(true, slot, statements.prepared(engine.installed(), slot, value), port);
  }

  /**
   * An own share.
   *
   * @param commits on h2, or else on h
   */
  private void sign(boolean commits, long slot, byte[] statement, Port port) {
    long view = engine.installed();
    engine
        .jobs()
        .compute(
            new Work.SignExecution(statement),
            port,
            (result, turn) -> {
              ThreePhaseSlot s = engine.known(slot);
              if (s != null && view == engine.installed()) {
                signed(commits, s, window.get(slot), ((Result.Signed) result).share(), turn);
              }
            });
  }

  private void signed(boolean commits, ThreePhaseSlot s, SbftSlot c, Share share, Port port) {
    Digest value = s.proposal();
    if (value == null || !engine.votes()) {
      // What the VIEW-CHANGE says of it is the same: it rests on what was accepted and prepared.
      return;
    }
    if (commits) {
      c.commit = share;
      c.commits.add(value, share);
    } else {
      c.accept = share;
      c.accepts.add(value, share);
    }
    if (s.committedDigest() != null) {
      return;
    }
    int first = collectors(s.number())[0];
    c.collecting |= first == self();
    c.waitingSince = commits ? c.waitingSince : port.now();
    send(s, c, first, port);
    port.startTimer(TimerKind.COLLECTOR, s.number(), engine.settings().tuning().collectorDelay());
    count(s, port);
  }

  /** The last vote, and what it rests on where a collector may lack it. */
  private void send(ThreePhaseSlot s, SbftSlot c, int to, Port port) {
    Digest value = s.proposal();
    Share accept = c.accept;
    Share commit = c.commit;
    if (value == null || to == self()) {
      return;
    }
    long view = engine.installed();
    if (commit != null) {
      port.send(to, new CommitShare(engine.instance(), view, s.number(), value, commit));
    } else if (accept != null) {
      port.send(to, new SignShare(engine.instance(), view, s.number(), value, accept));
    }
  }

  private @Nullable PrepareProof prepareProof(long slot, SbftSlot c) {
    PrepareCertificate p = c.certificate;
    return p == null
        ? null
        : new PrepareProof(engine.instance(), p.view(), slot, p.value(), p.certificate());
  }

  /** Rule 8: the same shares to the next collectors. */
  private void fallBack(ThreePhaseSlot s, SbftSlot c, Port port) {
    FallBack fallBack = c.fallBack;
    if (fallBack == null) {
      int[] all = collectors(s.number());
      fallBack = new FallBack(all[0], () -> all);
      c.fallBack = fallBack;
    }
    int[] next = fallBack.next();
    for (int to : next) {
      fallBack(s, c, to, port);
    }
    int last = engine.proposer();
    if (fallBack.first() != last && Arrays.stream(next).noneMatch(to -> to == last)) {
      fallBack(s, c, last, port);
    }
    count(s, port);
    port.startTimer(
        TimerKind.COLLECTOR,
        s.number(),
        fallBack.delay(engine.settings().tuning().collectorDelay()));
    if (port.now() - c.waitingSince > engine.settings().tuning().viewTimeout()) {
      engine.suspects(Suspicion.PROGRESS, port);
    }
  }

  private void fallBack(ThreePhaseSlot s, SbftSlot c, int to, Port port) {
    PrepareProof proof = prepareProof(s.number(), c);
    if (to == self()) {
      c.collecting = true;
      c.slow = true;
      return;
    }
    if (c.commit != null && proof != null) {
      port.send(to, proof);
    }
    send(s, c, to, port);
  }

  @Override
  public void onTimer(TimerKind kind, long slot, Port port) {
    ThreePhaseSlot s = engine.known(slot);
    SbftSlot c = window.peek(slot);
    if (s == null || c == null || s.committedDigest() != null) {
      return;
    }
    if (kind == TimerKind.FAST_PATH) {
      c.slow = true;
      count(s, port);
    } else if (kind == TimerKind.COLLECTOR && c.accept != null && engine.entered()) {
      // Once the view is left a vote that nobody was sent is none; the VIEW-CHANGE says it all.
      fallBack(s, c, port);
    }
  }

  /** Rule 5, once τ(h) is known and the value is accepted here. */
  private void prepare(ThreePhaseSlot s, SbftSlot c, Port port) {
    PrepareCertificate p = c.certificate;
    boolean may = p != null && s.accepted() && engine.votes() && p.value().equals(s.proposal());
    if (p == null || !may || p.equals(c.prepared)) {
      return;
    }
    c.prepared = p;
    engine.history().prepare(new SlotClaim(s.number(), p.value(), p.view()));
    port.persist(List.of(log.prepared(s.number(), p)));
    signCommit(s.number(), p.value(), port);
  }

  // ---- votes of others

  @Override
  public void onMessage(int from, ThreePhaseMessage message, Port port) {
    if (!(message instanceof SbftMessage sbft)) {
      port.drop(DropReason.UNEXPECTED, from, message.kind());
      return;
    }
    switch (sbft) {
      case SignShare m -> onSignShare(from, m, port);
      case CommitShare m -> onCommitShare(from, m, port);
      case PrepareProof m -> {
        if (current(from, m, port)) {
          proofs.onPrepareProof(from, m, port);
        }
      }
      case FullCommitProof m -> proofs.onProof(from, m, port);
    }
  }

  /** Whether a vote is of the view entered last, and of its sender. */
  private boolean current(int from, SbftMessage m, Share share, Port port) {
    if (share.signer() != from) {
      port.drop(DropReason.WRONG_SENDER, from, m.kind());
      return false;
    }
    return current(from, m, port);
  }

  private boolean current(int from, SbftMessage m, Port port) {
    if (m.view() == engine.installed()) {
      return true;
    }
    if (m.view() < engine.view()) {
      engine.lead(from, port);
    }
    port.drop(DropReason.WRONG_VIEW, from, m.kind());
    return false;
  }

  private void onSignShare(int from, SignShare m, Port port) {
    if (current(from, m, m.share(), port)) {
      SbftSlot c = window.get(m.slot());
      boolean first = c.accepts.add(m.value(), m.share());
      voted(from, m, first, c, port);
    }
  }

  private void onCommitShare(int from, CommitShare m, Port port) {
    if (current(from, m, m.share(), port)) {
      SbftSlot c = window.get(m.slot());
      boolean first = c.commits.add(m.value(), m.share());
      voted(from, m, first, c, port);
    }
  }

  /** A vote that comes late, or once more, is answered with what it should have led to. */
  private void voted(int from, SbftMessage m, boolean first, SbftSlot c, Port port) {
    ThreePhaseSlot s = engine.slot(m.slot());
    CommitProof proof = c.proof;
    if (proof != null) {
      collector.sample(s, c, port);
      if (!first || !c.announced) {
        port.send(from, new FullCommitProof(engine.instance(), m.slot(), proof));
      }
      return;
    }
    PrepareProof prepare = m instanceof SignShare ? prepareProof(m.slot(), c) : null;
    if (prepare != null && (!first || !c.collecting)) {
      port.send(from, prepare);
    }
    if (!first) {
      port.drop(DropReason.DUPLICATE, from, m.kind());
      return;
    }
    c.collecting = true;
    engine.heard(s, port);
    count(s, port);
  }

  @Override
  public void count(ThreePhaseSlot s, Port port) {
    SbftSlot c = window.peek(s.number());
    Digest value = s.proposal();
    if (c != null && value != null && s.committedDigest() == null) {
      prepare(s, c, port);
      if (c.collecting) {
        collector.count(s, c, value, port);
      }
    }
  }

  @Override
  public void committed(ThreePhaseSlot slot, Port port) {
    port.stopTimer(TimerKind.COLLECTOR, slot.number());
    port.stopTimer(TimerKind.FAST_PATH, slot.number());
  }

  // ---- views

  /** Rule 16 a: what any of them proves is decided. */
  @Override
  public void entered(List<ViewChange> set, Port port) {
    window.forEach(SbftSlot::beginView);
    for (ViewChange v : set) {
      for (SlotEvidence.Entry e : ((SlotEvidence) v.evidence()).slots()) {
        CommitProof proof = e.proof();
        if (proof != null && window.contains(e.slot())) {
          proofs.record(engine.slot(e.slot()), window.get(e.slot()), proof, port);
        }
      }
    }
  }

  @Override
  public void advance(long low) {
    window.advance(low);
  }

  /** Rule 13. */
  @Override
  public Evidence evidence(long low, long high) {
    return log.evidence(engine.history(), window, low, high);
  }

  // ---- repair

  @Override
  public int show(ThreePhaseSlot s, int to, Port port) {
    return proofs.show(s, to, port);
  }

  /** A peer that collects and lacks a slot, if the vote should have led to something by now. */
  @Override
  public int resend(ThreePhaseSlot s, int to, Progress progress, Port port) {
    SbftSlot c = window.peek(s.number());
    boolean late =
        c != null
            && c.proof == null
            && engine.entered()
            && port.now() - c.waitingSince >= engine.settings().tuning().collectorDelay();
    if (c == null || !late || !order.has(engine.installed(), s.number(), engine.proposer(), to)) {
      return 0;
    }
    PrepareProof proof = prepareProof(s.number(), c);
    if (c.commit != null && proof != null) {
      port.send(to, proof);
    }
    send(s, c, to, port);
    return 1;
  }

  @Override
  public List<Integer> voters(ThreePhaseSlot s, Digest value) {
    SbftSlot c = window.peek(s.number());
    return c == null ? List.of() : c.accepts.signers(value).stream().sorted().toList();
  }

  @Override
  public List<Integer> holders(ThreePhaseSlot s, Digest value) {
    return voters(s, value);
  }

  // ---- restart

  @Override
  public @Nullable Digest restore(LogRecord record) throws MalformedException {
    SbftSlot c = window.get(record.slot());
    Digest committed = log.restore(record, c, engine.installed());
    PrepareCertificate p = c.prepared;
    if (committed == null && p != null) {
      engine.history().prepare(new SlotClaim(record.slot(), p.value(), p.view()));
    }
    return committed;
  }

  /** The share is the same one whenever it is made. */
  @Override
  public void resume(ThreePhaseSlot s, Port port) {
    SbftSlot c = window.get(s.number());
    PrepareCertificate p = c.certificate;
    if (c.proof == null && !engine.mute()) {
      cast(s, port);
      if (p != null) {
        signCommit(s.number(), p.value(), port);
      }
    }
  }
}
