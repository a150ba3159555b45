package io.destiny.protocols.threephase;

import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Takes up an instance as the log shows it; made for one start. */
final class Restart {
  private final ThreePhaseEngine engine;

  /** Payloads by slot and digest, since records of one slot share them. */
  private final TreeMap<Long, TreeMap<Digest, Value>> payloads = new TreeMap<>();

  Restart(ThreePhaseEngine engine) {
    this.engine = engine;
  }

  void run(List<LogRecord> records, long stableSlot, Port port) {
    engine.window.advance(stableSlot);
    engine.voting.advance(stableSlot);
    try {
      for (LogRecord record : records) {
        switch (record.kind()) {
          case ThreePhaseLog.ENTERED -> engine.views.restore(engine.log.readEntered(record));
          case ThreePhaseLog.LEFT -> engine.views.restore(engine.log.readLeft(record));
          default -> payload(record);
        }
      }
      for (LogRecord record : records) {
        if (engine.window.contains(record.slot())) {
          slot(record);
        }
      }
    } catch (MalformedException e) {
      // §2: without an intact log it does not vote again.
      engine.silence();
    }
    engine.views.adopt(engine.history, port);
    engine.reach.find();
    long last = stableSlot;
    for (long n = stableSlot + 1; n <= engine.window.high(); n++) {
      ThreePhaseSlot s = engine.window.peek(n);
      last = s != null && s.proposal != null ? n : last;
    }
    engine.own.start(last + 1);
    engine.views.tell(port);
    for (long n = stableSlot + 1; n <= last || n <= engine.highest(); n++) {
      ThreePhaseSlot s = engine.window.peek(n);
      if (s != null) {
        resume(s, port);
      }
    }
    engine.views.resume(port);
    engine.fetching.look(port);
  }

  private void payload(LogRecord record) throws MalformedException {
    Value value =
        switch (record.kind()) {
          case ThreePhaseLog.ACCEPTED -> engine.log.readAccepted(record).value();
          case ThreePhaseLog.PAYLOAD -> engine.log.readPayload(record);
          default -> null;
        };
    if (value != null) {
      payloads.computeIfAbsent(record.slot(), s -> new TreeMap<>()).put(value.digest(), value);
    }
  }

  private Value held(long slot, Digest digest) throws MalformedException {
    Map<Digest, Value> known = payloads.get(slot);
    Value value = known == null ? null : known.get(digest);
    if (value == null && digest.equals(engine.noop.digest())) {
      return engine.noop;
    }
    if (value == null) {
      throw new MalformedException("the payload of an accepted proposal is missing");
    }
    return value;
  }

  private void slot(LogRecord record) throws MalformedException {
    ThreePhaseSlot s = engine.window.get(record.slot());
    switch (record.kind()) {
      case ThreePhaseLog.ACCEPTED -> {
        ThreePhaseLog.Accepted a = engine.log.readAccepted(record);
        Value value = held(record.slot(), a.digest());
        engine.history.accept(record.slot(), value, record.view());
        if (record.view() == engine.installed()) {
          s.proposal = a.digest();
          s.header = a.header();
          s.reproposed = a.header() == null;
          s.value = value;
          s.voted = true;
        }
      }
      case ThreePhaseLog.PAYLOAD -> {}
      default -> {
        Digest committed = engine.voting.restore(record);
        if (committed != null) {
          Map<Digest, Value> known = payloads.get(record.slot());
          s.committed = committed;
          s.decision = known == null ? null : known.get(committed);
        }
      }
    }
  }

  /** Counts the own votes again, and tells the composer what is held. */
  private void resume(ThreePhaseSlot s, Port port) {
    int self = engine.settings.self();
    Digest digest = s.proposal;
    if (digest != null && s.voted) {
      if (engine.proposer() == self && s.committed == null) {
        engine.own.take(s.slot);
      }
      engine.voting.resume(s, port);
    }
    Digest committed = s.committed;
    if (committed != null) {
      port.emit(new EngineEvent.Committed(s.slot, committed));
    }
    Value decision = s.decision;
    if (decision != null) {
      port.emit(new EngineEvent.Decided(s.slot, decision));
    }
    engine.agreement.proposed(s, port);
  }
}
