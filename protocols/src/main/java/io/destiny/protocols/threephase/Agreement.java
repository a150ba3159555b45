package io.destiny.protocols.threephase;

import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Proposal;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.Invariant;
import io.destiny.core.model.Digest;
import java.util.List;

/**
 * From a proposal to a decision, but for the votes (pbft.md §3 rules 2 to 6, sbft.md §4). Messages
 * of a slot come in any order: all are recorded, and the slot is looked at again after each.
 */
final class Agreement {
  private final ThreePhaseEngine engine;

  Agreement(ThreePhaseEngine engine) {
    this.engine = engine;
  }

  /** Does whatever a slot is ready for. */
  void advance(ThreePhaseSlot s, Port port) {
    if (s.proposal != null && !s.voted && engine.votes()) {
      vote(s, port);
    }
    engine.voting.count(s, port);
    decide(s, port);
  }

  /** A valid proposal is held: the composer hears of it, and it is voted for. */
  void proposed(ThreePhaseSlot s, Port port) {
    Value value = s.value;
    if (value != null && !s.told && !s.overruled()) {
      s.told = true;
      port.emit(new EngineEvent.Proposed(proposal(s, value)));
    }
    advance(s, port);
  }

  private Proposal proposal(ThreePhaseSlot s, Value value) {
    return new Proposal(engine.installed(), s.slot, value, engine.proposer());
  }

  /** The first vote, once all that it rests on is in the log. */
  private void vote(ThreePhaseSlot s, Port port) {
    Value value = s.value;
    if (value == null || s.overruled() || (!s.reproposed && !admitted(s, value, port))) {
      return;
    }
    accept(s, value, port);
    engine.voting.cast(s, port);
  }

  /** Puts a proposal into qSet, and into the log before anything that depends on it leaves. */
  void accept(ThreePhaseSlot s, Value value, Port port) {
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
  private boolean admitted(ThreePhaseSlot s, Value value, Port port) {
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

  /**
   * The slot is committed for good: by a quorum's votes, or by what others show. The caller sees to
   * the log.
   */
  void committed(ThreePhaseSlot s, Digest digest, Port port) {
    if (s.committed != null) {
      Invariant.check(s.committed.equals(digest), "I1: no two commitments of one slot differ");
      return;
    }
    s.committed = digest;
    engine.reach.touch(s.slot);
    engine.own.release(s.slot);
    engine.voting.committed(s, port);
    port.emit(new EngineEvent.Committed(s.slot, digest));
  }

  /** A payload that may be that of a decision. */
  void vouched(ThreePhaseSlot s, Value value, Port port) {
    if (s.decision == null && value.digest().equals(s.committed)) {
      decided(s, value, port);
    }
  }

  private void decide(ThreePhaseSlot s, Port port) {
    Digest digest = s.committed;
    if (digest == null || s.decision != null) {
      return;
    }
    Value value = engine.payload(s.slot, digest);
    if (value != null) {
      decided(s, value, port);
    } else {
      engine.fetching.look(port);
    }
  }

  private void decided(ThreePhaseSlot s, Value value, Port port) {
    s.decision = value;
    if (engine.history.payload(s.slot, value.digest()) == null
        && !value.digest().equals(engine.noop.digest())) {
      port.persistLazily(List.of(engine.log.payload(s.slot, value)));
    }
    port.emit(new EngineEvent.Decided(s.slot, value));
    engine.reach.extend();
    engine.fetching.arrived(s.slot, port);
    if (s.value == null && value.digest().equals(s.proposal)) {
      s.value = value;
      proposed(s, port);
    }
  }
}
