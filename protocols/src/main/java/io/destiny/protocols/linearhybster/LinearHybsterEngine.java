package io.destiny.protocols.linearhybster;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.ValueDecoder;
import io.destiny.core.kit.LongMap;
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
import io.destiny.core.trusted.TrustedCall;
import io.destiny.protocols.hybrid.HybridCodec;
import io.destiny.protocols.hybrid.HybridMessage;
import io.destiny.protocols.hybrid.NewView;
import io.destiny.protocols.hybrid.ViewChanger;
import io.destiny.protocols.linearhybster.LinearHybsterMessage.Commit;
import io.destiny.protocols.linearhybster.LinearHybsterMessage.CommitSig;
import io.destiny.protocols.linearhybster.LinearHybsterMessage.Fetch;
import io.destiny.protocols.linearhybster.LinearHybsterMessage.Forward;
import io.destiny.protocols.linearhybster.LinearHybsterMessage.Header;
import io.destiny.protocols.linearhybster.LinearHybsterMessage.Prepare;
import io.destiny.protocols.linearhybster.LinearHybsterSlot.Candidate;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One instance of Linear Hybster: its identity, what reaches it, and what the composer asks of it.
 * Its parts, which know one another through it, follow the rules of linear-hybster.md §5.
 */
public final class LinearHybsterEngine implements ConsensusEngine {
  /** What a job was for. */
  sealed interface Job {
    long slot();

    record Propose(long slot, long view) implements Job {}

    record Vote(long slot, long view) implements Job {}

    record CheckCertificate(long slot, Candidate candidate) implements Job {}

    record CheckValue(long slot, Candidate candidate) implements Job {}

    record Combine(long slot, long view) implements Job {}

    record CheckCommit(long slot, Commit commit, int from) implements Job {}
  }

  final Settings settings;
  final int instance;
  final SlotWindow<LinearHybsterSlot> window;
  final LinearHybsterLog log;
  final OrderCounter counter = new OrderCounter();
  final Reach reach;
  final OwnProposals own;
  final ProposalIntake intake;
  final SignQueue signer;
  final CommitCollector collector;
  final Commitment commitment;
  final Repair repair;
  final LinearHybsterViewChange views;
  final ViewChanger changer;
  private final int offset;
  private final LongMap<Job> jobs = new LongMap<>();

  /**
   * @param instance the instance's number
   * @param offset leader(v) = (offset + v) mod N
   * @param width W
   * @param values reads payloads from the log
   */
  public LinearHybsterEngine(
      Settings settings, int instance, int offset, int width, ValueDecoder values) {
    this.settings = settings;
    this.instance = instance;
    this.offset = offset;
    this.window = new SlotWindow<>(width, LinearHybsterSlot::new);
    this.log = new LinearHybsterLog(instance, values);
    this.reach = new Reach(window);
    this.own = new OwnProposals(this);
    this.intake = new ProposalIntake(this);
    this.signer = new SignQueue(this, log);
    this.collector = new CommitCollector(this);
    this.commitment = new Commitment(this);
    this.repair = new Repair(this);
    this.views = new LinearHybsterViewChange(this);
    this.changer = new ViewChanger(views, new HybridCodec(settings.n(), values));
  }

  // ---- identity

  @Override
  public long view() {
    return changer.view();
  }

  /** The view whose proposals the slots hold: the one entered last. */
  long installed() {
    return changer.installed();
  }

  /** The leader of the view whose proposals the slots hold. */
  int proposer() {
    return leader(installed());
  }

  /** Whether a slot's proposal in the view entered last is not one that its NEW-VIEW dictates. */
  boolean fresh(long slot) {
    NewView.Content c = changer.content();
    return c == null || slot > c.max();
  }

  /** Shows a peer the way to the present view. */
  void lead(int to, Port port) {
    changer.lead(to, port);
  }

  /** Whether this replica may sign now. */
  boolean signs() {
    return !counter.mute() && changer.active() && Counters.view(counter.value()) <= installed();
  }

  /** leader(v). */
  @Override
  public int leader(long v) {
    return (int) ((offset + v) % settings.n());
  }

