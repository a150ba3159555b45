package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Result;
import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.engine.Value;
import io.destiny.core.kit.Jobs;
import io.destiny.core.kit.NewViewTimer;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.trusted.Counters;
import io.destiny.protocols.hybrid.HybridMessage.Body;
import io.destiny.protocols.hybrid.HybridMessage.Payload;
import io.destiny.protocols.hybrid.HybridMessage.ViewChangeBody;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Leaving and entering views (hybster.md §5.2): what comes in, and what is done next. What is
 * promised is durable before the counter that binds it moves; one step at a time: a view is not
 * left while a call on its counter is under way or while its NEW-VIEW is being certified.
 */
public final class ViewChanger {
  private final HybridHost host;
  private final Jobs jobs = new Jobs();
  private final Complaints complaints;
  private final Collected collected;
  private final NewViews newViews;
  private final Payloads payloads;
  private final Promises promises;
  private final NewViewTimer timer;
  private final Leaving leaving;
  private final Making making;
  private final Entering entering;

  /** A complaint proof on which this replica has not left yet. */
  private Complaints.@Nullable Proof pending;

  /** A view is to be left or entered as soon as no call on the counter is under way. */
  private boolean stopping;

  /** The highest view of which a commit was seen. */
  private long seen;

  /** A view whose leader has misbehaved: the complaint is repeated. */
  private long insistent = -1;

  private boolean resending;

  /** When each peer was last sent what leads to a higher view. */
  private final TreeMap<Integer, Long> led = new TreeMap<>();

  public ViewChanger(HybridHost host, HybridCodec codec) {
    this.host = host;
    Validation validation = new Validation(host);
    this.complaints = new Complaints(host, jobs, this::act);
    this.collected = new Collected(host, validation, jobs, this::valid, this::proceed);
    this.newViews = new NewViews(host, validation, jobs, this::proceed);
    this.payloads = new Payloads(host, jobs, this::proceed);
    this.promises = new Promises(host, codec, validation, newViews);
    this.timer = new NewViewTimer(host.settings());
    this.leaving = new Leaving(host, validation, promises, collected, timer);
    this.making = new Making(host, promises, collected, newViews, payloads);
    this.entering = new Entering(host, promises, payloads);
  }

  /** The present view: the target, once one was left. */
  public long view() {
    return promises.view();
  }

  /** The view entered last: its proposals are the ones held. */
  public long installed() {
    return promises.installed();
  }

  /** Whether the present view was entered. */
  public boolean entered() {
    return promises.entered();
  }

  /** Whether this replica may sign in the present view. */
  public boolean active() {
    return entered() && seen <= view() && !stopping && !busy();
  }

  /** A commit certificate of a view was seen: if it is a later one, the present view is over. */
  public void seen(long committed, Port port) {
    if (committed > view() && committed > seen) {
      seen = committed;
      newViews.want(committed, host.leader(committed), port);
      restartResend(port);
    }
  }

  /** The NEW-VIEW of the view entered last; null for view 0. */
  public NewView.@Nullable Content content() {
    return newViews.content(installed());
  }

  /** The NEW-VIEW of the view entered last; null for view 0. */
  public @Nullable NewView newView() {
    return newViews.kept().get(installed());
  }

  private boolean busy() {
    return leaving.busy() || making.busy() || entering.busy();
  }

  // ---- start

  /** Whether a record of the log is the view change's. */
  public static boolean owns(LogRecord record) {
    return record.kind() == ViewRecord.KIND && record.slot() == 0;
  }

  /** Takes up what was promised; before the engine takes up its slots. */
  public void restore(LogRecord record) {
    promises.restore(record);
  }

  /** A payload in the log that a NEW-VIEW in the making may refer to: it was valid when written. */
  public void restorePayload(long slot, Value value) {
    if (making.busy()) {
      payloads.restored(slot, value);
    }
  }

  /** Goes on where a crash interrupted: certificates that were lost are asked for again. */
  public void resume(Port port) {
    ViewChangeHeader h = promises.own();
    Body body = promises.body();
    if (h != null && body != null && !entered()) {
      if (promises.certified()) {
        collected.own(h, body);
        restartResend(port);
      } else if (!host.mute()) {
        leaving.ask(h, port);
      }
    }
    // A view is entered in the log before its counter moves.
    if (entered() && !host.mute() && Counters.view(host.counter()) < installed()) {
      NewView n = newView();
      if (n != null) {
        entering.ask(n, port);
      }
    }
    if (!host.mute()) {
      making.call(port);
    }
    proceed(port);
  }

  // ---- rule 8

  /** This replica complains of the present view. */
  public void suspect(Suspicion reason, long target, Port port) {
    if (target > view() && target < Counters.VIEW_LIMIT) {
      if (reason == Suspicion.MISBEHAVIOUR) {
        insistent = view();
        restartResend(port);
      }
      complaints.complain(view(), target, reason, port);
    }
  }

  /**
   * Leaves for a view above the present one. The complaints may be of a view that was left already:
   * f+1 of them may let one correct replica go to the next view, and all of them let others go to
   * the one that its owner leads (dqbft.md §7); it is the higher one where all meet.
   */
  private void act(Complaints.Proof proof, Port port) {
    Complaints.Proof before = pending;
    if (proof.target() > view() && (before == null || before.target() < proof.target())) {
      pending = proof;
      proceed(port);
    }
  }

  private void valid(ViewChangeHeader h, Port port) {
    port.learn(h.watermark());
    act(new Complaints.Proof(h.complaint(), h.target(), h.complaintProof()), port);
  }

