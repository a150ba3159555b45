package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Result;
import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.Watermark;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.protocols.hybrid.HybridMessage.Body;
import io.destiny.protocols.hybrid.HybridMessage.Payload;
import io.destiny.protocols.hybrid.HybridMessage.ViewChange;
import io.destiny.protocols.hybrid.HybridMessage.ViewChangeBody;
import io.destiny.protocols.hybrid.ViewChangeHeader.Link;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Leaving and entering views (hybster.md §5.2). What it promises is durable before the counter that
 * binds it moves; one step at a time: a view is not left while a call on its counter is under way
 * or while its NEW-VIEW is being certified.
 */
public final class ViewChanger {
  /** T_nv doubles up to this. */
  private static final long LONGEST = 60_000_000_000L;

  private sealed interface Job {
    record Leave(long target) implements Job {}

    record Enter(long view) implements Job {}

    record Make() implements Job {}
  }

  private final HybridHost host;
  private final HybridCodec codec;
  private final Validation validation;
  private final Complaints complaints;
  private final Collected collected;
  private final NewViews newViews;
  private final Payloads payloads;
  private final TreeMap<Long, Job> jobs = new TreeMap<>();

  /** The present view, and the one entered last: they differ between leaving and entering. */
  private long view;

  private long installed;

  /** A complaint proof on which this replica has not left yet. */
  private Complaints.@Nullable Proof pending;

  /** The own VIEW-CHANGE, with its certificate or while that is asked for. */
  private @Nullable ViewChangeHeader own;

  private @Nullable Body ownBody;
  private boolean certified;

  /** Certificates of the views left since the last one entered. */
  private List<Link> chain = new ArrayList<>();

  private @Nullable NewViewMaker maker;
  private @Nullable NewView entering;

  /** A view is to be left or entered as soon as no call on the counter is under way. */
  private boolean stopping;

  /** The highest view of which a commit was seen. */
  private long seen;

  /** A view whose leader has misbehaved: the complaint is repeated. */
  private long insistent = -1;

  private int fails;
  private boolean waiting;
  private boolean resending;

  /** When each peer was last sent what leads to a higher view. */
  private final TreeMap<Integer, Long> led = new TreeMap<>();

  public ViewChanger(HybridHost host, HybridCodec codec) {
    this.host = host;
    this.codec = codec;
    this.validation = new Validation(host);
    this.complaints = new Complaints(host);
    this.collected = new Collected(host, validation);
    this.newViews = new NewViews(host, validation);
    this.payloads = new Payloads(host);
  }

  /** The present view: the target, once one was left. */
  public long view() {
    return view;
  }

  /** The view entered last: its proposals are the ones held. */
  public long installed() {
    return installed;
  }

  /** Whether the present view was entered. */
  public boolean entered() {
    return view == installed;
  }

  /** Whether this replica may sign in the present view. */
  public boolean active() {
    return view == installed && seen <= view && !stopping && !busy();
  }

  /** A commit certificate of a view was seen: if it is a later one, the present view is over. */
  public void seen(long committed, Port port) {
    if (committed > view && committed > seen) {
      seen = committed;
      newViews.want(committed, host.leader(committed), port);
      restartResend(port);
    }
  }

  /** The NEW-VIEW of the view entered last; null for view 0. */
  public NewView.@Nullable Content content() {
    return newViews.content(installed);
  }

  /** The NEW-VIEW of the view entered last; null for view 0. */
  public @Nullable NewView newView() {
    return newViews.kept().get(installed);
  }

  private boolean busy() {
    return !jobs.isEmpty() || maker != null;
  }

  // ---- start

  /** Whether a record of the log is the view change's. */
  public static boolean owns(LogRecord record) {
    return record.kind() == ViewRecord.KIND && record.slot() == 0;
  }

