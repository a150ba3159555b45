package io.destiny.protocols.sbft;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Port;
import io.destiny.core.kit.Blacklist;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.protocols.sbft.SbftMessage.FullCommitProof;
import io.destiny.protocols.sbft.SbftMessage.PrepareProof;
import io.destiny.protocols.threephase.ThreePhaseEngine;
import io.destiny.protocols.threephase.ThreePhaseSlot;

/** A replica as C-collector: what shares are combined, and when (sbft.md §4 rules 3, 4, 6; §7). */
final class Collector {
  private enum Step {
    FAST,
    PREPARE,
    SLOW
  }

  private final Collecting votes;
  private final ThreePhaseEngine engine;
  private final Statements statements;
  private final Proofs proofs;

  /** Who sent bad shares. */
  private final Blacklist blacklist;

  private final FastPath fastPath;

  Collector(Collecting votes, ThreePhaseEngine engine, Proofs proofs) {
    this.votes = votes;
    this.engine = engine;
    this.proofs = proofs;
    this.statements = new Statements(engine.settings().domain(), engine.instance());
    this.blacklist = new Blacklist(engine.settings().n());
    // After T_col voters turn to other collectors, so that it makes no sense to wait longer.
    this.fastPath = new FastPath(engine.settings().tuning().collectorDelay());
  }

  private int n() {
    return engine.settings().n();
  }

  private int quorum() {
    return engine.settings().rule().quorum();
  }

  /** Rules 3, 4 and 6: whatever the shares for the slot's proposal suffice for. */
  void count(ThreePhaseSlot s, SbftSlot c, Digest value, Port port) {
    int shares = c.accepts.count(value);
    if (shares == n() && !c.combiningFast && !c.failedFast) {
      c.combiningFast = true;
      sample(s, c, port);
      port.stopTimer(TimerKind.FAST_PATH, s.number());
      combine(Step.FAST, s, c, value, port);
    }
    if (shares >= quorum()) {
      await(s.number(), c, value, port);
      if (c.slow && c.certificate == null && !c.combiningPrepare) {
        c.combiningPrepare = true;
        combine(Step.PREPARE, s, c, value, port);
      }
    }
    PrepareCertificate p = c.certificate;
    boolean prepared = p != null && p.value().equals(value);
    if (prepared && c.commits.count(value) >= quorum() && !c.combiningSlow) {
      c.combiningSlow = true;
      combine(Step.SLOW, s, c, value, port);
    }
  }

  private void combine(Step step, ThreePhaseSlot s, SbftSlot c, Digest value, Port port) {
    long view = engine.installed();
    long slot = s.number();
    byte[] signed =
        step == Step.SLOW
            ? statements.prepared(view, slot, value)
            : statements.accepted(view, slot, value);
    Work work =
        new Work.Combine(
            KeyPurpose.EXECUTION,
            signed,
            (step == Step.SLOW ? c.commits : c.accepts).on(value, blacklist, slot),
            step == Step.FAST ? n() : quorum());
    engine
        .jobs()
        .compute(
            work,
            port,
            (result, turn) -> {
              if (engine.known(slot) == s && view == engine.installed()) {
                answered(step, s, c, result, turn);
              }
            });
  }

  /** T_fast begins, or is none: where somebody is known for bad shares as well. */
  private void await(long slot, SbftSlot c, Digest value, Port port) {
    if (c.quorumAt != 0) {
      return;
    }
    c.quorumAt = Math.max(1, port.now());
    boolean doubtful = c.accepts.signers(value).stream().anyMatch(i -> blacklist.contains(i, slot));
    c.failedFast |= doubtful;
    long delay = doubtful ? 0 : fastPath.delay(port.now() - c.waitingSince);
    c.slow |= delay == 0;
    if (!c.slow && !c.combiningFast) {
      port.startTimer(TimerKind.FAST_PATH, slot, delay);
    }
  }

  /** If the last share is here, in time or not, it is known how long it took. */
  void sample(ThreePhaseSlot s, SbftSlot c, Port port) {
    Digest value = s.proposal();
    if (value != null && !c.sampled && c.quorumAt != 0 && c.accepts.count(value) == n()) {
      c.sampled = true;
      fastPath.sample(port.now() - c.quorumAt);
    }
  }

  private void answered(Step step, ThreePhaseSlot s, SbftSlot c, Result result, Port port) {
    switch (result) {
      case Result.Combined made -> combined(step, s, c, made.certificate(), port);
      case Result.BadShares bad -> bad(step, s, c, bad, port);
      default -> throw new IllegalStateException("not an answer to a combination");
    }
  }

  private void bad(Step step, ThreePhaseSlot s, SbftSlot c, Result.BadShares bad, Port port) {
    c.combiningFast &= step != Step.FAST;
    c.combiningPrepare &= step != Step.PREPARE;
    c.combiningSlow &= step != Step.SLOW;
    c.failedFast = true;
    c.slow = true;
    for (int signer : bad.signers()) {
      (step == Step.SLOW ? c.commits : c.accepts).reject(signer);
      blacklist.strike(signer, s.number());
      String kind = step == Step.SLOW ? "CommitShare" : "SignShare";
      port.drop(DropReason.BAD_SIGNATURE, signer, kind);
    }
    votes.count(s, port);
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
          votes.count(s, port);
        }
      }
      case FAST -> announce(s, c, new CommitProof(view, value, certificate, null), port);
      case SLOW -> {
        if (p != null) {
          announce(s, c, new CommitProof(view, value, p.certificate(), certificate), port);
        }
      }
    }
  }

  private void announce(ThreePhaseSlot s, SbftSlot c, CommitProof proof, Port port) {
    c.announced = true;
    fastPath.finished(proof.fast());
    port.broadcast(new FullCommitProof(engine.instance(), s.number(), proof));
    proofs.commit(s, c, proof, port);
  }
}