  @Override
  public int primary() {
    return leader(view());
  }

  @Override
  public boolean entered() {
    return changer.entered();
  }

  @Override
  public boolean leading() {
    return primary() == settings.self() && signs() && !own.silenced();
  }

  @Override
  public void suspect(Suspicion reason, long target, Port port) {
    changer.suspect(reason, target, port);
  }

  /** The engine's own suspicion: a complaint, and news for the composer. */
  void suspects(Suspicion reason, Port port) {
    if (entered()) {
      changer.suspect(reason, view() + 1, port);
    }
    port.emit(new EngineEvent.Suspected(installed(), reason));
  }

  // ---- what the parts share

  long held() {
    return reach.held();
  }

  @Override
  public long frontier() {
    return reach.frontier();
  }

  /** P: what a Prepare, a CommitSig and a Commit all concern (§1). */
  Digest statement(LinearHybsterSlot s, long v, Digest value) {
    return s.statement(settings.domain(), instance, v, value);
  }

  /** S1 of P: the bytes that shares and certificates sign. */
  byte[] signed(LinearHybsterSlot s, long v, Digest value) {
    return settings
        .domain()
        .share(instance, Counters.ORDER, Counters.encode(v, s.slot), statement(s, v, value));
  }

  TrustedCall.IndependentShare share(LinearHybsterSlot s, long v, Digest value) {
    return new TrustedCall.IndependentShare(
        instance, Counters.ORDER, Counters.encode(v, s.slot), statement(s, v, value));
  }

  void register(long id, Job job) {
    jobs.put(id, job);
  }

  void cancel(long job, Port port) {
    if (jobs.remove(job) != null) {
      port.cancel(job);
    }
  }

  void drop(DropReason reason, int from, String kind, Port port) {
    port.note(new Effect.Event.Dropped(reason, from, kind));
  }

  /** F1 for a proposal or a vote of the view entered last. */
  void call(TrustedCall.IndependentShare share, boolean proposal, long slot, Port port) {
    counter.called();
    long view = installed();
    register(
        port.trusted(share), proposal ? new Job.Propose(slot, view) : new Job.Vote(slot, view));
  }

  Share leaderShare(Header header) {
    return new Share(leader(header.view()), header.share());
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
    if (!(message instanceof LinearHybsterMessage m)) {
      drop(DropReason.UNEXPECTED, from, message.kind(), port);
      return;
    }
    if (!window.contains(m.slot()) && !(m instanceof Fetch)) {
      boolean old = m.slot() <= window.low();
      drop(old ? DropReason.OLD : DropReason.BEYOND_WINDOW, from, m.kind(), port);
      return;
    }
    switch (m) {
      case Prepare p -> intake.onPrepare(from, p, port);
      case Forward f -> intake.onForward(from, f, port);
      case CommitSig c -> collector.onCommitSig(from, c, port);
      case Commit c -> collector.onCommit(from, c, port);
      case Fetch f -> repair.onFetch(from, f, port);
    }
  }

  // ---- answers, timers

  @Override
  public void onComputed(long id, Result result, Port port) {
    Job job = jobs.remove(id);
    if (job == null) {
      if (changer.knows(id)) {
        changer.onComputed(id, result, port);
        signer.run(port);
      }
      return;
    }
    if (job instanceof Job.Propose || job instanceof Job.Vote) {
      answered(job, result, port);
      return;
    }
    LinearHybsterSlot s = window.peek(job.slot());
    if (s == null) {
      return;
    }
    switch (job) {
      case Job.CheckCertificate c -> intake.certificateChecked(s, c.candidate, result, port);
      case Job.CheckValue c -> intake.valueChecked(s, c.candidate, result, port);
      case Job.Combine c -> {
        if (c.view == installed()) {
          collector.combined(s, result, port);
        }
      }
      case Job.CheckCommit c -> collector.commitChecked(s, c, result, port);
      default -> throw new IllegalStateException("not a job of a slot");
    }
  }