  /** Takes up what was promised; before the engine takes up its slots. */
  public void restore(LogRecord record) {
    ViewRecord r = ViewRecord.of(record, codec);
    view = r.view();
    installed = r.installed();
    newViews.restore(r.kept(), r.proofs());
    chain = new ArrayList<>(r.chain());
    own = r.leaving();
    ownBody = r.body();
    certified = r.certified();
    NewView.Content making = r.making();
    if (making != null) {
      maker = new NewViewMaker(validation, making, digest(making), r.signed());
    }
  }

  /** A payload in the log that a NEW-VIEW in the making may refer to: it was valid when written. */
  public void restorePayload(long slot, Value value) {
    if (maker != null) {
      payloads.restored(slot, value);
    }
  }

  private Digest digest(NewView.Content content) {
    return content.digest(host.settings().domain());
  }

  /** Goes on where a crash interrupted: certificates that were lost are asked for again. */
  public void resume(Port port) {
    ViewChangeHeader h = own;
    Body body = ownBody;
    if (h != null && body != null && view != installed) {
      if (certified) {
        collected.own(h, body);
        restartResend(port);
      } else if (!host.mute()) {
        askToLeave(h, port);
      }
    }
    // A view is entered in the log before its counter moves.
    if (view == installed && !host.mute() && Counters.view(host.counter()) < installed) {
      NewView n = newViews.kept().get(installed);
      if (n != null) {
        enterCounter(n, port);
      }
    }
    if (maker != null && !host.mute()) {
      make(port);
    }
    proceed(port);
  }

  private void persist(boolean lazily, List<LogRecord> more, Port port) {
    NewViewMaker m = maker;
    ViewRecord record =
        new ViewRecord(
            view,
            installed,
            newViews.kept(),
            newViews.proofs(),
            chain,
            own,
            certified,
            ownBody,
            m == null ? null : m.content(),
            m == null ? List.of() : m.signed());
    List<LogRecord> records = new ArrayList<>(more);
    records.add(record.toLog(host.instance()));
    if (lazily) {
      port.persistLazily(records);
    } else {
      port.persist(records);
    }
  }

  // ---- rule 8

  /** This replica complains of the present view. */
  public void suspect(Suspicion reason, long target, Port port) {
    if (target > view && target < Counters.VIEW_LIMIT) {
      if (reason == Suspicion.MISBEHAVIOUR) {
        insistent = view;
        restartResend(port);
      }
      complaints.complain(view, target, reason, port);
    }
  }

  private void act(Complaints.Proof proof, Port port) {
    Complaints.Proof before = pending;
    if (proof.view() >= view
        && proof.target() > view
        && (before == null || before.target() < proof.target())) {
      pending = proof;
      proceed(port);
    }
  }

  // ---- messages

  public void onMessage(int from, HybridMessage message, Port port) {
    switch (message) {
      case HybridMessage.Complain m -> {
        if (m.view() < view) {
          lead(from, port);
        }
        if (m.committed() < host.frontier()) {
          host.sendCommits(from, m.committed(), port);
        }
        if (m.view() >= view) {
          complaints.onComplain(from, m, port);
        }
      }
      case HybridMessage.ViewChange m -> {
        if (m.view() <= installed) {
          lead(from, port);
        } else {
          collected.onViewChange(from, m.header(), port);
        }
      }
      case ViewChangeBody m -> {
        if (m.view() >= view && host.leader(m.view()) == host.settings().self()) {
          collected.onBody(from, m.view(), m.body(), port);
          proceed(port);
        } else {
          drop(DropReason.UNEXPECTED, from, m.kind(), port);
        }
      }
      case HybridMessage.NewViewMessage m -> newViews.onNewView(from, m.newView(), installed, port);
      case HybridMessage.Ack m -> newViews.onAck(from, m, port);
      case HybridMessage.Proof m -> newViews.onProof(from, m, port);
      case HybridMessage.Ask m -> answer(from, m, port);
      case Payload m -> {
        if (payloads.onPayload(from, m, port)) {
          proceed(port);
        }
      }
    }
  }

