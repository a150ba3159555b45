package io.destiny.protocols.sbft;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.ConsensusEngine.Progress;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.kit.Blacklist;
import io.destiny.core.kit.FallBack;
import io.destiny.core.kit.LongMap;
import io.destiny.core.kit.ShareCollector;
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
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One instance's votes at a replica and at its collectors (sbft.md §4 rules 2 to 8, §7). */
final class Collecting implements Voting {
  private enum Step {
    /** The own share on h. */
    ACCEPT,
    /** The own share on h2. */
    COMMIT,
    FAST,
    PREPARE,
    SLOW
  }

  private record Job(Step step, long view, long slot) {}

  private final ThreePhaseEngine engine;
  private final Statements statements;
  private final SlotWindow<SbftSlot> window;
  private final LongMap<Job> jobs = new LongMap<>();

  /** Who sent bad shares. */
  private final Blacklist blacklist;

  private final FastPath fastPath;
  private final SbftLog log;
  private final Proofs proofs;
  private final CollectorOrder order;

  Collecting(ThreePhaseEngine engine) {
    this.engine = engine;
    this.statements = new Statements(engine.settings().domain(), engine.instance());
    this.window = new SlotWindow<>(engine.width(), slot -> new SbftSlot());
    this.blacklist = new Blacklist(engine.settings().n());
    // After T_col voters turn to other collectors, so that it makes no sense to wait longer.
    this.fastPath = new FastPath(engine.settings().tuning().collectorDelay());
    this.log = new SbftLog(engine.instance());
    this.proofs = new Proofs(this, engine, window, log);
    this.order = new CollectorOrder(engine);
  }

  private int self() {
    return engine.settings().self();
  }

  private int n() {
    return engine.settings().n();
  }

  private int quorum() {
    return engine.settings().rule().quorum();
  }

  private void run(Step step, long slot, Work work, Port port) {
    jobs.put(port.compute(work), new Job(step, engine.installed(), slot));
  }

  private byte[] accepted(long slot, Digest value) {
    return statements.accepted(engine.installed(), slot, value);
  }

  private byte[] prepared(long slot, Digest value) {
    return statements.prepared(engine.installed(), slot, value);
  }

  // ---- the voter

  /** Rule 2: SIGN-SHARE. */
  @Override
  public void cast(ThreePhaseSlot s, Port port) {
    Digest value = s.proposal();
    if (value != null) {
      run(Step.ACCEPT, s.number(), new Work.SignExecution(accepted(s.number(), value)), port);
    }
  }

