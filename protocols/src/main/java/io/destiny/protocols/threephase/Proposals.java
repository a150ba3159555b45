package io.destiny.protocols.threephase;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.engine.Validity;
import io.destiny.core.engine.Value;
import io.destiny.core.kit.EarlyProposals;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Invariant;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.StatementKind;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** PRE-PREPAREs, the own ones and those of others (pbft.md §3 rules 1 and 2). */
final class Proposals {
  private final ThreePhaseEngine engine;

  /** Proposals of one view that is not entered yet, its primary's alone. */
  private final EarlyProposals<ThreePhaseMessage.PrePrepare> early = new EarlyProposals<>();

  Proposals(ThreePhaseEngine engine) {
    this.engine = engine;
  }

  // ---- the own ones

  OptionalLong propose(Value value, Port port) {
    if (!engine.leading() || engine.own.full()) {
      return OptionalLong.empty();
    }
    ThreePhaseSlot s = engine.window.get(engine.own.takeNext());
    Invariant.check(s.proposal == null, "a primary proposes once in a slot");
    long view = engine.installed();
    engine.jobs.compute(
        new Work.SignReplica(statement(view, s.slot, value.digest())),
        port,
        (result, turn) -> {
          if (current(view, s)
              && s.proposal == null
              && result instanceof Result.Signature signature) {
            signed(s, value, signature.bytes(), turn);
          }
        });
    return OptionalLong.of(s.slot);
  }

  private byte[] statement(long view, long slot, Digest value) {
    return engine
        .settings
        .domain()
        .begin(StatementKind.PRE_PREPARE, engine.instance, view, slot)
        .digest(value)
        .toBytes();
  }

  private void signed(ThreePhaseSlot s, Value value, byte[] signature, Port port) {
    s.header = new ThreePhaseMessage.Header(engine.installed(), s.slot, value.digest(), signature);
    s.proposal = value.digest();
    s.value = value;
    engine.reach.touch(s.slot);
    engine.agreement.accept(s, value, port);
    port.broadcast(new ThreePhaseMessage.PrePrepare(engine.instance, s.header, value));
    engine.voting.cast(s, port);
    engine.agreement.proposed(s, port);
  }

  // ---- those of others

  void onPrePrepare(int from, ThreePhaseMessage.PrePrepare m, Port port) {
    long view = engine.view();
    if (from != engine.leader(m.view()) || from == engine.settings.self()) {
      port.drop(DropReason.WRONG_SENDER, from, m.kind());
    } else if (m.view() > view || (m.view() == view && !engine.entered())) {
      keepEarly(m);
    } else if (m.view() < view) {
      if (m.view() < engine.installed()) {
        engine.views.lead(from, port);
      }
      port.drop(DropReason.WRONG_VIEW, from, m.kind());
    } else if (engine.entered()) {
      offer(from, m, port);
    }
  }

  /** The NEW-VIEW comes before them. Those of one view and window are kept, the lowest first. */
  private void keepEarly(ThreePhaseMessage.PrePrepare m) {
    if (early.view() < engine.view() || early.view() >= m.view()) {
      early.keep(m.view(), m.slot(), m);
    }
  }

  /** A view was entered: what came early for it is looked at now. */
  void entered(Port port) {
    for (ThreePhaseMessage.PrePrepare m : early.take(engine.installed(), engine.window)) {
      onPrePrepare(engine.proposer(), m, port);
    }
  }

  private void offer(int from, ThreePhaseMessage.PrePrepare m, Port port) {
    ThreePhaseSlot s = engine.window.get(m.slot());
    if (!engine.fresh(m.slot())) {
      port.drop(DropReason.INVALID, from, m.kind());
      return;
    }
    engine.agreement.vouched(s, m.value(), port);
    Digest digest = m.header().value();
    ThreePhaseSlot.Candidate waiting = s.candidate;
    boolean other =
        (s.proposal != null && !s.proposal.equals(digest))
            || (waiting != null && waiting.from == from && !waiting.header.value().equals(digest));
    if (other) {
      // Rule 2: the first is kept.
      port.drop(DropReason.INVALID, from, m.kind());
      engine.suspects(Suspicion.MISBEHAVIOUR, port);
    } else if (s.proposal != null) {
      if (s.value != null || s.checking) {
        port.drop(DropReason.DUPLICATE, from, m.kind());
      } else {
        checkValue(s, m.value(), from, port);
      }
    } else if (waiting != null && waiting.value != null) {
      port.drop(DropReason.DUPLICATE, from, m.kind());
    } else {
      check(s, new ThreePhaseSlot.Candidate(m.header(), m.value(), from), port);
    }
  }