  // ---- messages

  public void onMessage(int from, HybridMessage message, Port port) {
    switch (message) {
      case HybridMessage.Complain m -> {
        if (m.view() < view()) {
          lead(from, port);
        }
        if (m.committed() < host.frontier()) {
          host.sendCommits(from, m.committed(), port);
        }
        if (m.view() >= view()) {
          complaints.onComplain(from, m, port);
        }
      }
      case HybridMessage.ViewChange m -> {
        if (m.view() <= installed()) {
          lead(from, port);
        } else {
          collected.onViewChange(from, m.header(), port);
        }
      }
      case ViewChangeBody m -> {
        if (m.view() >= view() && host.leader(m.view()) == host.settings().self()) {
          collected.onBody(from, m.view(), m.body(), port);
          proceed(port);
        } else {
          port.drop(DropReason.UNEXPECTED, from, m.kind());
        }
      }
      case HybridMessage.NewViewMessage m ->
          newViews.onNewView(from, m.newView(), installed(), port);
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

  private void answer(int from, HybridMessage.Ask m, Port port) {
    switch (m.wanted()) {
      case BODY -> leaving.serveBody(from, m.view(), port);
      case NEW_VIEW -> newViews.serve(from, m.view(), port);
      case PAYLOAD -> {
        Value value = host.payload(m.sequence(), m.digest());
        value = value == null ? payloads.held(m.sequence(), m.digest()) : value;
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
    boolean served = newViews.serve(to, installed(), port);
    served |= leaving.serve(to, port);
    if (served) {
      led.put(to, port.now());
    }
  }

  // ---- what happens next

  /** Leaves, makes or enters, whatever is possible now; called whenever something has changed. */
  public void proceed(Port port) {
    stopping = false;
    payloads.forget(host.low());
    if (busy()) {
      return;
    }
    NewView next = newViews.above(installed());
    if (next != null && next.view() < view()) {
      next = null;
    }
    Complaints.Proof proof = pending;
    if (proof != null && proof.target() <= view()) {
      pending = null;
      proof = null;
    }
    if (proof != null && (next == null || proof.target() > next.view())) {
      leave(proof, port);
    } else if (next != null) {
      enter(next, port);
    }
    if (!busy() && !entered()) {
      making.begin(port);
      awaitNewView(port);
    }
    if (payloads.missing() || newViews.busy()) {
      payloads.ask(true, port);
      restartResend(port);
    }
  }

  /** Where the ORDER counter stood when this replica left the view that it entered last. */
  public long origin() {
    return leaving.origin();
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
    } else if (stopped()) {
      if (leaving.leave(proof, port)) {
        pending = null;
      } else {
        restartResend(port);
      }
    }
  }

  private void enter(NewView n, Port port) {
    NewView.Content c = n.content();
    if (c.base().slot() > host.low()) {
      port.learn(c.base());
      restartResend(port);
    } else if (entering.ready(c) && stopped()) {
      entering.promise(n, port);
      if (host.mute() || Counters.view(host.counter()) >= n.view()) {
        install(n, port);
      } else {
        entering.ask(n, port);
      }
    }
  }

  private void install(NewView n, Port port) {
    timer.stop(port);
    complaints.forget(n.view());
    collected.forget(n.view());
    List<Value> values = entering.payloads(n.content());
    payloads.clear();
    host.install(n, values, port);
    proceed(port);
  }

  /** A checkpoint of the present view is stable: it works. */
  public void works() {
    timer.works();
  }

  // ---- timers

  private void awaitNewView(Port port) {
    if (!entered() && collected.wanting(view()) >= host.settings().rule().quorum()) {
      timer.begin(port);
    }
  }

  /** T_nv and T_resend. */
  public void onTimer(TimerKind kind, Port port) {
    if (kind == TimerKind.NEW_VIEW) {
      if (timer.expired() && !entered()) {
        suspect(Suspicion.NEW_VIEW, view() + 1, port);
        port.emit(new EngineEvent.Suspected(view(), Suspicion.NEW_VIEW));
        timer.begin(port);
      }
      return;
    }
    resending = false;
    if (!entered()) {
      leaving.broadcast(port);
      if (complaints.complained(view())) {
        suspect(Suspicion.NEW_VIEW, view() + 1, port);
      }
      if (host.leader(view()) == host.settings().self()) {
        collected.askForBodies(view(), port);
      }
    }
    if (insistent == view()) {
      suspect(Suspicion.MISBEHAVIOUR, view() + 1, port);
    }
    newViews.resend(port);
    if (seen > view()) {
      newViews.want(seen, host.leader(seen), port);
    }
    payloads.ask(false, port);
    proceed(port);
    if (insistent == view()
        || !entered()
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

  // ---- answers

  /** An answer; false if the view change did not ask for it. */
  public boolean onComputed(long id, Result result, Port port) {
    if (leaving.knows(id)) {
      if (leaving.onComputed(result, port)) {
        restartResend(port);
        proceed(port);
      }
    } else if (entering.knows(id)) {
      NewView n = entering.onComputed(result, port);
      if (n != null) {
        install(n, port);
      }
    } else if (making.knows(id)) {
      NewView made = making.onComputed(id, result, port);
      if (made != null) {
        entering.promise(made, port);
        port.broadcast(new HybridMessage.NewViewMessage(made));
        install(made, port);
      }
    } else {
      return jobs.answered(id, result, port);
    }
    return true;
  }
}
