package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.crypto.Result;
import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Place;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.ValueDecoder;
import io.destiny.core.kit.Blacklist;
import io.destiny.core.kit.Fetching;
import io.destiny.core.kit.Jobs;
import io.destiny.core.kit.OwnSlots;
import io.destiny.core.kit.Prefix;
import io.destiny.core.kit.Reach;
import io.destiny.core.kit.SlotWindow;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.core.trusted.Counters;
import io.destiny.protocols.hybrid.CertificateForm;
import io.destiny.protocols.hybrid.HybridCodec;
import io.destiny.protocols.hybrid.HybridMessage;
import io.destiny.protocols.hybrid.NewView;
import io.destiny.protocols.hybrid.ViewChanger;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Fetch;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Forward;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Prepare;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One instance of an engine of the family: its identity, what reaches it, and what the composer
 * asks of it. Its parts, which know one another through it, follow the rules of hybster.md §3 and
 * linear-hybster.md §5; {@link Votes} are the engine's own.
 */
public final class OrderingEngine implements ConsensusEngine {
  /** Most messages of one sort in answer to one STATUS. */
  public static final int MOST_ANSWERS = 64;

  final CertificateForm form;
  final Settings settings;
  final int instance;
  final SlotWindow<OrderingSlot> window;
  final OrderingLog log;
  final OrderCounter counter = new OrderCounter();
  final Reach<OrderingSlot> reach;

  /** A certified proposal of this view is held for every slot up to its end. */
  final Prefix<OrderingSlot> held;

  final Jobs jobs = new Jobs();
  final OwnSlots own;
  final OwnProposals proposals;
  final ProposalIntake intake;
  final SignQueue signer;
  final CommitIntake commits;
  final Commitment commitment;
  final Repair repair;
  final Fetching fetching;
  final OrderingViewChange views;
  final ViewChanger changer;
  final Statements statements;
  final Blacklist blacklist;
  final Votes votes;
  private final Place place;

  public OrderingEngine(Place place, ValueDecoder values, Variant variant) {
    this.place = place;
    this.settings = place.settings();
    this.instance = place.instance();
    this.form = variant.form();
    this.statements = new Statements(settings, instance, form);
    this.blacklist = new Blacklist(settings.n());
    this.window = new SlotWindow<>(place.width(), OrderingSlot::new);
    this.log = new OrderingLog(instance, values, variant);
    this.reach =
        new Reach<>(window, s -> s.header != null || s.committed() || s.signing, s -> s.decided);
    this.held = new Prefix<>(window, s -> s.header != null);
    this.own = new OwnSlots(window);
    this.proposals = new OwnProposals(this);
    this.intake = new ProposalIntake(this);
    this.signer = new SignQueue(this, log);
    this.commits = new CommitIntake(this, variant);
    this.commitment = new Commitment(this);
    this.repair = new Repair(this);
    this.fetching = new Fetching(settings, window, reach, repair);
    this.views = new OrderingViewChange(this);
    this.changer = new ViewChanger(views, new HybridCodec(settings.n(), values, form));
    this.votes = variant.votes(this);
  }

  // ---- identity

  public Settings settings() {
    return settings;
  }

  public int instance() {
    return instance;
  }

  /** W. */
  public int width() {
    return place.width();
  }

  @Override
  public long view() {
    return changer.view();
  }

  /** The view whose proposals the slots hold: the one entered last. */
  public long installed() {
    return changer.installed();
  }

  /** The leader of the view whose proposals the slots hold. */
  public int proposer() {
    return leader(installed());
  }

  /** Whether a slot's proposal in the view entered last is not one that its NEW-VIEW dictates. */
  boolean fresh(long slot) {
    NewView.Content c = changer.content();
    return c == null || slot > c.max();
  }

  /** Shows a peer the way to the present view. */
  public void lead(int to, Port port) {
    changer.lead(to, port);
  }

  /** Whether this replica may sign now. */
  boolean signs() {
    return !counter.mute() && changer.active() && Counters.view(counter.value()) <= installed();
  }

  /** leader(v). */
  @Override
  public int leader(long v) {
    return place.leader(v);
  }

  @Override
  public boolean entered() {
    return changer.entered();
  }

  @Override
  public boolean leading() {
    return primary() == settings.self() && signs() && !proposals.silenced();
  }

  @Override
  public void suspect(Suspicion reason, long target, Port port) {
    changer.suspect(reason, target, port);
  }

  /** The engine's own suspicion: a complaint, and news for the composer. */
  public void suspects(Suspicion reason, Port port) {
    if (entered()) {
      changer.suspect(reason, view() + 1, port);
    }
    port.emit(new EngineEvent.Suspected(installed(), reason));
  }

  // ---- what the parts share

  @Override
  public long frontier() {
    return reach.frontier();
  }

  public Statements statements() {
    return statements;
  }

  /** Senders of what does not verify. */
  public Blacklist blacklist() {
    return blacklist;
  }

  /** A slot's state, null if it has none. */
  public @Nullable OrderingSlot slot(long slot) {
    return window.peek(slot);
  }

  /** A slot of the window. */
  public OrderingSlot touch(long slot) {
    return window.get(slot);
  }

  public Jobs jobs() {
    return jobs;
  }

  /** Whether a slot that a job was for is still in the window. */
  boolean holds(OrderingSlot s) {
    return window.peek(s.slot) == s;
  }

  /** F1 for a proposal or a vote of the view entered last. */
  void call(OrderingSlot s, Digest value, boolean proposal, Port port) {
    counter.called();
    long view = installed();
    jobs.called(
        port.trusted(statements.call(s, view, value)),
        (result, turn) -> answered(s, proposal, result, turn));
  }

