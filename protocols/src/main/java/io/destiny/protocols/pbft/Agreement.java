package io.destiny.protocols.pbft;

import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Proposal;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Invariant;
import io.destiny.core.model.Digest;
import io.destiny.protocols.threephase.SlotClaim;
import java.util.List;

/**
 * From a proposal to a decision (pbft.md §3 rules 2 to 6). Messages of a slot come in any order:
 * all are recorded, and the slot is looked at again after each.
 */
final class Agreement {
  private final PbftEngine engine;

  Agreement(PbftEngine engine) {
    this.engine = engine;
  }

  // ---- votes

  void onPrepare(int from, PbftMessage.Prepare m, Port port) {
    if (from == engine.leader(m.view())) {
      engine.drop(DropReason.WRONG_SENDER, from, m.kind(), port);
    } else if (current(from, m, port)) {
      PbftSlot s = engine.window.get(m.slot());
      voted(s, from, m, s.prepares.add(from, m.view(), m.value()), port);
    }
  }

  void onCommit(int from, PbftMessage.Commit m, Port port) {
    if (current(from, m, port)) {
      PbftSlot s = engine.window.get(m.slot());
      voted(s, from, m, s.commits.add(from, m.view(), m.value()), port);
    }
  }

  /** "Committed here" (rule 6). */
  void onDecided(int from, PbftMessage.Decided m, Port port) {
    PbftSlot s = engine.window.get(m.slot());
    voted(s, from, m, s.claims.add(from, 0, m.value()), port);
  }

  private boolean current(int from, PbftMessage m, Port port) {
    if (m.view() >= engine.installed()) {
      return true;
    }
    engine.views.lead(from, port);
    engine.drop(DropReason.WRONG_VIEW, from, m.kind(), port);
    return false;
  }

  private void voted(PbftSlot s, int from, PbftMessage m, boolean first, Port port) {
    if (!first) {
      engine.drop(DropReason.DUPLICATE, from, m.kind(), port);
      return;
    }
    advance(s, port);
    if (s.committed == null && s.proposal == null) {
      engine.repair.heard(s.slot, port);
    }
  }

  // ---- the slot

  /** Does whatever a slot is ready for. */
  void advance(PbftSlot s, Port port) {
    Digest value = s.proposal;
    if (value != null && engine.votes()) {
      if (!s.voted) {
        vote(s, value, port);
      }
      if (s.voted && !s.prepared) {
        prepare(s, value, port);
      }
    }
    if (s.committed == null) {
      commit(s, port);
    }
    decide(s, port);
  }

  /** A valid proposal is held: the composer hears of it, and it is voted for. */
  void proposed(PbftSlot s, Port port) {
    Value value = s.value;
    if (value != null && !s.told) {
      s.told = true;
      port.emit(new EngineEvent.Proposed(proposal(s, value)));
    }
    advance(s, port);
  }

  private Proposal proposal(PbftSlot s, Value value) {
    return new Proposal(engine.installed(), s.slot, value, engine.proposer());
  }

  /** PREPARE, once all that the vote rests on is in the log. */
  private void vote(PbftSlot s, Digest digest, Port port) {
    Value value = s.value;
    boolean overruled = s.committed != null && !s.committed.equals(digest);
    if (value == null || overruled || (!s.reproposed && !admitted(s, value, port))) {
      return;
    }
    accept(s, value, port);
    if (engine.proposer() != engine.settings.self()) {
      s.prepares.add(engine.settings.self(), engine.installed(), digest);
      port.broadcast(new PbftMessage.Prepare(engine.instance, engine.installed(), s.slot, digest));
    }
  }

  /** Puts a proposal into qSet, and into the log before anything that depends on it leaves. */
  void accept(PbftSlot s, Value value, Port port) {
    Invariant.check(!s.voted, "one vote a slot and view");
    s.voted = true;
    boolean isNew = engine.history.accept(s.slot, value, engine.installed());
    boolean kept = !isNew || value.digest().equals(engine.noop.digest());
    port.persist(
        List.of(
            engine.log.accepted(
                engine.installed(), s.slot, s.header, value.digest(), kept ? null : value)));
  }

  /** The gate, which re-proposals bypass (dqbft.md §4 rule 4). */
  private boolean admitted(PbftSlot s, Value value, Port port) {
    if (s.committed != null || s.rejected) {
      // It may have committed without this vote; then the gate has nothing to say any more.
      return s.committed != null;
    }
    return switch (port.admit(proposal(s, value))) {
      case DEFER -> false;
      case REJECT -> {
        s.rejected = true;
        engine.suspects(Suspicion.MISBEHAVIOUR, port);
        yield false;
      }
      case ACCEPT -> true;
    };
  }

  /** Prepared: the primary's proposal and Q-1 backups, this one included (rule 3). */
  private void prepare(PbftSlot s, Digest digest, Port port) {
    long view = engine.installed();
    if (s.prepares.count(view, digest) < engine.settings.rule().quorum() - 1) {
      return;
    }
    s.prepared = true;
    SlotClaim claim = new SlotClaim(s.slot, digest, view);
    engine.history.prepare(claim);
    port.persist(List.of(engine.log.prepared(claim)));
    s.commits.add(engine.settings.self(), view, digest);
    port.broadcast(new PbftMessage.Commit(engine.instance, view, s.slot, digest));
  }

  /**
   * Committed: Q COMMITs of one view, so that f+1 correct replicas have prepared it, or f+1 claims,
   * one of them true.
   */
  private void commit(PbftSlot s, Port port) {
    Digest digest = s.commits.agreed(engine.settings.rule().quorum());
    if (digest == null) {
      digest = s.claims.agreed(engine.settings.rule().weak());
    }
    if (digest != null) {
      s.committed = digest;
      engine.reach.touch(s.slot);
      port.persistLazily(List.of(engine.log.committed(s.slot, digest)));
      engine.proposals.release(s);
      port.emit(new EngineEvent.Committed(s.slot, digest));
    }
  }

  /** A payload that may be that of a decision. */
  void vouched(PbftSlot s, Value value, Port port) {
    if (s.decision == null && value.digest().equals(s.committed)) {
      decided(s, value, port);
    }
  }

  private void decide(PbftSlot s, Port port) {
    Digest digest = s.committed;
    if (digest == null || s.decision != null) {
      return;
    }
    Value value = engine.payload(s.slot, digest);
    if (value != null) {
      decided(s, value, port);
    } else {
      engine.repair.look(port);
    }
  }

  private void decided(PbftSlot s, Value value, Port port) {
    s.decision = value;
    if (engine.history.payload(s.slot, value.digest()) == null
        && !value.digest().equals(engine.noop.digest())) {
      port.persistLazily(List.of(engine.log.payload(s.slot, value)));
    }
    port.emit(new EngineEvent.Decided(s.slot, value));
    engine.reach.extend();
    engine.repair.arrived(s.slot, port);
    if (s.value == null && value.digest().equals(s.proposal)) {
      s.value = value;
      proposed(s, port);
    }
  }
}
