package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Proposal;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.engine.Validity;
import io.destiny.core.engine.Value;
import io.destiny.core.kit.EarlyProposals;
import io.destiny.core.machine.DropReason;
import io.destiny.core.model.Digest;
import io.destiny.core.trusted.Counters;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Forward;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Header;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Prepare;
import io.destiny.protocols.hybrid.ordering.OrderingSlot.Candidate;
import org.jspecify.annotations.Nullable;

/**
 * Proposals of others (linear-hybster.md §5 rule 2): from the leader or passed on, checked, and
 * taken up as their slots' proposals.
 */
final class ProposalIntake {
  private final OrderingEngine engine;

  /** Proposals of a view whose NEW-VIEW is still being checked; its leader's alone. */
  private final EarlyProposals<Prepare> early = new EarlyProposals<>();

  ProposalIntake(OrderingEngine engine) {
    this.engine = engine;
  }

  void onPrepare(int from, Prepare m, Port port) {
    boolean early = m.view() > engine.installed() && m.view() >= engine.view();
    if (early && from == engine.leader(m.view())) {
      keepEarly(m, port);
    } else if (early || m.view() != engine.view()) {
      if (m.view() < engine.installed()) {
        engine.lead(from, port);
      }
      port.drop(DropReason.WRONG_VIEW, from, m.kind());
    } else if (from != engine.primary()) {
      port.drop(DropReason.WRONG_SENDER, from, m.kind());
    } else {
      offer(engine.window.get(m.slot()), m.header(), m.value(), from, port);
    }
  }

  /**
   * A proposal of a view that is not entered yet; its NEW-VIEW comes before it. Those of one view
   * and window are kept, the present view's before later ones.
   */
  private void keepEarly(Prepare m, Port port) {
    if (m.view() != engine.view() && early.view() == engine.view()) {
      port.drop(DropReason.WRONG_VIEW, engine.leader(m.view()), m.kind());
    } else {
      early.keep(m.view(), m.slot(), m);
    }
  }

  /** A view was left: what came early for it is of no use. */
  void left() {
    early.clear();
  }

  /** A view was entered: what came early for it is looked at now. */
  void entered(Port port) {
    for (Prepare m : early.take(engine.installed(), engine.window)) {
      onPrepare(engine.proposer(), m, port);
    }
  }

  /** A proposal passed on: its certificate decides, or the commit that vouches for its payload. */
  void onForward(int from, Forward m, Port port) {
    OrderingSlot s = engine.window.get(m.slot());
    Value value = m.value();
    if (value != null && value.digest().equals(s.committedDigest())) {
      engine.commitment.vouched(s, value, port);
    } else if (value != null && s.checking != null && s.stash == null) {
      s.stash = value;
    }
    if (m.view() == engine.installed() && !engine.entered()) {
      // The view was left: what was signed for must be shown, and no more is asked.
      if (m.slot() <= spokenBefore()) {
        offer(s, m.header(), null, from, port);
      }
    } else if (m.view() != engine.installed()) {
      if (!s.committed()) {
        port.drop(DropReason.WRONG_VIEW, from, m.kind());
      }
    } else if (s.header == null || !s.decided) {
      offer(s, m.header(), value, from, port);
    }
  }

  /** The last slot that this replica signed in the view entered last, which it has left. */
  private long spokenBefore() {
    long origin = engine.changer.origin();
    return Counters.view(origin) == engine.installed() ? Counters.slot(origin) : 0;
  }

