package io.destiny.protocols.threephase;

import io.destiny.core.crypto.Result;
import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Place;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.ValueDecoder;
import io.destiny.core.kit.Fetching;
import io.destiny.core.kit.Jobs;
import io.destiny.core.kit.OwnSlots;
import io.destiny.core.kit.Reach;
import io.destiny.core.kit.SlotWindow;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Invariant;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.core.trusted.Counters;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One instance of an engine of the family: its identity, what reaches it, and what the composer
 * asks of it. Its parts know one another through it.
 */
public final class ThreePhaseEngine implements ConsensusEngine {
  final Settings settings;
  final int instance;
  final Value noop;
  final SlotWindow<ThreePhaseSlot> window;
  final SlotHistory history = new SlotHistory();
  final ThreePhaseLog log;
  final Reach<ThreePhaseSlot> reach;
  final Jobs jobs = new Jobs();
  final OwnSlots own;
  final Proposals proposals;
  final Agreement agreement;
  final Repair repair;
  final Fetching fetching;
  final ViewChanger views;
  final ThreePhase variant;
  final Voting voting;
  private final Complaints complaints;
  private final Place place;
  private boolean mute;

  /**
   * @param values reads payloads from the log
   * @param noop the null request, which every replica has: it never travels
   */
  public ThreePhaseEngine(Place place, ValueDecoder values, Value noop, ThreePhase variant) {
    this.place = place;
    this.settings = place.settings();
    this.instance = place.instance();
    this.noop = noop;
    this.variant = variant;
    this.window = new SlotWindow<>(place.width(), ThreePhaseSlot::new);
    this.log = new ThreePhaseLog(instance, settings.n(), values, variant);
    this.reach =
        new Reach<>(
            window, s -> s.proposal != null || s.committed != null, s -> s.decision != null);
    this.own = new OwnSlots(window);
    this.proposals = new Proposals(this);
    this.agreement = new Agreement(this);
    this.repair = new Repair(this);
    this.fetching = new Fetching(settings, window, reach, repair);
    this.views = new ViewChanger(this);
    this.complaints = new Complaints(this);
    this.voting = variant.voting(this);
  }

  // ---- identity

  @Override
  public long view() {
    return views.view();
  }

  /** The view whose proposals the slots hold: the one entered last. */
  public long installed() {
    return views.installed();
  }

  /** The leader of the view whose proposals the slots hold. */
  public int proposer() {
    return leader(installed());
  }

  /** W. */
  public int width() {
    return place.width();
  }

  /** Whether a slot lies above what the view took over. */
  boolean fresh(long slot) {
    NewView n = views.newView();
    return n == null || slot > n.max();
  }

  @Override
  public int leader(long v) {
    return place.leader(v);
  }

  @Override
  public boolean entered() {
    return views.entered();
  }

  /** Its log is lost or damaged: it takes part in nothing (pbft.md §2). */
  public boolean mute() {
    return mute;
  }

  void silence() {
    mute = true;
  }

  /** Whether this replica votes now. */
  public boolean votes() {
    return entered() && !mute;
  }

  @Override
  public boolean leading() {
    return primary() == settings.self() && votes();
  }

  // ---- what the parts share

  public Settings settings() {
    return settings;
  }

  public int instance() {
    return instance;
  }

  public Jobs jobs() {
    return jobs;
  }

  /** The state of a slot of the window, made if need be. */
  public ThreePhaseSlot slot(long slot) {
    return window.get(slot);
  }

  /** The same; null if nothing is held of it. */
  public @Nullable ThreePhaseSlot known(long slot) {
    return window.peek(slot);
  }

  /** PSet, qSet and their payloads. */
  public SlotHistory history() {
    return history;
  }

  /** The slot is committed; what shows it is in the log, or about to be. */
  public void committed(ThreePhaseSlot slot, Digest value, Port port) {
    agreement.committed(slot, value, port);
  }

  /** Something has changed in a slot. */
  public void advance(ThreePhaseSlot slot, Port port) {
    agreement.advance(slot, port);
  }

