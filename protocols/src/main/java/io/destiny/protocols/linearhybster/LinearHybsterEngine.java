package io.destiny.protocols.linearhybster;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Proposal;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.engine.Validity;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.ValueDecoder;
import io.destiny.core.kit.LongMap;
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
import io.destiny.core.trusted.TrustedCall;
import io.destiny.protocols.hybrid.HybridCodec;
import io.destiny.protocols.hybrid.HybridHost;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One instance of Linear Hybster: dispatch, proposing and accepting (linear-hybster.md §5 rules 1,
 * 2 and 5).
 */
public final class LinearHybsterEngine implements ConsensusEngine, HybridHost {
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
  private final int offset;
  private final LongMap<Job> jobs = new LongMap<>();
  private final SignQueue signer;
  private final CommitCollector collector;
  private final Repair repair;
  private final LinearHybsterLog log;

  private final ViewChanger changer;

  /** The ORDER counter as far as it was answered, and calls on it that were not. */
  private long counter;

  private int calls;

  /** A view in which this replica, its leader, can propose no more (§5 rule 1). */
  private long silenced = -1;

  /** Proposals of a view whose NEW-VIEW is still being checked; its leader's alone. */
  private final LongMap<Prepare> early = new LongMap<>();

  private long earlyView;

  /** The trusted subsystem does not sign: an observer (trusted-subsystem.md §7 R1). */
  private boolean mute;

  /** The leader's next slot. */
  private long nextSlot = 1;

  /** A certified proposal of this view is held for every slot of (h, held]. */
  private long held;

  /** Every slot up to here is decided. */
  private long frontier;

  private long highest;
  private int inFlight;

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
    this.signer = new SignQueue(this, log);
    this.collector = new CommitCollector(this);
    this.repair = new Repair(this);
    this.changer = new ViewChanger(this, new HybridCodec(settings.n(), values));
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
    return !mute && changer.active() && Counters.view(counter) <= installed();
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
  public boolean leading() {
    return primary() == settings.self() && signs() && silenced != view();
  }

  long held() {
    return held;
  }

