package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.crypto.Result;
import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Proposal;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.Invariant;
import io.destiny.protocols.hybrid.NewView;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Header;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Prepare;
import java.util.List;
import java.util.OptionalLong;

/** What this replica proposes as the leader (linear-hybster.md §5 rule 1). */
final class OwnProposals {
  private final OrderingEngine engine;

  /** A view in which this replica, its leader, can propose no more (§5 rule 1). */
  private long silenced = -1;

  OwnProposals(OrderingEngine engine) {
    this.engine = engine;
  }

  /** Whether the present view is one to propose no more in. */
  boolean silenced() {
    return silenced == engine.view();
  }

  /** From now on nothing is proposed in the present view. */
  void silence() {
    silenced = engine.view();
  }

  OptionalLong propose(Value value, Port port) {
    if (!engine.leading() || engine.own.full()) {
      return OptionalLong.empty();
    }
    OrderingSlot s = engine.window.get(engine.own.takeNext());
    Invariant.check(!s.signing && s.value == null, "a leader proposes once in a slot");
    s.value = value;
    s.valid = true;
    s.signing = true;
    s.logged = true;
    engine.reach.touch(s.slot);
    long view = engine.installed();
    port.persist(List.of(engine.log.intent(view, s.slot, null, value)));
    engine.call(s, value.digest(), true, port);
    return OptionalLong.of(s.slot);
  }

  /** The trusted subsystem has signed. */
  void signed(OrderingSlot s, Result.Certified answer, Port port) {
    Value value = s.value;
    if (value == null) {
      return;
    }
    long view = engine.installed();
    Header header = Header.of(view, s.slot, value.digest(), NewView.Signed.of(answer));
    s.header = header;
    s.own = header;
    engine.votes.proposed(s);
    port.persistLazily(List.of(engine.log.certificate(header)));
    if (s.committed()) {
      // It was asked for again after a restart, to be shown to whoever needs it.
      engine.held.extend();
      return;
    }
    port.broadcast(new Prepare(engine.instance, header, value));
    engine.held.extend();
    port.emit(new EngineEvent.Proposed(new Proposal(view, s.slot, value, engine.settings.self())));
    engine.votes.voted(s, port);
  }
}