  /** Somebody votes for a slot: if nothing else is known of it, it is asked for. */
  public void heard(ThreePhaseSlot slot, Port port) {
    if (slot.committed == null && slot.proposal == null) {
      fetching.want(slot.slot, port);
    }
  }

  /** Shows a peer that lags behind the way to the present view. */
  public void lead(int to, Port port) {
    views.lead(to, port);
  }

  /** Something that only a faulty replica does. */
  void blame(int replica, Port port) {
    if (replica != settings.self()) {
      port.note(new Effect.Event.Evidence(replica, "NewView"));
    }
  }

  /** The engine's own suspicion: the view is left, and the composer hears of it. */
  public void suspects(Suspicion reason, Port port) {
    long suspected = installed();
    if (entered()) {
      views.leave(view() + 1, List.of(), port);
    }
    port.emit(new EngineEvent.Suspected(suspected, reason));
  }

  /** A payload that is held: of a decision, or of what was ever pre-prepared. */
  @Nullable Value payload(long slot, Digest digest) {
    if (digest.equals(noop.digest())) {
      return noop;
    }
    ThreePhaseSlot s = window.peek(slot);
    if (s != null && s.value != null && s.value.digest().equals(digest)) {
      return s.value;
    }
    if (s != null && s.decision != null && s.decision.digest().equals(digest)) {
      return s.decision;
    }
    return history.payload(slot, digest);
  }

  /** A view is entered: its re-proposals take the place of the last one's proposals. */
  void install(NewView n, List<ViewChange> set, List<Value> payloads, Port port) {
    window.forEach(ThreePhaseSlot::beginView);
    for (long o = window.low() + 1; o <= n.max(); o++) {
      ThreePhaseSlot s = window.get(o);
      Digest digest = n.value(o);
      Invariant.check(
          s.committed == null || s.committed.equals(digest),
          "I2: a NEW-VIEW re-proposes what committed");
      s.proposal = digest;
      s.reproposed = true;
      s.value = payload(o, digest);
      for (Value value : payloads) {
        s.value = s.value == null && value.digest().equals(digest) ? value : s.value;
      }
    }
    reach.find();
    own.start(Math.max(n.max(), window.low()) + 1);
    views.tell(port);
    voting.entered(set, port);
    boolean leads = proposer() == settings.self();
    window.forEach(
        s -> {
          if (leads && s.proposal != null && s.committed == null) {
            own.take(s.slot);
          }
          agreement.proposed(s, port);
        });
    proposals.entered(port);
    fetching.look(port);
  }

  // ---- start

  @Override
  public void start(
      List<LogRecord> records, Input.CounterValues counters, long stableSlot, Port port) {
    mute = counters.read(instance, Counters.ORDER) < 0;
    new Restart(this).run(records, stableSlot, port);
  }

  // ---- messages, answers, timers

  @Override
  public void onMessage(int from, Message message, Port port) {
    if (!(message instanceof ThreePhaseMessage m)) {
      port.drop(DropReason.UNEXPECTED, from, message.kind());
      return;
    }
    switch (m) {
      case ThreePhaseMessage.ViewChangeMessage v -> views.onViewChange(from, v.viewChange(), port);
      case ThreePhaseMessage.NewViewMessage v -> views.onNewView(from, v.newView(), port);
      case ThreePhaseMessage.Complain c -> complaints.onComplain(from, c, port);
      case ThreePhaseMessage.Fetch f -> repair.onFetch(from, f, port);
      case ThreePhaseMessage.Ask a -> {
        if (a.slot() == 0) {
          views.onAsk(from, a, port);
        } else {
          repair.onAsk(from, a, port);
        }
      }
      default -> onSlot(from, m, port);
    }
  }