  @Override
  public long frontier() {
    return frontier;
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

  private void cancel(long job, Port port) {
    if (jobs.remove(job) != null) {
      port.cancel(job);
    }
  }

  void drop(DropReason reason, int from, String kind, Port port) {
    port.note(new Effect.Event.Dropped(reason, from, kind));
  }

  // ---- start

  @Override
  public void start(
      List<LogRecord> records, Input.CounterValues counters, long stableSlot, Port port) {
    window.advance(stableSlot);
    long value = counters.read(instance, Counters.ORDER);
    mute = value < 0;
    counter = Math.max(0, value);
    for (LogRecord record : records) {
      if (ViewChanger.owns(record)) {
        changer.restore(record);
      }
    }
    NewView.Content entered = changer.content();
    highest = stableSlot;
    log.restoreAll(
        records,
        window,
        installed(),
        settings.self(),
        proposer() == settings.self(),
        changer::restorePayload);
    takeUpProposals();
    for (long n = window.low() + 1; n <= window.high(); n++) {
      LinearHybsterSlot s = window.peek(n);
      if (s != null && (s.header != null || s.committed() || s.signing)) {
        highest = n;
      }
    }
    long spoken = Counters.view(counter) == installed() ? Counters.slot(counter) : 0;
    long max = entered == null ? stableSlot : entered.max();
    nextSlot = Math.max(Math.max(spoken, log.highestIntent()), Math.max(stableSlot, max)) + 1;
    signer.start(Math.max(Math.max(spoken, log.highestIntent()), stableSlot) + 1);
    advance(stableSlot);
    tellEntered(port);
    for (long n = stableSlot + 1; n <= highest; n++) {
      LinearHybsterSlot s = window.peek(n);
      if (s != null) {
        resume(s, port);
      }
    }
    extendHeld();
    changer.resume(port);
    signer.run(port);
    repair.look(port);
  }

  private void tellEntered(Port port) {
    NewView.Content c = changer.content();
    long base = c == null ? window.low() : c.base().slot();
    long max = c == null ? window.low() : c.max();
    byte[] note = c == null ? new byte[0] : c.note();
    port.emit(new EngineEvent.ViewEntered(installed(), proposer(), base, max, note));
  }

  /**
   * Takes up a slot as the log shows it: certificates that were lost are asked for again
   * (re-issue).
   */
  private void resume(LinearHybsterSlot s, Port port) {
    Commit commit = s.commit;
    if (commit != null) {
      changer.seen(commit.view(), port);
      port.emit(new EngineEvent.Committed(s.slot, commit.value()));
      decide(s, port);
      reissueProposal(s, port);
      return;
    }
    Value value = s.value;
    if (value == null || !s.signing) {
      return;
    }
    long view = installed();
    if (proposer() == settings.self()) {
      s.mine = true;
      inFlight++;
    }
    if (s.header != null) {
      port.emit(new EngineEvent.Proposed(new Proposal(view, s.slot, value, proposer())));
      s.shares.add(statement(s, view, value.digest()), leaderShare(s.header));
    }
    Share own = s.own;
    if (own != null) {
      s.shares.add(statement(s, view, value.digest()), own);
      collector.vote(s, own, port);
    } else if (signs() || reissues(s)) {
      call(share(s, view, value.digest()), s.mine, s.slot, port);
    }
  }

  /** A leader must be able to show its committed proposals too, to whoever votes above them. */
  private void reissueProposal(LinearHybsterSlot s, Port port) {
    Value value = s.value;
    if (proposer() == settings.self()
        && value != null
        && s.signing
        && s.header == null
        && reissues(s)) {
      call(share(s, installed(), value.digest()), true, s.slot, port);
    }
  }

  /** An intent that the counter has passed: the same call gives the same bytes again. */
  private boolean reissues(LinearHybsterSlot s) {
    return !mute && Counters.encode(installed(), s.slot) <= counter;
  }

  /** F1 for a proposal or a vote of the view entered last. */
  void call(TrustedCall.IndependentShare share, boolean proposal, long slot, Port port) {
    calls++;
    long view = installed();
    register(
        port.trusted(share), proposal ? new Job.Propose(slot, view) : new Job.Vote(slot, view));
  }

  private Share leaderShare(Header header) {
    return new Share(leader(header.view()), header.share());
  }

  // ---- §5 rule 1: the leader

  @Override
  public OptionalLong propose(Value value, Port port) {
    if (!leading() || nextSlot > window.high()) {
      return OptionalLong.empty();
    }
    LinearHybsterSlot s = window.get(nextSlot++);
    Invariant.check(!s.signing && s.value == null, "a leader proposes once in a slot");
    s.value = value;
    s.valid = true;
    s.mine = true;
    s.signing = true;
    s.logged = true;
    inFlight++;
    highest = Math.max(highest, s.slot);
    port.persist(List.of(log.intent(installed(), s.slot, null, value)));
    call(share(s, installed(), value.digest()), true, s.slot, port);
    return OptionalLong.of(s.slot);
  }

  private void proposed(LinearHybsterSlot s, Result.Shared answer, Port port) {
    Value value = s.value;
    if (value == null) {
      return;
    }
    long view = installed();
    Header header =
        new Header(view, s.slot, value.digest(), answer.share().signature(), answer.attestation());
    s.header = header;
    s.own = answer.share();
    s.shares.add(statement(s, view, value.digest()), answer.share());
    port.persistLazily(List.of(log.certificate(header)));
    if (s.committed()) {
      extendHeld();
      return;
    }
    port.broadcast(new Prepare(instance, header, value));
    extendHeld();
    port.emit(new EngineEvent.Proposed(new Proposal(view, s.slot, value, settings.self())));
    collector.voted(s, port);
  }

  @Override
  public boolean windowFull() {
    return nextSlot > window.high();
  }

  @Override
  public int inFlight() {
    return inFlight;
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
      case Prepare p -> onPrepare(from, p, port);
      case Forward f -> onForward(from, f, port);
      case CommitSig c -> collector.onCommitSig(from, c, port);
      case Commit c -> collector.onCommit(from, c, port);
      case Fetch f -> repair.onFetch(from, f, port);
    }
  }