  /** A header that somebody passes on: its signature decides. */
  void onForward(int from, ThreePhaseMessage.Forward m, Port port) {
    ThreePhaseSlot s = engine.window.get(m.slot());
    if (m.view() != engine.view() || !engine.entered()) {
      port.drop(DropReason.WRONG_VIEW, from, m.kind());
    } else if (s.proposal != null || s.candidate != null || engine.own.has(s.slot)) {
      port.drop(DropReason.DUPLICATE, from, m.kind());
    } else if (engine.fresh(m.slot())) {
      check(s, new ThreePhaseSlot.Candidate(m.header(), null, from), port);
    }
  }

  private void check(ThreePhaseSlot s, ThreePhaseSlot.Candidate c, Port port) {
    ThreePhaseMessage.Header h = c.header;
    List<Work> all = new ArrayList<>(2);
    all.add(
        new Work.VerifyReplica(
            engine.leader(h.view()), statement(h.view(), h.slot(), h.value()), h.signature()));
    if (c.value != null) {
      switch (port.validate(c.value)) {
        case Validity.Valid v -> {}
        case Validity.Depends d -> all.add(d.work());
        case Validity.Invalid i -> {
          refused(c, i.reason(), port);
          return;
        }
      }
    }
    s.candidate = c;
    engine.jobs.compute(
        new Work.All(all),
        port,
        (result, turn) -> {
          if (current(h.view(), s) && s.candidate == c) {
            s.candidate = null;
            if (valid(result)) {
              taken(s, c, turn);
            } else {
              refused(c, DropReason.BAD_SIGNATURE, turn);
            }
          }
        });
  }

  /** What comes over the primary's own link is the primary's. */
  private void refused(ThreePhaseSlot.Candidate c, DropReason reason, Port port) {
    port.drop(reason, c.from, c.value == null ? "Forward" : "PrePrepare");
    if (c.from == engine.leader(c.header.view()) && c.value != null) {
      engine.suspects(Suspicion.MISBEHAVIOUR, port);
    }
  }

  /** FETCH-REPLY to the payload of a proposal. */
  void onPayload(int from, ThreePhaseSlot s, Value value, Port port) {
    if (s.value == null && !s.checking && value.digest().equals(s.proposal)) {
      checkValue(s, value, from, port);
    }
  }

  private void checkValue(ThreePhaseSlot s, Value value, int from, Port port) {
    // By A2 of rule 13 a correct replica has found the payload of a re-proposal valid.
    Validity validity = s.reproposed ? new Validity.Valid() : port.validate(value);
    switch (validity) {
      case Validity.Valid v -> {
        s.value = value;
        engine.agreement.proposed(s, port);
      }
      case Validity.Depends d -> {
        s.checking = true;
        long view = engine.installed();
        engine.jobs.compute(
            d.work(),
            port,
            (result, turn) -> {
              if (current(view, s)) {
                valueChecked(s, value, valid(result), turn);
              }
            });
      }
      case Validity.Invalid i -> port.drop(i.reason(), from, "Payload");
    }
  }

  // ---- answers

  /** Whether a job's slot is still in the window, and its view the present one. */
  private boolean current(long view, ThreePhaseSlot s) {
    return engine.window.peek(s.slot) == s && view == engine.installed() && engine.entered();
  }

  private static boolean valid(Result result) {
    return result instanceof Result.Verdict v && v.valid();
  }

  /** A payload that came apart from its header. */
  private void valueChecked(ThreePhaseSlot s, Value value, boolean valid, Port port) {
    s.checking = false;
    if (valid && s.value == null) {
      s.value = value;
      engine.agreement.proposed(s, port);
    } else if (!valid) {
      // Its header is signed, and whoever has this digest has this payload.
      engine.suspects(Suspicion.MISBEHAVIOUR, port);
    }
  }

  private void taken(ThreePhaseSlot s, ThreePhaseSlot.Candidate c, Port port) {
    s.header = c.header;
    s.proposal = c.header.value();
    s.value = c.value;
    engine.reach.touch(s.slot);
    engine.agreement.proposed(s, port);
    engine.fetching.look(port);
  }
}