  private static void drop(DropReason reason, int from, String kind, Port port) {
    port.note(new Effect.Event.Dropped(reason, from, kind));
  }

  private void answer(int from, HybridMessage.Ask m, Port port) {
    switch (m.wanted()) {
      case BODY -> {
        ViewChangeHeader h = own;
        Body body = ownBody;
        if (h != null && body != null && h.target() == m.view()) {
          port.send(from, new ViewChangeBody(host.instance(), m.view(), body));
        }
      }
      case NEW_VIEW -> newViews.serve(from, m.view(), port);
      case PAYLOAD -> {
        Value value = host.payload(m.sequence(), m.digest());
        value = value == null ? payloads.held(m.digest()) : value;
        if (value != null) {
          port.send(from, new Payload(host.instance(), m.sequence(), value));
        }
      }
    }
  }

  /**
   * Shows a peer the way to the present view (00-system-model §8): its NEW-VIEW, or the own
   * VIEW-CHANGE with its complaint proof.
   */
  public void lead(int to, Port port) {
    Long before = led.get(to);
    if (before != null && port.now() - before < host.settings().tuning().resendDelay()) {
      return;
    }
    ViewChangeHeader h = own;
    boolean served = newViews.serve(to, installed, port);
    if (view != installed && h != null && certified) {
      port.send(to, new ViewChange(h));
      served = true;
    }
    if (served) {
      led.put(to, port.now());
    }
  }

  // ---- what happens next

  /** Leaves, makes or enters, whatever is possible now; called whenever something has changed. */
  public void proceed(Port port) {
    stopping = false;
    if (busy()) {
      return;
    }
    NewView next = newViews.above(installed);
    if (next != null && next.view() < view) {
      next = null;
    }
    Complaints.Proof proof = pending;
    if (proof != null && proof.target() <= view) {
      pending = null;
      proof = null;
    }
    if (proof != null && (next == null || proof.target() > next.view())) {
      leave(proof, port);
    } else if (next != null) {
      enter(next, port);
    }
    if (!busy() && view != installed) {
      makeIfComplete(port);
      awaitNewView(port);
    }
    if (payloads.missing() || newViews.busy()) {
      payloads.ask(true, port);
      restartResend(port);
    }
  }

  // ---- rule 9: leaving

  /** Where the ORDER counter stood when this replica left the view that it entered last. */
  public long origin() {
    return chain.isEmpty() ? host.counter() : chain.getFirst().certificate().previous();
  }

  /** Whether a step can be taken now; else it is taken when the calls under way are answered. */
  private boolean stopped() {
    stopping = !host.idle();
    return !stopping;
  }

  private void leave(Complaints.Proof proof, Port port) {
    if (host.mute()) {
      // An observer signs nothing: it follows the NEW-VIEW.
      pending = null;
      return;
    }
    if (!stopped()) {
      return;
    }
    long a = host.counter();
    List<Link> links = Counters.slot(a) == 0 && a != entry() ? List.copyOf(chain) : List.of();
    long origin = links.isEmpty() ? a : links.getFirst().certificate().previous();
    boolean shown =
        Counters.view(origin) == installed
            && (links.isEmpty() || links.getLast().certificate().value() == a);
    Watermark watermark = port.watermark();
    Body body = shown ? body(watermark, Counters.slot(origin)) : null;
    if (body == null || watermark.slot() != host.low()) {
      // Not all that was signed for can be shown: until it can, this replica is one of the f.
      host.want(Counters.slot(origin), port);
      restartResend(port);
      return;
    }
    ViewChangeHeader h =
        new ViewChangeHeader(
            host.instance(),
            host.settings().self(),
            proof.target(),
            proof.view(),
            proof.certificate(),
            watermark,
            validation.digest(body),
            links,
            ViewRecord.uncertified(host.settings().self(), a, proof.target()));
    pending = null;
    view = proof.target();
    own = h;
    ownBody = body;
    certified = false;
    waiting = false;
    port.stopTimer(TimerKind.NEW_VIEW, 0);
    host.left(port);
    persist(false, List.of(), port);
    askToLeave(h, port);
  }