  private void onSlot(int from, ThreePhaseMessage message, Port port) {
    if (!window.contains(message.slot())) {
      boolean old = message.slot() <= window.low();
      port.drop(old ? DropReason.OLD : DropReason.BEYOND_WINDOW, from, message.kind());
      return;
    }
    switch (message) {
      case ThreePhaseMessage.PrePrepare m -> proposals.onPrePrepare(from, m, port);
      case ThreePhaseMessage.Forward m -> proposals.onForward(from, m, port);
      case ThreePhaseMessage.Payload m -> {
        ThreePhaseSlot s = window.peek(m.slot());
        if (s != null) {
          agreement.vouched(s, m.value(), port);
          proposals.onPayload(from, s, m.value(), port);
        }
        views.onPayload(m.slot(), m.value(), port);
      }
      default -> voting.onMessage(from, message, port);
    }
  }

  @Override
  public void onComputed(long job, Result result, Port port) {
    jobs.answered(job, result, port);
  }

  @Override
  public void onTimer(TimerKind kind, long subject, Port port) {
    switch (kind) {
      case FETCH -> fetching.onTimer(port);
      case NEW_VIEW, VIEW_RESEND -> views.onTimer(kind, port);
      default -> voting.onTimer(kind, subject, port);
    }
  }

  // ---- what the composer asks

  @Override
  public OptionalLong propose(Value value, Port port) {
    return proposals.propose(value, port);
  }

  @Override
  public boolean windowFull() {
    return own.full();
  }

  @Override
  public int inFlight() {
    return own.inFlight();
  }

  @Override
  public void reconsider(Port port) {
    if (votes()) {
      for (long o = reach.frontier() + 1; o <= reach.highest(); o++) {
        ThreePhaseSlot s = window.peek(o);
        if (s != null && s.value != null && !s.voted) {
          agreement.advance(s, port);
        }
      }
    }
  }

  /** A timer of the composer has expired: the VIEW-CHANGE itself (rule 10). */
  @Override
  public void suspect(Suspicion reason, long target, Port port) {
    if (mute || target <= view()) {
      return;
    }
    if (reason == Suspicion.REINSTATE) {
      complaints.complain(target, port);
    } else {
      views.leave(target, List.of(), port);
    }
  }

  @Override
  public void show(long slot, int to, Port port) {
    ThreePhaseSlot s = window.peek(slot);
    if (s != null) {
      repair.show(s, to, port);
    }
  }

  @Override
  public void fetch(long slot, Port port) {
    if (window.contains(slot)) {
      fetching.want(slot, port);
    }
  }

  @Override
  public void answerStatus(int to, Progress progress, Port port) {
    if (progress.before(view())) {
      views.lead(to, port);
    }
    repair.answerStatus(to, progress, port);
  }

  @Override
  public long frontier() {
    return reach.frontier();
  }

  @Override
  public boolean shown(long slot) {
    ThreePhaseSlot s = window.peek(slot);
    return slot <= window.low() || (s != null && (s.committed != null || s.value != null));
  }

  @Override
  public @Nullable Digest committedDigest(long slot) {
    ThreePhaseSlot s = window.peek(slot);
    return s == null ? null : s.committed;
  }

  @Override
  public @Nullable Value decision(long slot) {
    ThreePhaseSlot s = window.peek(slot);
    return s == null ? null : s.decision;
  }

  @Override
  public Held held(long slot) {
    ThreePhaseSlot s = window.peek(slot);
    if (s == null) {
      return new Held(false, false, false, List.of());
    }
    Digest digest = s.committed == null ? s.proposal : s.committed;
    List<Integer> votes = digest == null ? List.of() : voting.voters(s, digest);
    boolean payload = s.value != null || s.decision != null;
    return new Held(s.proposal != null, payload, s.committed != null, votes);
  }

  @Override
  public int slots() {
    return window.touched();
  }

  @Override
  public long stable() {
    return window.low();
  }

  @Override
  public long highest() {
    return reach.highest();
  }

  @Override
  public void truncate(long stableSlot, Port port) {
    if (stableSlot <= window.low()) {
      return;
    }
    window.advance(stableSlot);
    voting.advance(stableSlot);
    history.truncate(stableSlot);
    reach.touch(stableSlot);
    reach.extend();
    own.skipTo(stableSlot + 1);
    port.forget(stableSlot);
    views.truncated(stableSlot, port);
    fetching.look(port);
  }
}