  private void offer(OrderingSlot s, Header header, @Nullable Value value, int from, Port port) {
    boolean own = engine.own.has(s.slot);
    if (own || (s.header != null && !s.header.value().equals(header.value()))) {
      // Uniqueness: a second certificate for (v, s) with another digest cannot be valid.
      port.drop(own ? DropReason.DUPLICATE : DropReason.INVALID, from, "Prepare");
      return;
    }
    Candidate waiting = s.candidate;
    if (waiting != null) {
      boolean fromLeader = from == engine.proposer() && waiting.from != engine.proposer();
      if (!fromLeader || waiting.certified) {
        port.drop(DropReason.DUPLICATE, from, "Prepare");
        return;
      }
      cancel(waiting, port);
      s.candidate = null;
    }
    if (s.header != null && (value == null || s.value != null)) {
      port.drop(DropReason.DUPLICATE, from, "Prepare");
      return;
    }
    Candidate c = new Candidate(header, value, from);
    if (value != null && !check(s, c, value, port)) {
      return;
    }
    s.candidate = c;
    if (s.header != null) {
      c.certified = true;
      settle(s, port);
    } else {
      Work work =
          new Work.VerifyAttestation(
              engine.proposer(),
              engine.statements.call(s, header.view(), header.value()),
              header.attestation());
      c.certificateJob =
          engine.jobs.compute(
              work, port, (result, turn) -> certificateChecked(s, c, valid(result), turn));
    }
  }

  /** What is being checked of a candidate is of no use any more. */
  void cancel(Candidate c, Port port) {
    engine.jobs.cancel(c.certificateJob, port);
    engine.jobs.cancel(c.valueJob, port);
  }

  /** Begins the deterministic checks of a payload; false if it failed already. */
  private boolean check(OrderingSlot s, Candidate c, Value value, Port port) {
    if (value.digest().equals(s.committedDigest())) {
      c.valueValid = true;
      return true;
    }
    switch (port.validate(value)) {
      case Validity.Valid v -> c.valueValid = true;
      case Validity.Invalid invalid -> {
        port.drop(invalid.reason(), c.from, "Prepare");
        return false;
      }
      case Validity.Depends depends -> {
        c.valueJob =
            engine.jobs.compute(
                depends.work(), port, (result, turn) -> valueChecked(s, c, valid(result), turn));
      }
    }
    return true;
  }

  private static boolean valid(Result result) {
    return ((Result.Verdict) result).valid();
  }

  private void certificateChecked(OrderingSlot s, Candidate c, boolean valid, Port port) {
    if (!engine.holds(s) || s.candidate != c) {
      return;
    }
    if (valid) {
      c.certified = true;
      settle(s, port);
    } else {
      engine.jobs.cancel(c.valueJob, port);
      s.candidate = null;
      port.drop(DropReason.BAD_SIGNATURE, c.from, "Prepare");
    }
  }

  private void valueChecked(OrderingSlot s, Candidate c, boolean valid, Port port) {
    if (!engine.holds(s) || s.candidate != c || c.value == null) {
      return;
    }
    if (valid) {
      c.valueValid = true;
      settle(s, port);
      return;
    }
    port.drop(DropReason.INVALID, c.from, "Prepare");
    c.value = null;
    if (c.from == engine.proposer()) {
      engine.suspects(Suspicion.MISBEHAVIOUR, port);
    }
    settle(s, port);
  }

  /** A candidate whose certificate and payload are good becomes the slot's proposal. */
  private void settle(OrderingSlot s, Port port) {
    Candidate c = s.candidate;
    if (c == null || !c.certified) {
      return;
    }
    if (s.header == null) {
      s.header = c.header;
      engine.votes.proposed(s);
      engine.reach.touch(s.slot);
      engine.held.extend();
    }
    Value value = c.value;
    Digest committed = s.committedDigest();
    boolean overruled = value != null && committed != null && !committed.equals(value.digest());
    if (value == null || s.value != null || overruled) {
      // Overruled: a later view has committed another value; only the certificate is of use.
      s.candidate = null;
    } else if (c.valueValid) {
      s.candidate = null;
      s.value = value;
      s.valid = true;
      port.emit(
          new EngineEvent.Proposed(
              new Proposal(engine.installed(), s.slot, value, engine.proposer())));
      engine.commitment.decide(s, port);
    }
    engine.signer.run(port);
    engine.votes.count(s, port);
    engine.fetching.look(port);
  }
}