  /** [w|0] of the view entered last. */
  private long entry() {
    return Counters.encode(installed, 0);
  }

  private @Nullable Body body(Watermark watermark, long last) {
    List<NewView.Old> proposals = new ArrayList<>();
    for (long o = watermark.slot() + 1; o <= last; o++) {
      NewView.Old proposal = host.proposal(o);
      if (proposal == null) {
        return null;
      }
      proposals.add(proposal);
    }
    return new Body(watermark.slot() + 1, proposals);
  }

  private void askToLeave(ViewChangeHeader h, Port port) {
    Digest digest = h.digest(host.settings().domain());
    long job =
        port.trusted(
            new TrustedCall.Continuing(
                host.instance(),
                Counters.ORDER,
                h.certificate().previous(),
                h.certificate().value(),
                digest));
    jobs.put(job, new Job.Leave(h.target()));
  }

  private void leaveAnswered(Result result, Port port) {
    ViewChangeHeader h = own;
    Body body = ownBody;
    if (h == null || body == null) {
      return;
    }
    if (!(result instanceof Result.Continued continued)) {
      refused(result, port);
      return;
    }
    Digest digest = h.digest(host.settings().domain());
    ViewChangeHeader complete =
        new ViewChangeHeader(
            h.instance(),
            h.sender(),
            h.target(),
            h.complaint(),
            h.complaintProof(),
            h.watermark(),
            h.body(),
            h.chain(),
            continued.certificate());
    host.counted(continued.certificate().value());
    own = complete;
    certified = true;
    chain = new ArrayList<>(h.chain());
    chain.add(new Link(continued.certificate(), digest));
    persist(true, List.of(), port);
    collected.own(complete, body);
    sendOwn(port);
    restartResend(port);
    proceed(port);
  }

  private void sendOwn(Port port) {
    ViewChangeHeader h = own;
    Body body = ownBody;
    if (h != null && body != null && certified && view != installed) {
      port.broadcast(new ViewChange(h));
      int leader = host.leader(view);
      if (leader != host.settings().self()) {
        port.send(leader, new ViewChangeBody(host.instance(), view, body));
      }
    }
  }

  private void refused(Result result, Port port) {
    port.note(new Effect.Event.Count("view_change_refused", 1));
    if (result instanceof Result.Refused) {
      host.silence();
    }
  }

  // ---- T_nv

  private void awaitNewView(Port port) {
    if (!waiting
        && view != installed
        && collected.wanting(view) >= host.settings().rule().quorum()) {
      waiting = true;
      port.startTimer(TimerKind.NEW_VIEW, 0, delay());
    }
  }

  private long delay() {
    long delay = host.settings().tuning().viewTimeout() << Math.min(fails, 20);
    return Math.min(delay, Math.max(LONGEST, host.settings().tuning().viewTimeout()));
  }

  /** T_nv and T_resend. */
  public void onTimer(TimerKind kind, Port port) {
    if (kind == TimerKind.NEW_VIEW) {
      if (waiting && view != installed) {
        fails++;
        suspect(Suspicion.NEW_VIEW, view + 1, port);
        port.emit(new EngineEvent.Suspected(view, Suspicion.NEW_VIEW));
        port.startTimer(TimerKind.NEW_VIEW, 0, delay());
      }
      return;
    }
    resending = false;
    if (view != installed) {
      sendOwn(port);
      if (complaints.complained(view)) {
        suspect(Suspicion.NEW_VIEW, view + 1, port);
      }
      if (host.leader(view) == host.settings().self()) {
        collected.askForBodies(view, port);
      }
    }
    if (insistent == view) {
      suspect(Suspicion.MISBEHAVIOUR, view + 1, port);
    }
    newViews.resend(port);
    if (seen > view) {
      newViews.want(seen, host.leader(seen), port);
    }
    payloads.ask(false, port);
    proceed(port);
    if (insistent == view
        || view != installed
        || pending != null
        || payloads.missing()
        || newViews.busy()) {
      restartResend(port);
    }
  }

