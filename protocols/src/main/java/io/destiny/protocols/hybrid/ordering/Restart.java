package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Proposal;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.trusted.Counters;
import io.destiny.protocols.hybrid.NewView;
import io.destiny.protocols.hybrid.ViewChanger;
import java.util.List;

/** Takes up an instance as the log and the trusted counters show it; made for one start. */
final class Restart {
  private final OrderingEngine engine;

  Restart(OrderingEngine engine) {
    this.engine = engine;
  }

  void run(List<LogRecord> records, Input.CounterValues counters, long stableSlot, Port port) {
    engine.window.advance(stableSlot);
    engine.votes.advance(stableSlot);
    engine.counter.start(counters.read(engine.instance, Counters.ORDER));
    restore(records);
    engine.reach.find();
    engine.held.restart();
    NewView.Content entered = engine.changer.content();
    long highestIntent = engine.log.highestIntent();
    long spoken = engine.counter.spoken(engine.installed());
    long max = entered == null ? stableSlot : entered.max();
    engine.own.start(Math.max(Math.max(spoken, highestIntent), Math.max(stableSlot, max)) + 1);
    engine.signer.start(Math.max(Math.max(spoken, highestIntent), stableSlot) + 1);
    engine.advance(stableSlot);
    engine.views.tell(port);
    for (long n = stableSlot + 1; n <= engine.highest(); n++) {
      OrderingSlot s = engine.window.peek(n);
      if (s != null) {
        resume(s, port);
      }
    }
    engine.held.extend();
    engine.changer.resume(port);
    engine.signer.run(port);
    engine.fetching.look(port);
  }

  /** The views first: they say which proposals count. */
  private void restore(List<LogRecord> records) {
    for (LogRecord record : records) {
      if (ViewChanger.owns(record)) {
        engine.changer.restore(record);
      }
    }
    engine.log.restoreAll(
        records,
        engine.window,
        engine.installed(),
        engine.proposer() == engine.settings.self(),
        engine.changer::restorePayload);
    engine.views.restore();
  }

  /**
   * Takes up a slot as the log shows it: certificates that were lost are asked for again
   * (re-issue).
   */
  private void resume(OrderingSlot s, Port port) {
    CommitCertificate commit = s.commit;
    if (commit != null) {
      engine.changer.seen(commit.view(), port);
      port.emit(new EngineEvent.Committed(s.slot, commit.value()));
      engine.commitment.decide(s, port);
      reissueProposal(s, port);
      return;
    }
    Value value = s.value;
    if (value == null || !s.signing) {
      return;
    }
    long view = engine.installed();
    if (engine.proposer() == engine.settings.self()) {
      engine.own.take(s.slot);
    }
    if (s.header != null) {
      port.emit(new EngineEvent.Proposed(new Proposal(view, s.slot, value, engine.proposer())));
      engine.votes.proposed(s);
    }
    if (s.own != null) {
      engine.votes.vote(s, port);
    } else if (engine.signs() || reissues(s)) {
      engine.call(s, value.digest(), engine.own.has(s.slot), port);
    }
  }

  /** A leader must be able to show its committed proposals too, to whoever votes above them. */
  private void reissueProposal(OrderingSlot s, Port port) {
    Value value = s.value;
    if (engine.proposer() == engine.settings.self()
        && value != null
        && s.signing
        && s.header == null
        && reissues(s)) {
      engine.call(s, value.digest(), true, port);
    }
  }

  /** An intent that the counter has passed: the same call gives the same bytes again. */
  private boolean reissues(OrderingSlot s) {
    return !engine.counter.mute() && engine.counter.passed(engine.installed(), s.slot);
  }
}