  /** §5 rule 2. */
  private void onPrepare(int from, Prepare m, Port port) {
    boolean early = m.view() > installed() && m.view() >= view();
    if (early && from == leader(m.view())) {
      keepEarly(m, port);
    } else if (early || m.view() != view()) {
      if (m.view() < installed()) {
        changer.lead(from, port);
      }
      drop(DropReason.WRONG_VIEW, from, m.kind(), port);
    } else if (from != primary()) {
      drop(DropReason.WRONG_SENDER, from, m.kind(), port);
    } else {
      offer(window.get(m.slot()), m.header(), m.value(), from, port);
    }
  }

  /**
   * A proposal of a view that is not entered yet; its NEW-VIEW comes before it. Those of one view
   * and window are kept, the present view's before later ones.
   */
  private void keepEarly(Prepare m, Port port) {
    if (m.view() != earlyView) {
      if (earlyView == view() && !early.isEmpty()) {
        drop(DropReason.WRONG_VIEW, leader(m.view()), m.kind(), port);
        return;
      }
      early.clear();
      earlyView = m.view();
    }
    early.put(m.slot(), m);
  }

  /** A proposal passed on: its certificate decides, or the commit that vouches for its payload. */
  private void onForward(int from, Forward m, Port port) {
    LinearHybsterSlot s = window.get(m.slot());
    Value value = m.value();
    if (value != null && value.digest().equals(s.committedDigest())) {
      vouched(s, value, port);
    } else if (value != null && s.checking != null && s.stash == null) {
      s.stash = value;
    }
    if (m.view() == installed() && !entered()) {
      // The view was left: what was signed for must be shown, and no more is asked.
      if (m.slot() <= spokenIn(installed())) {
        offer(s, m.header(), null, from, port);
      }
    } else if (m.view() != installed()) {
      if (!s.committed()) {
        drop(DropReason.WRONG_VIEW, from, m.kind(), port);
      }
    } else if (s.header == null || !s.decided) {
      offer(s, m.header(), value, from, port);
    }
  }