  private void restartResend(Port port) {
    if (!resending) {
      resending = true;
      port.startTimer(TimerKind.VIEW_RESEND, 0, host.settings().tuning().resendDelay());
    }
  }

  // ---- rule 12: making

  private void makeIfComplete(Port port) {
    if (host.leader(view) != host.settings().self() || host.mute() || !certified) {
      return;
    }
    List<ViewChangeHeader> usable = new ArrayList<>();
    for (ViewChangeHeader h : collected.complete(view)) {
      if (usable(h, port)) {
        usable.add(h);
      }
    }
    int quorum = host.settings().rule().quorum();
    if (usable.size() < quorum) {
      return;
    }
    List<ViewChangeHeader> chosen = usable.subList(0, quorum);
    NewView.Content before = newViews.content(Validation.from(chosen));
    NewView.Content content =
        Validation.content(
            host.instance(), view, List.copyOf(chosen), collected.bodies(), before, port);
    if (content.base().slot() > host.low()) {
      // Its state first: port.learn has started the transfer.
      return;
    }
    List<LogRecord> intents = new ArrayList<>();
    for (long o = host.low() + 1; o <= content.max(); o++) {
      Digest digest = content.value(o);
      Value value = digest == null ? null : payloads.get(o, digest, host.settings().self());
      if (value == null) {
        return;
      }
      intents.add(host.intent(view, o, value));
    }
    maker = new NewViewMaker(validation, content, digest(content), List.of());
    persist(false, intents, port);
    make(port);
  }

  /** Whether a VIEW-CHANGE is complete: its from-view is known, its payloads are held and valid. */
  private boolean usable(ViewChangeHeader h, Port port) {
    if (!newViews.known(h.from())) {
      newViews.want(h.from(), h.sender(), port);
      return false;
    }
    NewView.Content from = newViews.content(h.from());
    Body body = collected.bodies().get(h.sender());
    if (body == null || !Validation.coversBase(h, from)) {
      return false;
    }
    boolean complete = true;
    for (int i = 0; i < body.proposals().size(); i++) {
      complete &= holds(body.first() + i, body.proposals().get(i).value(), h.sender());
    }
    long inherited = from == null ? 0 : from.max();
    for (long o = Math.max(host.low(), h.watermark().slot()) + 1; o <= inherited; o++) {
      Digest value = from == null ? null : from.value(o);
      complete &= value == null || holds(o, value, h.sender());
    }
    return complete;
  }

  private boolean holds(long slot, Digest value, int reporter) {
    return slot <= host.low() || payloads.get(slot, value, reporter) != null;
  }

  private void make(Port port) {
    NewViewMaker m = maker;
    if (m != null && m.caughtUp()) {
      if (!m.signed().isEmpty()) {
        persist(false, List.of(), port);
      }
      m.call(port, job -> jobs.put(job, new Job.Make()));
    }
  }

  private void makeAnswered(Result result, Port port) {
    NewViewMaker m = maker;
    if (m == null) {
      return;
    }
    if (!(result instanceof Result.Shared shared)) {
      refused(result, port);
      return;
    }
    NewView made = m.answered(shared);
    host.counted(m.counter());
    if (made == null) {
      make(port);
      return;
    }
    maker = null;
    newViews.made(made);
    newViews.acknowledge(made.view(), m.digest(), port);
    promise(made, port);
    port.broadcast(new HybridMessage.NewViewMessage(made));
    install(made, port);
  }

  // ---- rule 13: entering