  /** The slot is committed; the certificate was verified. */
  public void committed(OrderingSlot s, CommitCertificate commit, Port port) {
    commitment.committed(s, commit, port);
  }

  // ---- start

  @Override
  public void start(
      List<LogRecord> records, Input.CounterValues counters, long stableSlot, Port port) {
    new Restart(this).run(records, counters, stableSlot, port);
  }

  // ---- messages

  @Override
  public void onMessage(int from, Message message, Port port) {
    if (message instanceof HybridMessage h) {
      changer.onMessage(from, h, port);
      signer.run(port);
      return;
    }
    if (!(message instanceof OrderingMessage m)) {
      port.drop(DropReason.UNEXPECTED, from, message.kind());
      return;
    }
    if (!window.contains(m.slot()) && !(m instanceof Fetch)) {
      boolean old = m.slot() <= window.low();
      port.drop(old ? DropReason.OLD : DropReason.BEYOND_WINDOW, from, m.kind());
      return;
    }
    switch (m) {
      case Prepare p -> intake.onPrepare(from, p, port);
      case Forward f -> intake.onForward(from, f, port);
      case CommitCertificate c -> commits.onCommit(from, c, port);
      case Fetch f -> repair.onFetch(from, f, port);
      default -> votes.onMessage(from, m, port);
    }
  }

  // ---- answers, timers

  @Override
  public void onComputed(long job, Result result, Port port) {
    if (!jobs.answered(job, result, port) && changer.onComputed(job, result, port)) {
      signer.run(port);
    }
  }

  /** F1 was carried out or refused. */
  private void answered(OrderingSlot s, boolean proposal, Result result, Port port) {
    counter.answered();
    if (result instanceof Result.Certified) {
      counter.counted(Counters.encode(installed(), s.slot));
    }
    if (holds(s)) {
      switch (result) {
        case Result.Certified c when proposal -> proposals.signed(s, c, port);
        case Result.Certified c -> signer.signed(s, c, port);
        case Result.Refused refused -> refused(s, refused, port);
        default -> throw new IllegalStateException("not an answer to F1");
      }
    }
    if (counter.idle() && !changer.active()) {
      changer.proceed(port);
      signer.run(port);
    }
  }

  private void refused(OrderingSlot s, Result.Refused refused, Port port) {
    port.note(new Effect.Event.Count("trusted_refused_" + refused.reason().name(), 1));
    if (refused.reason() != Result.Refusal.COUNTER) {
      // No key, or nobody there: from now on an observer (R1).
      counter.silence();
    } else if (own.has(s.slot)) {
      // §5 rule 1: no logged intent explains the value: stop proposing in this view.
      proposals.silence();
      counter.counted(refused.current());
      suspects(Suspicion.MISBEHAVIOUR, port);
    }
  }

  @Override
  public void onTimer(TimerKind kind, long subject, Port port) {
    switch (kind) {
      case COLLECTOR -> votes.onTimer(subject, port);
      case FETCH -> fetching.onTimer(port);
      case NEW_VIEW, VIEW_RESEND -> {
        changer.onTimer(kind, port);
        signer.run(port);
      }
      default -> {}
    }
  }

  @Override
  public void reconsider(Port port) {
    signer.run(port);
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
  public void show(long slot, int to, Port port) {
    OrderingSlot s = window.peek(slot);
    if (s != null && s.commit != null) {
      port.send(to, s.commit);
    } else if (s != null && s.header != null) {
      port.send(to, new Forward(instance, s.header, null));
    }
  }

  @Override
  public void fetch(long slot, Port port) {
    if (window.contains(slot)) {
      fetching.want(slot, port);
    }
  }

  /** Asks two peers for what they hold of a slot. */
  public void ask(long slot, Port port) {
    repair.askFor(slot, port);
  }

  @Override
  public void answerStatus(int to, Progress progress, Port port) {
    if (progress.before(view())) {
      changer.lead(to, port);
    }
    repair.answerStatus(to, progress, port);
    votes.answerStatus(to, progress, port);
  }

  @Override
  public boolean shown(long slot) {
    OrderingSlot s = window.peek(slot);
    return slot <= window.low() || (s != null && (s.committed() || (s.header != null && s.valid)));
  }

  @Override
  public @Nullable Digest committedDigest(long slot) {
    OrderingSlot s = window.peek(slot);
    return s == null ? null : s.committedDigest();
  }

  @Override
  public @Nullable Value decision(long slot) {
    OrderingSlot s = window.peek(slot);
    return s != null && s.decided ? s.value : null;
  }

  @Override
  public Held held(long slot) {
    OrderingSlot s = window.peek(slot);
    if (s == null) {
      return new Held(false, false, false, List.of());
    }
    TreeSet<Integer> voters = new TreeSet<>(votes.voters(s));
    if (s.own != null) {
      voters.add(settings.self());
    }
    return new Held(s.header != null, s.value != null, s.committed(), List.copyOf(voters));
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
    for (long n = window.low() + 1; n <= Math.min(stableSlot, highest()); n++) {
      OrderingSlot s = window.peek(n);
      if (s != null && !s.committed()) {
        port.stopTimer(TimerKind.COLLECTOR, n);
      }
    }
    NewView.Content c = changer.content();
    if (c == null || stableSlot > c.max()) {
      changer.works();
    }
    advance(stableSlot);
    port.forget(stableSlot);
    changer.proceed(port);
    signer.run(port);
    fetching.look(port);
  }

  void advance(long stableSlot) {
    window.advance(stableSlot);
    votes.advance(stableSlot);
    reach.touch(stableSlot);
    own.skipTo(stableSlot + 1);
    signer.skipTo(stableSlot + 1);
    held.extend();
    reach.extend();
  }
}
