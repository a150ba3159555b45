package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.crypto.Result;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Proposal;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.Invariant;
import io.destiny.protocols.hybrid.NewView;
import java.util.List;

/**
 * This replica's votes, in increasing slots (linear-hybster.md §5 rule 3): F1 only grows, so slot s
 * is signed when certified proposals are held for every slot up to s, and slots already committed
 * are skipped. All else is out of order and parallel.
 */
final class SignQueue {
  private final OrderingEngine engine;
  private final OrderingLog log;
  private long next = 1;
  private long rejected = -1;

  SignQueue(OrderingEngine engine, OrderingLog log) {
    this.engine = engine;
    this.log = log;
  }

  void start(long first) {
    next = first;
    rejected = -1;
  }

  void skipTo(long slot) {
    next = Math.max(next, slot);
  }

  /** Signs what can be signed. */
  void run(Port port) {
    if (engine.proposer() == engine.settings.self()) {
      return;
    }
    while (next <= engine.held.end() && engine.signs()) {
      OrderingSlot s = engine.window.peek(next);
      Invariant.check(s != null && s.header != null, "held slots have proposals");
      if (s == null || (!s.committed() && !vote(s, port))) {
        return;
      }
      logHeader(s, port);
      next++;
    }
  }

  /**
   * A committed slot is not signed, but whoever signs above it must be able to show its proposal, a
   * crash later too: it is durable with the next vote's intent.
   */
  private void logHeader(OrderingSlot s, Port port) {
    OrderingMessage.Header header = s.header;
    if (header != null && !s.headerLogged) {
      s.headerLogged = true;
      port.persistLazily(List.of(log.proposal(header)));
    }
  }

  private boolean vote(OrderingSlot s, Port port) {
    Value value = s.value;
    OrderingMessage.Header header = s.header;
    if (value == null || !s.valid || header == null) {
      return false;
    }
    long view = header.view();
    if (engine.fresh(s.slot) && !admitted(s, value, port)) {
      return false;
    }
    Invariant.check(!s.signing, "one vote a slot and view");
    s.signing = true;
    s.logged = true;
    s.headerLogged = true;
    // The intent, with the payload it refers to, is durable before the counter moves
    // (trusted-subsystem.md §7).
    port.persist(List.of(log.intent(view, s.slot, header, value)));
    engine.call(s, value.digest(), false, port);
    return true;
  }

  /** The vote gate, which re-proposals bypass (dqbft.md §4 rule 4). */
  private boolean admitted(OrderingSlot s, Value value, Port port) {
    return switch (port.admit(new Proposal(engine.installed(), s.slot, value, engine.proposer()))) {
      case DEFER -> false;
      case REJECT -> {
        if (rejected != s.slot) {
          rejected = s.slot;
          engine.suspects(Suspicion.MISBEHAVIOUR, port);
        }
        yield false;
      }
      case ACCEPT -> true;
    };
  }

  /** The trusted subsystem has signed. */
  void signed(OrderingSlot s, Result.Certified answer, Port port) {
    OrderingMessage.Header header = s.header;
    if (header == null) {
      return;
    }
    OrderingMessage.Header own =
        OrderingMessage.Header.of(header.view(), s.slot, header.value(), NewView.Signed.of(answer));
    s.own = own;
    port.persistLazily(List.of(log.certificate(own)));
    if (!s.committed()) {
      engine.votes.vote(s, port);
    }
  }
}