  /** F1 was carried out or refused. */
  private void answered(Job job, Result result, Port port) {
    counter.answered();
    LinearHybsterSlot s = window.peek(job.slot());
    if (result instanceof Result.Shared) {
      counter.counted(Counters.encode(installed(), job.slot()));
    }
    if (s != null) {
      switch (result) {
        case Result.Shared shared when job instanceof Job.Propose -> own.signed(s, shared, port);
        case Result.Shared shared -> signer.signed(s, shared, port);
        case Result.Refused refused -> refused(s, refused, port);
        default -> throw new IllegalStateException("not an answer to F1");
      }
    }
    if (counter.idle() && !changer.active()) {
      changer.proceed(port);
      signer.run(port);
    }
  }

  private void refused(LinearHybsterSlot s, Result.Refused refused, Port port) {
    port.note(new Effect.Event.Count("trusted_refused_" + refused.reason().name(), 1));
    if (refused.reason() != Result.Refusal.COUNTER) {
      // No key, or nobody there: from now on an observer (R1).
      counter.silence();
    } else if (s.mine) {
      // §5 rule 1: no logged intent explains the value: stop proposing in this view.
      own.silence();
      counter.counted(refused.current());
      suspects(Suspicion.MISBEHAVIOUR, port);
    }
  }

  @Override
  public void onTimer(TimerKind kind, long subject, Port port) {
    switch (kind) {
      case COLLECTOR -> collector.onTimer(subject, port);
      case FETCH -> repair.onTimer(port);
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
    return own.propose(value, port);
  }

  @Override
  public boolean windowFull() {
    return own.windowFull();
  }

  @Override
  public int inFlight() {
    return own.inFlight();
  }

  @Override
  public void show(long slot, int to, Port port) {
    LinearHybsterSlot s = window.peek(slot);
    if (s != null && s.commit != null) {
      port.send(to, s.commit);
    } else if (s != null && s.header != null) {
      port.send(to, new Forward(instance, s.header, null));
    }
  }

  @Override
  public void fetch(long slot, Port port) {
    if (window.contains(slot)) {
      repair.want(slot, port);
    }
  }

  void ask(long slot, Port port) {
    repair.ask(slot, port);
  }

  @Override
  public void answerStatus(int to, Progress progress, Port port) {
    if (progress.view() < view() || (progress.view() == view() && !progress.entered())) {
      changer.lead(to, port);
    }
    repair.answerStatus(to, progress, port);
    collector.answerStatus(to, progress, port);
  }

  @Override
  public Progress progress() {
    return repair.progress();
  }

  @Override
  public boolean shown(long slot) {
    LinearHybsterSlot s = window.peek(slot);
    return slot <= window.low() || (s != null && (s.committed() || (s.header != null && s.valid)));
  }

  @Override
  public boolean committed(long slot) {
    LinearHybsterSlot s = window.peek(slot);
    return slot <= window.low() || (s != null && s.committed());
  }

  @Override
  public @Nullable Digest committedDigest(long slot) {
    LinearHybsterSlot s = window.peek(slot);
    return s == null ? null : s.committedDigest();
  }

  @Override
  public @Nullable Value decision(long slot) {
    LinearHybsterSlot s = window.peek(slot);
    return s != null && s.decided ? s.value : null;
  }

  @Override
  public Held held(long slot) {
    LinearHybsterSlot s = window.peek(slot);
    if (s == null) {
      return new Held(false, false, false, List.of());
    }
    TreeSet<Integer> votes = new TreeSet<>();
    Header header = s.header;
    if (header != null) {
      votes.addAll(s.shares.signers(statement(s, header.view(), header.value())));
    }
    if (s.own != null) {
      votes.add(settings.self());
    }
    return new Held(header != null, s.value != null, s.committed(), List.copyOf(votes));
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
      LinearHybsterSlot s = window.peek(n);
      if (s != null && !s.committed()) {
        port.stopTimer(TimerKind.COLLECTOR, n);
        own.release(s);
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
    repair.look(port);
  }

  void advance(long stableSlot) {
    window.advance(stableSlot);
    reach.touch(stableSlot);
    own.skipTo(stableSlot + 1);
    signer.skipTo(stableSlot + 1);
    reach.extendHeld();
    reach.extendFrontier();
  }
}
