package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Proposal;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.Invariant;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.protocols.hybrid.CertificateForm;
import io.destiny.protocols.hybrid.HybridHost;
import io.destiny.protocols.hybrid.NewView;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Header;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the hybrid view change asks of this engine (linear-hybster.md §7). */
final class OrderingViewChange implements HybridHost {
  private final OrderingEngine engine;

  OrderingViewChange(OrderingEngine engine) {
    this.engine = engine;
  }

  // ---- identity and counter

  @Override
  public Settings settings() {
    return engine.settings;
  }

  @Override
  public int instance() {
    return engine.instance;
  }

  @Override
  public CertificateForm form() {
    return engine.form;
  }

  @Override
  public int leader(long view) {
    return engine.leader(view);
  }

  @Override
  public boolean mute() {
    return engine.counter.mute();
  }

  @Override
  public void silence() {
    engine.counter.silence();
  }

  @Override
  public boolean idle() {
    return engine.counter.idle();
  }

  @Override
  public long counter() {
    return engine.counter.value();
  }

  @Override
  public void counted(long value) {
    engine.counter.counted(value);
  }

  // ---- slots

  @Override
  public long low() {
    return engine.window.low();
  }

  @Override
  public int width() {
    return engine.width();
  }

  @Override
  public long frontier() {
    return engine.frontier();
  }

  @Override
  public NewView.@Nullable Old proposal(long slot) {
    OrderingSlot s = engine.window.peek(slot);
    Header header = s == null ? null : s.header;
    return header == null ? null : new NewView.Old(header.value(), header.attestation());
  }

  @Override
  public @Nullable Value payload(long slot, Digest value) {
    OrderingSlot s = engine.window.peek(slot);
    Value held = s == null || !s.valid ? null : s.value;
    return held != null && held.digest().equals(value) ? held : null;
  }

  @Override
  public Digest statement(long view, long slot, Digest value) {
    return engine.settings.domain().proposal(engine.instance, view, slot, value);
  }

  @Override
  public void want(long slot, Port port) {
    engine.fetch(Math.min(slot, engine.window.high()), port);
  }

  @Override
  public void sendCommits(int to, long committed, Port port) {
    engine.repair.sendCommits(to, committed, port);
  }

  @Override
  public LogRecord intent(long view, long slot, Value value) {
    return engine.log.intent(view, slot, null, value);
  }

  // ---- leaving and entering

  @Override
  public void left(Port port) {
    engine.intake.left();
  }

  @Override
  public void install(NewView n, List<Value> payloads, Port port) {
    for (long o = engine.window.low() + 1; o <= engine.highest(); o++) {
      OrderingSlot s = engine.window.peek(o);
      if (s != null) {
        if (s.candidate != null) {
          engine.intake.cancel(s.candidate, port);
        }
        port.stopTimer(TimerKind.COLLECTOR, s.slot);
        s.beginView();
      }
    }
    Map<Digest, Value> values = new LinkedHashMap<>();
    payloads.forEach(value -> values.put(value.digest(), value));
    engine.votes.entered();
    engine.reach.restart();
    engine.held.restart();
    long low = engine.window.low();
    long spoken = engine.counter.spoken(engine.installed());
    engine.signer.start(Math.max(spoken, low) + 1);
    engine.own.start(Math.max(spoken, Math.max(n.content().max(), low)) + 1);
    tell(port);
    for (long o = low + 1; o <= n.content().max(); o++) {
      adopt(n, o, values, port);
    }
    engine.reach.find();
    engine.held.extend();
    engine.intake.entered(port);
    engine.signer.run(port);
    engine.fetching.look(port);
  }

  /** Tells the composer of the view entered last. */
  void tell(Port port) {
    NewView.Content c = engine.changer.content();
    long base = c == null ? engine.window.low() : c.base().slot();
    long max = c == null ? engine.window.low() : c.max();
    byte[] note = c == null ? new byte[0] : c.note();
    port.emit(new EngineEvent.ViewEntered(engine.installed(), engine.proposer(), base, max, note));
  }

  /** A re-proposal of a NEW-VIEW becomes this view's proposal; gates do not apply to it. */
  private void adopt(NewView n, long slot, Map<Digest, Value> values, Port port) {
    Header header = reproposal(n, slot);
    if (header == null) {
      return;
    }
    OrderingSlot s = engine.window.get(slot);
    Digest committed = s.committedDigest();
    Invariant.check(
        committed == null || committed.equals(header.value()),
        "a NEW-VIEW re-proposes what committed");
    s.header = header;
    engine.votes.proposed(s);
    Value value = values.get(header.value());
    if (s.value == null && value != null) {
      s.value = value;
      s.valid = true;
    }
    s.logged = true;
    boolean leads = engine.proposer() == engine.settings.self();
    if (leads) {
      s.own = header;
      s.signing = true;
      if (!s.committed()) {
        engine.own.take(s.slot);
      }
    }
    if (s.value != null) {
      port.emit(
          new EngineEvent.Proposed(new Proposal(header.view(), slot, s.value, engine.proposer())));
    }
    engine.commitment.decide(s, port);
    if (leads) {
      engine.votes.voted(s, port);
    }
  }

  /** The certified proposal that a NEW-VIEW holds for a slot, null if none. */
  private static @Nullable Header reproposal(NewView n, long slot) {
    NewView.Content c = n.content();
    Digest digest = c.value(slot);
    if (digest == null) {
      return null;
    }
    NewView.Signed signed = n.proposals().get((int) (slot - c.base().slot() - 1));
    return Header.of(n.view(), slot, digest, signed);
  }

  /** After a restart: certificates of re-proposals are in the NEW-VIEW, not in records of slots. */
  void restore() {
    NewView n = engine.changer.newView();
    if (n == null) {
      return;
    }
    for (long o = engine.window.low() + 1; o <= n.content().max(); o++) {
      Header header = engine.window.contains(o) ? reproposal(n, o) : null;
      if (header == null) {
        continue;
      }
      OrderingSlot s = engine.window.get(o);
      s.header = header;
      if (engine.proposer() == engine.settings.self()) {
        s.own = header;
      }
    }
  }
}