  private void offer(
      LinearHybsterSlot s, Header header, @Nullable Value value, int from, Port port) {
    if (s.mine || (s.header != null && !s.header.value().equals(header.value()))) {
      // Uniqueness: a second certificate for (v, s) with another digest cannot be valid.
      drop(s.mine ? DropReason.DUPLICATE : DropReason.INVALID, from, "Prepare", port);
      return;
    }
    Candidate waiting = s.candidate;
    if (waiting != null) {
      boolean fromLeader = from == proposer() && waiting.from != proposer();
      if (!fromLeader || waiting.certified) {
        drop(DropReason.DUPLICATE, from, "Prepare", port);
        return;
      }
      cancel(waiting.certificateJob, port);
      cancel(waiting.valueJob, port);
      s.candidate = null;
    }
    if (s.header != null && (value == null || s.value != null)) {
      drop(DropReason.DUPLICATE, from, "Prepare", port);
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
              proposer(), share(s, header.view(), header.value()), header.attestation());
      c.certificateJob = port.compute(work);
      register(c.certificateJob, new Job.CheckCertificate(s.slot, c));
    }
  }

  /** Begins the deterministic checks of a payload; false if it failed already. */
  private boolean check(LinearHybsterSlot s, Candidate c, Value value, Port port) {
    if (value.digest().equals(s.committedDigest())) {
      c.valueValid = true;
      return true;
    }
    switch (port.validate(value)) {
      case Validity.Valid v -> c.valueValid = true;
      case Validity.Invalid invalid -> {
        drop(invalid.reason(), c.from, "Prepare", port);
        return false;
      }
      case Validity.Depends depends -> {
        c.valueJob = port.compute(depends.work());
        register(c.valueJob, new Job.CheckValue(s.slot, c));
      }
    }
    return true;
  }

  /** A candidate whose certificate and payload are good becomes the slot's proposal. */
  private void settle(LinearHybsterSlot s, Port port) {
    Candidate c = s.candidate;
    if (c == null || !c.certified) {
      return;
    }
    if (s.header == null) {
      s.header = c.header;
      s.shares.add(statement(s, c.header.view(), c.header.value()), leaderShare(c.header));
      highest = Math.max(highest, s.slot);
      extendHeld();
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
      port.emit(new EngineEvent.Proposed(new Proposal(installed(), s.slot, value, proposer())));
      decide(s, port);
    }
    signer.run(port);
    collector.tryCombine(s, port);
    repair.look(port);
  }

  private void extendHeld() {
    held = Math.max(held, window.low());
    LinearHybsterSlot s = window.peek(held + 1);
    while (s != null && s.header != null) {
      held++;
      s = window.peek(held + 1);
    }
  }

  // ---- §5 rule 5: commitment

  /** The slot is committed; the certificate was verified. */
  void committed(LinearHybsterSlot s, Commit commit, Port port) {
    if (s.committed()) {
      Invariant.check(
          commit.value().equals(s.committedDigest()), "L1: no two commits of one slot differ");
      return;
    }
    s.commit = commit;
    s.spare = null;
    changer.seen(commit.view(), port);
    highest = Math.max(highest, s.slot);
    port.persistLazily(List.of(log.commit(commit)));
    port.stopTimer(TimerKind.COLLECTOR, s.slot);
    if (s.mine) {
      s.mine = false;
      inFlight--;
    }
    port.emit(new EngineEvent.Committed(s.slot, commit.value()));
    if (s.value != null && !s.value.digest().equals(commit.value())) {
      s.value = null;
    }
    Candidate c = s.candidate;
    if (c != null && c.value != null && c.value.digest().equals(commit.value())) {
      // The commit vouches for the payload: the client signatures need no check here.
      cancel(c.valueJob, port);
      vouched(s, c.value, port);
    } else if (s.stash != null && s.stash.digest().equals(commit.value())) {
      vouched(s, s.stash, port);
    } else {
      decide(s, port);
    }
    s.stash = null;
    signer.run(port);
    repair.look(port);
  }

  private void vouched(LinearHybsterSlot s, Value value, Port port) {
    if (s.value == null) {
      s.value = value;
      s.valid = true;
      if (s.candidate != null) {
        s.candidate.value = null;
        s.candidate = s.candidate.certified ? null : s.candidate;
      }
    }
    decide(s, port);
  }

  private void decide(LinearHybsterSlot s, Port port) {
    Commit commit = s.commit;
    Value value = s.value;
    if (s.decided || commit == null || value == null) {
      return;
    }
    Invariant.check(
        value.digest().equals(commit.value()),
        "what is held of a committed slot is what committed");
    s.decided = true;
    if (!s.logged) {
      s.logged = true;
      LinearHybsterMessage.Header header = s.header;
      boolean same = header != null && header.value().equals(commit.value());
      s.headerLogged |= same;
      port.persistLazily(List.of(log.payload(commit.view(), s.slot, same ? header : null, value)));
    }
    port.emit(new EngineEvent.Decided(s.slot, value));
    extendFrontier();
    repair.arrived(s.slot, port);
  }

  private void extendFrontier() {
    frontier = Math.max(frontier, window.low());
    LinearHybsterSlot s = window.peek(frontier + 1);
    while (s != null && s.decided) {
      frontier++;
      s = window.peek(frontier + 1);
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
      case Job.CheckCertificate c -> certificateChecked(s, c.candidate, result, port);
      case Job.CheckValue c -> valueChecked(s, c.candidate, result, port);
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
    calls--;
    LinearHybsterSlot s = window.peek(job.slot());
    if (result instanceof Result.Shared) {
      counted(Counters.encode(installed(), job.slot()));
    }
    if (s != null) {
      switch (result) {
        case Result.Shared shared when job instanceof Job.Propose -> proposed(s, shared, port);
        case Result.Shared shared -> signer.signed(s, shared, port);
        case Result.Refused refused -> refused(s, refused, port);
        default -> throw new IllegalStateException("not an answer to F1");
      }
    }
    if (calls == 0 && !changer.active()) {
      changer.proceed(port);
      signer.run(port);
    }
  }

  void voted(LinearHybsterSlot s, Share share, Port port) {
    collector.vote(s, share, port);
  }

  private void refused(LinearHybsterSlot s, Result.Refused refused, Port port) {
    port.note(new Effect.Event.Count("trusted_refused_" + refused.reason().name(), 1));
    if (refused.reason() != Result.Refusal.COUNTER) {
      // No key, or nobody there: from now on an observer (R1).
      mute = true;
    } else if (s.mine) {
      // §5 rule 1: no logged intent explains the value: stop proposing in this view.
      silenced = view();
      counter = Math.max(counter, refused.current());
      suspects(Suspicion.MISBEHAVIOUR, port);
    }
  }

  private void certificateChecked(LinearHybsterSlot s, Candidate c, Result result, Port port) {
    if (s.candidate != c) {
      return;
    }
    if (((Result.Verdict) result).valid()) {
      c.certified = true;
      settle(s, port);
    } else {
      cancel(c.valueJob, port);
      s.candidate = null;
      drop(DropReason.BAD_SIGNATURE, c.from, "Prepare", port);
    }
  }

  private void valueChecked(LinearHybsterSlot s, Candidate c, Result result, Port port) {
    if (s.candidate != c || c.value == null) {
      return;
    }
    if (((Result.Verdict) result).valid()) {
      c.valueValid = true;
      settle(s, port);
      return;
    }
    drop(DropReason.INVALID, c.from, "Prepare", port);
    c.value = null;
    if (c.from == proposer()) {
      suspects(Suspicion.MISBEHAVIOUR, port);
    }
    settle(s, port);
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
    return highest;
  }

  @Override
  public void truncate(long stableSlot, Port port) {
    if (stableSlot <= window.low()) {
      return;
    }
    for (long n = window.low() + 1; n <= Math.min(stableSlot, highest); n++) {
      LinearHybsterSlot s = window.peek(n);
      if (s != null && !s.committed()) {
        port.stopTimer(TimerKind.COLLECTOR, n);
        if (s.mine) {
          inFlight--;
        }
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

  private void advance(long stableSlot) {
    window.advance(stableSlot);
    highest = Math.max(highest, stableSlot);
    nextSlot = Math.max(nextSlot, stableSlot + 1);
    signer.skipTo(stableSlot + 1);
    extendHeld();
    extendFrontier();
  }

  // ---- what the view change asks (§7)

  @Override
  public Settings settings() {
    return settings;
  }

  @Override
  public int instance() {
    return instance;
  }

  @Override
  public boolean mute() {
    return mute;
  }

  @Override
  public void silence() {
    mute = true;
  }

  @Override
  public boolean idle() {
    return calls == 0;
  }

  @Override
  public long counter() {
    return counter;
  }

  @Override
  public void counted(long value) {
    counter = Math.max(counter, value);
  }

  @Override
  public long low() {
    return window.low();
  }

  @Override
  public int width() {
    return (int) (window.high() - window.low());
  }

  @Override
  public NewView.@Nullable Old proposal(long slot) {
    LinearHybsterSlot s = window.peek(slot);
    Header header = s == null ? null : s.header;
    return header == null ? null : new NewView.Old(header.value(), header.attestation());
  }

  @Override
  public @Nullable Value payload(long slot, Digest value) {
    LinearHybsterSlot s = window.peek(slot);
    Value held = s == null || !s.valid ? null : s.value;
    return held != null && held.digest().equals(value) ? held : null;
  }

  @Override
  public Digest statement(long view, long slot, Digest value) {
    return settings.domain().proposal(instance, view, slot, value);
  }

  @Override
  public void want(long slot, Port port) {
    fetch(Math.min(slot, window.high()), port);
  }

  @Override
  public void sendCommits(int to, long committed, Port port) {
    repair.sendCommits(to, committed, port);
  }

  @Override
  public LogRecord intent(long view, long slot, Value value) {
    return log.intent(view, slot, null, value);
  }

  @Override
  public void left(Port port) {
    early.clear();
  }

  @Override
  public void install(NewView n, List<Value> payloads, Port port) {
    inFlight = 0;
    for (long o = window.low() + 1; o <= highest; o++) {
      LinearHybsterSlot s = window.peek(o);
      if (s != null) {
        cancelCandidate(s, port);
        s.beginView();
      }
    }
    Map<Digest, Value> values = new LinkedHashMap<>();
    payloads.forEach(value -> values.put(value.digest(), value));
    collector.entered();
    highest = window.low();
    held = window.low();
    signer.start(Math.max(spoken(), window.low()) + 1);
    nextSlot = Math.max(spoken(), Math.max(n.content().max(), window.low())) + 1;
    tellEntered(port);
    adopt(n, values, port);
    for (long o = window.low() + 1; o <= window.high(); o++) {
      LinearHybsterSlot s = window.peek(o);
      if (s != null && (s.committed() || s.header != null)) {
        highest = o;
      }
    }
    extendHeld();
    extendFrontier();
    for (Prepare m : takeEarly()) {
      onPrepare(proposer(), m, port);
    }
    signer.run(port);
    repair.look(port);
  }

  /** The last slot that this replica signed in a view entered last and left. */
  private long spokenIn(long view) {
    long origin = changer.origin();
    return Counters.view(origin) == view ? Counters.slot(origin) : 0;
  }

  private long spoken() {
    return Counters.view(counter) == installed() ? Counters.slot(counter) : 0;
  }

  private List<Prepare> takeEarly() {
    List<Prepare> mine = new ArrayList<>();
    if (earlyView == installed()) {
      for (long slot : early.keysUpTo(window.high())) {
        Prepare m = early.get(slot);
        if (m != null && window.contains(slot)) {
          mine.add(m);
        }
      }
    }
    early.clear();
    return mine;
  }

  private void cancelCandidate(LinearHybsterSlot s, Port port) {
    if (s.candidate != null) {
      cancel(s.candidate.certificateJob, port);
      cancel(s.candidate.valueJob, port);
    }
    port.stopTimer(TimerKind.COLLECTOR, s.slot);
  }

  /** The re-proposals of a NEW-VIEW become this view's proposals; gates do not apply to them. */
  private void adopt(NewView n, Map<Digest, Value> values, Port port) {
    NewView.Content c = n.content();
    boolean leads = proposer() == settings.self();
    for (long o = window.low() + 1; o <= c.max(); o++) {
      Digest digest = c.value(o);
      if (digest == null) {
        continue;
      }
      LinearHybsterSlot s = window.get(o);
      NewView.Signed signed = n.proposals().get((int) (o - c.base().slot() - 1));
      Header header = new Header(c.view(), o, digest, signed.share(), signed.attestation());
      Digest committed = s.committedDigest();
      Invariant.check(
          committed == null || committed.equals(digest), "a NEW-VIEW re-proposes what committed");
      s.header = header;
      s.shares.add(statement(s, c.view(), digest), leaderShare(header));
      Value value = values.get(digest);
      if (s.value == null && value != null) {
        s.value = value;
        s.valid = true;
      }
      s.logged = true;
      if (leads) {
        s.own = leaderShare(header);
        s.signing = true;
        if (!s.committed()) {
          s.mine = true;
          inFlight++;
        }
      }
      if (s.value != null) {
        port.emit(new EngineEvent.Proposed(new Proposal(c.view(), o, s.value, proposer())));
      }
      decide(s, port);
      if (leads) {
        collector.voted(s, port);
      }
    }
  }

  /** After a restart: certificates of re-proposals are in the NEW-VIEW, not in records of slots. */
  private void takeUpProposals() {
    NewView n = changer.newView();
    if (n == null) {
      return;
    }
    for (long o = window.low() + 1; o <= n.content().max(); o++) {
      Digest digest = n.content().value(o);
      if (digest == null || !window.contains(o)) {
        continue;
      }
      LinearHybsterSlot s = window.get(o);
      NewView.Signed signed = n.proposals().get((int) (o - n.content().base().slot() - 1));
      s.header = new Header(n.view(), o, digest, signed.share(), signed.attestation());
      if (proposer() == settings.self()) {
        s.own = leaderShare(s.header);
      }
    }
  }
}
