package io.destiny.protocols.sbft;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Port;
import io.destiny.core.kit.Blacklist;
import io.destiny.core.kit.SlotWindow;
import io.destiny.core.machine.DropReason;
import io.destiny.protocols.sbft.SbftMessage.FullCommitProof;
import io.destiny.protocols.sbft.SbftMessage.PrepareProof;
import io.destiny.protocols.threephase.ThreePhaseEngine;
import io.destiny.protocols.threephase.ThreePhaseSlot;
import java.util.List;

/** PREPAREs and commit proofs of others, and what is committed by them (sbft.md §4 rules 5, 7). */
final class Proofs {
  private final ThreePhaseEngine engine;
  private final Statements statements;
  private final SlotWindow<SbftSlot> window;
  private final SbftLog log;
  private final Collecting votes;

  /** Who sent what does not verify. */
  private final Blacklist forgers;

  Proofs(Collecting votes, ThreePhaseEngine engine, SlotWindow<SbftSlot> window, SbftLog log) {
    this.votes = votes;
    this.engine = engine;
    this.window = window;
    this.log = log;
    this.statements = new Statements(engine.settings().domain(), engine.instance());
    this.forgers = new Blacklist(engine.settings().n());
  }

  /** Of the view entered last. */
  void onPrepareProof(int from, PrepareProof m, Port port) {
    SbftSlot c = window.get(m.slot());
    if (c.certificate != null || c.proof != null) {
      port.drop(DropReason.DUPLICATE, from, m.kind());
    } else if (forgers.contains(from, m.slot())) {
      port.drop(DropReason.BAD_SIGNATURE, from, m.kind());
    } else if (m.certificate().count() < engine.settings().rule().quorum()) {
      port.drop(DropReason.INVALID, from, m.kind());
    } else if (c.checkingCertificate) {
      port.drop(DropReason.FULL, from, m.kind());
    } else {
      c.checkingCertificate = true;
      Work work =
          Statements.verify(statements.accepted(m.view(), m.slot(), m.value()), m.certificate());
      engine
          .jobs()
          .compute(
              work,
              port,
              (result, turn) -> certified(from, m, ((Result.Verdict) result).valid(), turn));
    }
  }

  private void certified(int from, PrepareProof m, boolean valid, Port port) {
    SbftSlot c = window.peek(m.slot());
    if (c == null || m.view() != engine.installed()) {
      return;
    }
    c.checkingCertificate = false;
    if (!valid) {
      forgers.strike(from, m.slot());
      port.drop(DropReason.BAD_SIGNATURE, from, m.kind());
    } else if (c.certificate == null) {
      c.certificate = new PrepareCertificate(m.view(), m.value(), m.certificate());
      ThreePhaseSlot s = engine.slot(m.slot());
      engine.heard(s, port);
      votes.count(s, port);
    }
  }

  /** Rule 7: of any view. */
  void onProof(int from, FullCommitProof m, Port port) {
    SbftSlot c = window.get(m.slot());
    if (c.proof != null) {
      port.drop(DropReason.DUPLICATE, from, m.kind());
    } else if (forgers.contains(from, m.slot())) {
      // It sent one that does not verify, and checks are dear; a correct replica has it too.
      port.drop(DropReason.BAD_SIGNATURE, from, m.kind());
    } else if (!m.proof().wellFormed(engine.settings().rule())) {
      port.drop(DropReason.INVALID, from, m.kind());
    } else if (c.checking == null) {
      check(from, m, c, port);
    } else if (c.spare == null) {
      c.spare = m;
      c.spareFrom = from;
    } else {
      port.drop(DropReason.FULL, from, m.kind());
    }
  }

  private void check(int from, FullCommitProof m, SbftSlot c, Port port) {
    c.checking = m;
    Work work = new Work.All(m.proof().proofs(statements, m.slot()));
    engine
        .jobs()
        .compute(
            work, port, (result, turn) -> proven(from, m, ((Result.Verdict) result).valid(), turn));
  }

  private void proven(int from, FullCommitProof m, boolean valid, Port port) {
    SbftSlot c = window.peek(m.slot());
    if (c == null) {
      return;
    }
    c.checking = null;
    FullCommitProof spare = c.spare;
    c.spare = null;
    if (valid) {
      commit(engine.slot(m.slot()), c, m.proof(), port);
      return;
    }
    forgers.strike(from, m.slot());
    port.drop(DropReason.BAD_SIGNATURE, from, m.kind());
    if (spare != null && c.proof == null) {
      check(c.spareFrom, spare, c, port);
    }
  }

  void commit(ThreePhaseSlot s, SbftSlot c, CommitProof proof, Port port) {
    record(s, c, proof, port);
    engine.advance(s, port);
  }

  void record(ThreePhaseSlot s, SbftSlot c, CommitProof proof, Port port) {
    if (c.proof == null) {
      c.proof = proof;
      port.persistLazily(List.of(log.committed(s.number(), proof)));
      engine.committed(s, proof.value(), port);
    }
  }

  // ---- repair

  /** Shows a peer that the slot is committed, if it is; how many bytes that was. */
  int show(ThreePhaseSlot s, int to, Port port) {
    SbftSlot c = window.peek(s.number());
    CommitProof proof = c == null ? null : c.proof;
    if (proof == null) {
      return 0;
    }
    FullCommitProof message = new FullCommitProof(engine.instance(), s.number(), proof);
    port.send(to, message);
    return message.wireSize();
  }
}
