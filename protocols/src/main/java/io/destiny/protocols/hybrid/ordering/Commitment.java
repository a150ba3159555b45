package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.Invariant;
import io.destiny.core.machine.TimerKind;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Header;
import io.destiny.protocols.hybrid.ordering.OrderingSlot.Candidate;
import java.util.List;

/** A slot is committed by a certificate, and decided once its payload is held (§5 rule 5). */
final class Commitment {
  private final OrderingEngine engine;

  Commitment(OrderingEngine engine) {
    this.engine = engine;
  }

  /** The slot is committed; the certificate was verified. */
  void committed(OrderingSlot s, CommitCertificate commit, Port port) {
    if (s.committed()) {
      Invariant.check(
          commit.value().equals(s.committedDigest()), "L1: no two commits of one slot differ");
      return;
    }
    s.commit = commit;
    s.spare = null;
    engine.changer.seen(commit.view(), port);
    engine.reach.touch(s.slot);
    port.persistLazily(List.of(engine.log.commit(commit)));
    port.stopTimer(TimerKind.COLLECTOR, s.slot);
    engine.own.release(s.slot);
    port.emit(new EngineEvent.Committed(s.slot, commit.value()));
    if (s.value != null && !s.value.digest().equals(commit.value())) {
      s.value = null;
    }
    Candidate c = s.candidate;
    if (c != null && c.value != null && c.value.digest().equals(commit.value())) {
      // The commit vouches for the payload: the client signatures need no check here.
      engine.jobs.cancel(c.valueJob, port);
      vouched(s, c.value, port);
    } else if (s.stash != null && s.stash.digest().equals(commit.value())) {
      vouched(s, s.stash, port);
    } else {
      decide(s, port);
    }
    s.stash = null;
    engine.signer.run(port);
    engine.fetching.look(port);
  }

  /** The payload of a committed slot, which needs no check of its own. */
  void vouched(OrderingSlot s, Value value, Port port) {
    if (s.value == null) {
      s.value = value;
      s.valid = true;
      if (s.candidate != null) {
        s.candidate.value = null;
        s.candidate = s.candidate.certified ? null : s.candidate;
      }
    }
    decide(s, port);
  }

  /** Decides the slot if that was not done and all that it takes is held. */
  void decide(OrderingSlot s, Port port) {
    CommitCertificate commit = s.commit;
    Value value = s.value;
    if (s.decided || commit == null || value == null) {
      return;
    }
    Invariant.check(
        value.digest().equals(commit.value()),
        "what is held of a committed slot is what committed");
    s.decided = true;
    if (!s.logged) {
      s.logged = true;
      Header header = s.header;
      boolean same = header != null && header.value().equals(commit.value());
      s.headerLogged |= same;
      port.persistLazily(
          List.of(engine.log.payload(commit.view(), s.slot, same ? header : null, value)));
    }
    port.emit(new EngineEvent.Decided(s.slot, value));
    engine.reach.extend();
    engine.fetching.arrived(s.slot, port);
  }
}