  private void enter(NewView n, Port port) {
    NewView.Content c = n.content();
    if (c.base().slot() > host.low()) {
      port.learn(c.base());
      restartResend(port);
      return;
    }
    if (c.max() > host.low() + host.width()) {
      return;
    }
    int reporter = host.leader(n.view());
    boolean complete = true;
    for (long o = host.low() + 1; o <= c.max(); o++) {
      Digest value = c.value(o);
      complete &= value != null && payloads.get(o, value, reporter) != null;
    }
    if (!complete || !stopped()) {
      return;
    }
    view = n.view();
    promise(n, port);
    if (host.mute() || Counters.view(host.counter()) >= n.view()) {
      install(n, port);
    } else {
      enterCounter(n, port);
    }
  }

  /** What entering promises, with the payloads that this replica must be able to show from now. */
  private void promise(NewView n, Port port) {
    List<LogRecord> intents = new ArrayList<>();
    for (long o = host.low() + 1; o <= n.content().max(); o++) {
      Digest digest = n.content().value(o);
      Value value = digest == null ? null : payloads.get(o, digest, host.settings().self());
      if (value != null) {
        intents.add(host.intent(n.view(), o, value));
      }
    }
    installed = n.view();
    own = null;
    ownBody = null;
    certified = false;
    chain = new ArrayList<>();
    newViews.prune(installed);
    persist(false, intents, port);
  }

  private void enterCounter(NewView n, Port port) {
    entering = n;
    long job =
        port.trusted(
            new TrustedCall.Continuing(
                host.instance(),
                Counters.ORDER,
                host.counter(),
                Counters.encode(n.view(), 0),
                digest(n.content())));
    jobs.put(job, new Job.Enter(n.view()));
  }

  private void enterAnswered(Result result, Port port) {
    NewView n = entering;
    entering = null;
    if (n == null) {
      return;
    }
    if (result instanceof Result.Continued c) {
      host.counted(c.certificate().value());
    } else {
      refused(result, port);
    }
    install(n, port);
  }

  private void install(NewView n, Port port) {
    waiting = false;
    port.stopTimer(TimerKind.NEW_VIEW, 0);
    complaints.forget(view);
    collected.forget(view);
    List<Value> values = new ArrayList<>();
    for (long o = host.low() + 1; o <= n.content().max(); o++) {
      Digest digest = n.content().value(o);
      Value value = digest == null ? null : payloads.get(o, digest, host.settings().self());
      if (value != null) {
        values.add(value);
      }
    }
    payloads.clear();
    host.install(n, values, port);
    proceed(port);
  }

  /** A checkpoint of the present view is stable: it works. */
  public void works() {
    fails = 0;
  }

  // ---- answers

  /** Whether a job is the view change's. */
  public boolean knows(long job) {
    return jobs.containsKey(job)
        || complaints.knows(job)
        || collected.knows(job)
        || newViews.knows(job)
        || payloads.knows(job);
  }

  public void onComputed(long id, Result result, Port port) {
    Job job = jobs.remove(id);
    switch (job) {
      case Job.Leave l -> leaveAnswered(result, port);
      case Job.Enter e -> enterAnswered(result, port);
      case Job.Make m -> makeAnswered(result, port);
      case null -> otherAnswered(id, result, port);
    }
  }

  private void otherAnswered(long id, Result result, Port port) {
    if (complaints.knows(id)) {
      Complaints.Proof proof = complaints.onComputed(id, result, port);
      if (proof != null) {
        act(proof, port);
      }
    } else if (collected.knows(id)) {
      ViewChangeHeader h = collected.onComputed(id, result, port);
      if (h != null) {
        port.learn(h.watermark());
        act(new Complaints.Proof(h.complaint(), h.target(), h.complaintProof()), port);
      }
      proceed(port);
    } else if (newViews.knows(id)) {
      if (newViews.onComputed(id, result, port)) {
        proceed(port);
      }
    } else if (payloads.onComputed(id, result, port)) {
      proceed(port);
    }
  }
}