  private void signed(Step step, ThreePhaseSlot s, SbftSlot c, Share share, Port port) {
    Digest value = s.proposal();
    if (value == null || !engine.votes()) {
      // What the VIEW-CHANGE says of it is the same: it rests on what was accepted and prepared.
      return;
    }
    if (step == Step.ACCEPT) {
      c.accept = share;
      c.accepts.add(Digest.of(accepted(s.number(), value)), share);
    } else {
      c.commit = share;
      c.commits.add(Digest.of(prepared(s.number(), value)), share);
    }
    if (s.committedDigest() != null) {
      return;
    }
    int first = order.first(s.number());
    c.collecting |= first == self();
    c.waitingSince = step == Step.ACCEPT ? port.now() : c.waitingSince;
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
      fallBack = new FallBack(order.first(s.number()), () -> order.all(s.number()));
      c.fallBack = fallBack;
    }
    PrepareProof proof = prepareProof(s.number(), c);
    for (int to : fallBack.next()) {
      if (to == self()) {
        c.collecting = true;
        c.slow = true;
        continue;
      }
      if (c.commit != null && proof != null) {
        port.send(to, proof);
      }
      send(s, c, to, port);
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

  private void signCommit(long slot, Digest value, Port port) {
    run(Step.COMMIT, slot, new Work.SignExecution(prepared(slot, value)), port);
  }

  // ---- the collector

  @Override
  public void onMessage(int from, ThreePhaseMessage message, Port port) {
    if (!(message instanceof SbftMessage sbft)) {
      engine.drop(DropReason.UNEXPECTED, from, message.kind(), port);
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
      engine.drop(DropReason.WRONG_SENDER, from, m.kind(), port);
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
    engine.drop(DropReason.WRONG_VIEW, from, m.kind(), port);
    return false;
  }

  private void onSignShare(int from, SignShare m, Port port) {
    if (current(from, m, m.share(), port)) {
      SbftSlot c = window.get(m.slot());
      boolean first = c.accepts.add(Digest.of(accepted(m.slot(), m.value())), m.share());
      voted(from, m, first, c, port);
    }
  }

  private void onCommitShare(int from, CommitShare m, Port port) {
    if (current(from, m, m.share(), port)) {
      SbftSlot c = window.get(m.slot());
      boolean first = c.commits.add(Digest.of(prepared(m.slot(), m.value())), m.share());
      voted(from, m, first, c, port);
    }
  }

  /** A vote that comes late, or once more, is answered with what it should have led to. */
  private void voted(int from, SbftMessage m, boolean first, SbftSlot c, Port port) {
    ThreePhaseSlot s = engine.slot(m.slot());
    CommitProof proof = c.proof;
    if (proof != null) {
      sample(s, c, port);
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
      engine.drop(DropReason.DUPLICATE, from, m.kind(), port);
      return;
    }
    c.collecting = true;
    engine.heard(s, port);
    count(s, port);
  }

  /** Rules 3, 4 and 6: whatever the shares suffice for. */
  @Override
  public void count(ThreePhaseSlot s, Port port) {
    SbftSlot c = window.peek(s.number());
    Digest value = s.proposal();
    if (c == null || value == null || s.committedDigest() != null) {
      return;
    }
    prepare(s, c, port);
    if (!c.collecting) {
      return;
    }
    byte[] h = accepted(s.number(), value);
    Digest onH = Digest.of(h);
    int shares = c.accepts.count(onH);
    if (shares == n() && !c.combiningFast && !c.failedFast) {
      c.combiningFast = true;
      sample(s, c, port);
      port.stopTimer(TimerKind.FAST_PATH, s.number());
      run(Step.FAST, s.number(), combine(h, c.accepts, onH, s.number(), n()), port);
    }
    if (shares >= quorum()) {
      wait(s.number(), c, onH, port);
      if (c.slow && c.certificate == null && !c.combiningPrepare) {
        c.combiningPrepare = true;
        run(Step.PREPARE, s.number(), combine(h, c.accepts, onH, s.number(), quorum()), port);
      }
    }
    byte[] h2 = prepared(s.number(), value);
    Digest onH2 = Digest.of(h2);
    if (c.certificate != null && c.commits.count(onH2) >= quorum() && !c.combiningSlow) {
      c.combiningSlow = true;
      run(Step.SLOW, s.number(), combine(h2, c.commits, onH2, s.number(), quorum()), port);
    }
  }

  private Work combine(byte[] statement, ShareCollector shares, Digest id, long slot, int least) {
    return new Work.Combine(KeyPurpose.EXECUTION, statement, shares.on(id, blacklist, slot), least);
  }

  /** T_fast begins, or is none: where somebody is known for bad shares as well. */
  private void wait(long slot, SbftSlot c, Digest statement, Port port) {
    if (c.quorumAt != 0) {
      return;
    }
    c.quorumAt = Math.max(1, port.now());
    boolean doubtful =
        c.accepts.signers(statement).stream().anyMatch(i -> blacklist.contains(i, slot));
    c.failedFast |= doubtful;
    long delay = doubtful ? 0 : fastPath.delay(port.now() - c.waitingSince);
    c.slow |= delay == 0;
    if (!c.slow && !c.combiningFast) {
      port.startTimer(TimerKind.FAST_PATH, slot, delay);
    }
  }

  /** The last share is here, in time or not. */
  private void sample(ThreePhaseSlot s, SbftSlot c, Port port) {
    Digest value = s.proposal();
    if (value == null || c.sampled || c.quorumAt == 0) {
      return;
    }
    if (c.accepts.count(Digest.of(accepted(s.number(), value))) == n()) {
      c.sampled = true;
      fastPath.sample(port.now() - c.quorumAt);
    }
  }

  @Override
  public void committed(ThreePhaseSlot slot, Port port) {
    port.stopTimer(TimerKind.COLLECTOR, slot.number());
    port.stopTimer(TimerKind.FAST_PATH, slot.number());
  }

  // ---- answers

  @Override
  public boolean onComputed(long id, Result result, Port port) {
    Job job = jobs.remove(id);
    if (job == null) {
      return proofs.onComputed(id, result, port);
    }
    ThreePhaseSlot s = engine.known(job.slot);
    if (s != null && job.view == engine.installed()) {
      done(job.step, s, window.get(job.slot), result, port);
    }
    return true;
  }

  private void done(Step step, ThreePhaseSlot s, SbftSlot c, Result result, Port port) {
    switch (result) {
      case Result.Signed made -> signed(step, s, c, made.share(), port);
      case Result.Combined made -> combined(step, s, c, made.certificate(), port);
      case Result.BadShares bad -> {
        c.combiningFast &= step != Step.FAST;
        c.combiningPrepare &= step != Step.PREPARE;
        c.combiningSlow &= step != Step.SLOW;
        c.failedFast = true;
        c.slow = true;
        for (int signer : bad.signers()) {
          (step == Step.SLOW ? c.commits : c.accepts).reject(signer);
          blacklist.strike(signer, s.number());
          String kind = step == Step.SLOW ? "CommitShare" : "SignShare";
          engine.drop(DropReason.BAD_SIGNATURE, signer, kind, port);
        }
        count(s, port);
      }
      default -> throw new IllegalStateException("not an answer to " + step);
    }
  }

  private void combined(
      Step step, ThreePhaseSlot s, SbftSlot c, Certificate certificate, Port port) {
    Digest value = s.proposal();
    PrepareCertificate p = c.certificate;
    if (value == null || c.proof != null) {
      return;
    }
    long view = engine.installed();
    switch (step) {
      case PREPARE -> {
        if (p == null) {
          c.certificate = new PrepareCertificate(view, value, certificate);
          port.broadcast(new PrepareProof(engine.instance(), view, s.number(), value, certificate));
          count(s, port);
        }
      }
      case FAST -> announce(s, c, new CommitProof(view, value, certificate, null), port);
      case SLOW -> {
        if (p != null) {
          announce(s, c, new CommitProof(view, value, p.certificate(), certificate), port);
        }
      }
      default -> throw new IllegalStateException("nothing is combined for " + step);
    }
  }

  private void announce(ThreePhaseSlot s, SbftSlot c, CommitProof proof, Port port) {
    c.announced = true;
    fastPath.finished(proof.fast());
    port.broadcast(new FullCommitProof(engine.instance(), s.number(), proof));
    proofs.commit(s, c, proof, port);
  }

  // ---- views

  /** Rule 16 a: what any of them proves is decided. */
  @Override
  public void entered(List<ViewChange> set, Port port) {
    for (long n = window.low() + 1; n <= window.high(); n++) {
      SbftSlot c = window.peek(n);
      if (c != null) {
        c.beginView();
      }
    }
    order.entered();
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
    if (c == null || !late || !order.has(s.number(), to)) {
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
    return c == null
        ? List.of()
        : c.accepts.signers(Digest.of(accepted(s.number(), value))).stream().sorted().toList();
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
