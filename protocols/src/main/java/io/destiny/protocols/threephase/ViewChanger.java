package io.destiny.protocols.threephase;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.Watermark;
import io.destiny.core.kit.NewViewTimer;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.core.model.QuorumRule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Leaving and entering views (pbft.md §5 rules 10 to 14). A time-out sends the VIEW-CHANGE itself:
 * a replica that is alone with it is silent until f more join, or decides by what others claim.
 */
final class ViewChanger {
  private final ThreePhaseEngine engine;
  private final ViewChanges store;
  private final NewViewTimer timer;

  /** Payloads that a NEW-VIEW in the making needs, by digest; null: sought. */
  private final TreeMap<Digest, Long> sought = new TreeMap<>();

  private final TreeMap<Digest, Value> found = new TreeMap<>();

  /** When each peer was last sent what leads to a higher view. */
  private final TreeMap<Integer, Long> led = new TreeMap<>();

  private long view;
  private long installed;
  private @Nullable NewView newView;

  /** What {@link #newView} refers to: kept, and served, until the next view (rule 14). */
  private List<ViewChange> referred = List.of();

  /** For {@link #view}, once it is signed; null while it is not left. */
  private @Nullable ViewChange own;

  /** Where a primary stands still, and since when; -1: it does not. */
  private long stuckAt = -1;

  private long stuckSince;
  private boolean making;
  private boolean resending;

  ViewChanger(ThreePhaseEngine engine) {
    this.engine = engine;
    this.store = new ViewChanges(engine);
    this.timer = new NewViewTimer(engine.settings);
  }

  /** The present view: the target, once one was left. */
  long view() {
    return view;
  }

  /** The view entered last: its proposals are the ones held. */
  long installed() {
    return installed;
  }

  boolean entered() {
    return view == installed;
  }

  /** The NEW-VIEW of the view entered last; null for view 0. */
  @Nullable NewView newView() {
    return newView;
  }

  // ---- start

  void restore(ThreePhaseLog.Entered entered) {
    newView = entered.newView();
    referred = entered.viewChanges();
    installed = entered.newView().view();
    view = Math.max(view, installed);
  }

  void restore(ViewChange left) {
    view = Math.max(view, left.view());
    own = left;
  }

  /** The re-proposals that are not accepted yet, after a restart. */
  void adopt(SlotHistory history, Port port) {
    NewView n = newView;
    if (n == null) {
      return;
    }
    for (long o = engine.window.low() + 1; o <= n.max() && engine.window.contains(o); o++) {
      ThreePhaseSlot s = engine.window.get(o);
      if (o > n.base() && s.proposal == null) {
        s.proposal = n.value(o);
        s.reproposed = true;
        s.value = engine.payload(o, s.proposal);
      }
    }
  }

  void resume(Port port) {
    ViewChange left = own;
    if (left != null && left.view() == view && !entered()) {
      own = null;
      sign(left, port);
    }
  }

  /** Tells the composer of the view entered last. */
  void tell(Port port) {
    NewView n = newView;
    long low = engine.window.low();
    port.emit(
        new EngineEvent.ViewEntered(
            installed,
            engine.leader(installed),
            n == null ? low : n.base(),
            n == null ? low : n.max(),
            n == null ? new byte[0] : n.note()));
  }

  // ---- leaving

  /** Rule 10. */
  void leave(long target, List<ViewChange.Complaint> proof, Port port) {
    Watermark base = port.watermark();
    if (target <= view || engine.mute() || base.slot() < engine.window.low()) {
      return;
    }
    view = target;
    own = null;
    making = false;
    sought.clear();
    found.clear();
    timer.stop(port);
    NewView n = newView;
    byte[] note = n == null ? new byte[0] : n.note();
    Evidence evidence = engine.voting.evidence(base.slot(), base.slot() + engine.width());
    ViewChange unsigned =
        ViewChange.unsigned(engine.settings.self(), target, base, note, evidence).with(proof);
    port.persist(List.of(engine.log.left(unsigned)));
    sign(unsigned, port);
  }

  /** The signature is the same whenever it is made: after a restart it is made again. */
  private void sign(ViewChange unsigned, Port port) {
    sign(
        unsigned.statement(engine.settings.domain(), engine.instance),
        port,
        (signature, turn) -> left(unsigned.signed(signature), turn));
  }

  private void sign(byte[] statement, Port port, BiConsumer<byte[], Port> then) {
    engine.jobs.compute(
        new Work.SignReplica(statement),
        port,
        (result, turn) -> then.accept(((Result.Signature) result).bytes(), turn));
  }

  private void left(ViewChange signed, Port port) {
    if (signed.view() != view || entered()) {
      return;
    }
    own = signed;
    port.broadcast(new ThreePhaseMessage.ViewChangeMessage(engine.instance, signed));
    store.keep(signed);
    restartResend(port);
    join(port);
    proceed(port);
  }

  /** F+1 replicas want to leave: the smallest of their views is the next. */
  private void join(Port port) {
    List<ViewChange> above = store.from(view + 1);
    if (above.size() >= engine.settings.rule().weak()) {
      long smallest = above.stream().mapToLong(ViewChange::view).min().orElseThrow();
      leave(smallest, List.of(), port);
    }
  }

  // ---- messages

  void onViewChange(int from, ViewChange v, Port port) {
    store.onViewChange(from, v, port);
    if (from == v.replica() && v.view() > view) {
      leaveAsPrimary(port);
    }
  }

  /**
   * No timer runs against a primary at itself. But where f others have left, no f+1 have decided
   * and the rest has lost its votes, its own VIEW-CHANGE is the one that is missing: it goes along
   * if it has stood still for T_vc and somebody wants to leave.
   */
  private void leaveAsPrimary(Port port) {
    boolean stuck =
        entered()
            && engine.leader(view) == engine.settings.self()
            && engine.highest() > engine.frontier();
    if (!stuck || engine.frontier() != stuckAt) {
      stuckAt = stuck ? engine.frontier() : -1;
      stuckSince = port.now();
    } else if (port.now() - stuckSince >= engine.settings.tuning().viewTimeout()) {
      store.from(view + 1).stream()
          .mapToLong(ViewChange::view)
          .min()
          .ifPresent(smallest -> leave(smallest, List.of(), port));
    }
  }

  void onNewView(int from, NewView v, Port port) {
    store.onNewView(from, v, port);
  }

  /** A VIEW-CHANGE is valid by rule 11. */
  void valid(ViewChange v, Port port) {
    port.learn(v.base());
    if (!v.complaints().isEmpty() && v.view() > view) {
      // dqbft.md §7: every replica that sees them moves, or the one that collected them waits
      // alone.
      leave(v.view(), v.complaints(), port);
    }
    join(port);
    proceed(port);
  }

  /** Ask for a VIEW-CHANGE. */
  void onAsk(int from, ThreePhaseMessage.Ask m, Port port) {
    ViewChange held = store.find(m.wanted());
    NewView n = newView;
    for (int i = 0; held == null && n != null && i < referred.size(); i++) {
      // V names them in this order.
      held = n.references().get(i).id().equals(m.wanted()) ? referred.get(i) : null;
    }
    if (held != null) {
      port.send(from, new ThreePhaseMessage.ViewChangeMessage(engine.instance, held));
    }
  }

  /** A payload that a NEW-VIEW in the making needs. */
  void onPayload(long slot, Value value, Port port) {
    Long at = sought.get(value.digest());
    if (at != null && at == slot) {
      sought.remove(value.digest());
      found.put(value.digest(), value);
      proceed(port);
    }
  }

  /**
   * Shows a peer the way to the present view (00-system-model §8): its NEW-VIEW, and the own
   * VIEW-CHANGE.
   */
  void lead(int to, Port port) {
    Long before = led.get(to);
    if (before != null && port.now() - before < engine.settings.tuning().resendDelay()) {
      return;
    }
    NewView n = newView;
    if (n != null) {
      port.send(to, new ThreePhaseMessage.NewViewMessage(engine.instance, n));
      led.put(to, port.now());
    }
    ViewChange left = own;
    if (left != null && !entered()) {
      port.send(to, new ThreePhaseMessage.ViewChangeMessage(engine.instance, left));
      led.put(to, port.now());
    }
  }

  // ---- what happens next

  /** Enters or makes, whatever is possible now; called whenever something has changed. */
  void proceed(Port port) {
    for (NewView n : store.offered(Math.max(view, installed + 1))) {
      List<ViewChange> set = store.resolve(n);
      if (set != null && consider(n, set, port)) {
        return;
      }
    }
    if (!entered()) {
      make(port);
      if (store.from(view).size() >= engine.settings.rule().quorum()) {
        timer.begin(port);
      }
    }
    if (store.isMissing()) {
      restartResend(port);
    }
  }

  /** Rule 14: the choice is made again. True: this view is entered, or its primary found out. */
  private boolean consider(NewView n, List<ViewChange> set, Port port) {
    boolean same = set.stream().allMatch(v -> v.view() == n.view());
    NewView made = same ? unsigned(set, port) : null;
    if (made == null || !made.sameAs(n)) {
      store.reject(n);
      engine.blame(engine.leader(n.view()), port);
      leave(n.view() + 1, List.of(), port);
      return true;
    }
    if (n.base() > engine.window.low()) {
      set.forEach(v -> port.learn(v.base()));
      return false;
    }
    enter(n, set, port);
    return true;
  }

  /** Rule 13, at the primary of the present view. */
  private void make(Port port) {
    if (making || own == null || engine.leader(view) != engine.settings.self()) {
      return;
    }
    List<ViewChange> set = new ArrayList<>(store.from(view));
    set.removeIf(v -> v.view() != view);
    set.sort(Comparator.comparingInt(ViewChange::replica));
    NewView n = set.isEmpty() ? null : unsigned(set, port);
    if (n == null) {
      return;
    }
    if (n.base() > engine.window.low()) {
      set.forEach(v -> port.learn(v.base()));
    } else if (held(n, port)) {
      making = true;
      sign(
          n.statement(engine.settings.domain(), engine.instance),
          port,
          (signature, turn) -> made(n.signed(signature), set, turn));
    }
  }

  /** What a set in order of replica makes; null if it does not decide yet. */
  private @Nullable NewView unsigned(List<ViewChange> set, Port port) {
    QuorumRule rule = engine.settings.rule();
    Outcome outcome = engine.variant.choose(rule, engine.noop.digest(), set);
    if (outcome == null) {
      return null;
    }
    byte[] before = port.mergeNotes(set.stream().map(ViewChange::note).toList(), rule.weak());
    long max = outcome.base().slot() + outcome.chosen().size();
    byte[] note = port.viewNote(before, max);
    long target = set.getFirst().view();
    return NewView.of(engine.settings.domain(), engine.instance, target, set, outcome, note);
  }

  /** A3: the payloads of what was chosen; those that are missing are asked for. */
  private boolean held(NewView n, Port port) {
    boolean all = true;
    for (long slot = engine.window.low() + 1; slot <= n.max(); slot++) {
      Digest digest = n.value(slot);
      if (engine.payload(slot, digest) == null && !found.containsKey(digest)) {
        all = false;
        if (sought.put(digest, slot) == null) {
          askFor(digest, slot, port);
        }
      }
    }
    return all;
  }

  private void askFor(Digest digest, long slot, Port port) {
    List<Integer> holders = new ArrayList<>();
    for (ViewChange v : store.from(view)) {
      if (v.evidence().names(slot, digest) && v.replica() != engine.settings.self()) {
        holders.add(v.replica());
      }
    }
    if (!holders.isEmpty()) {
      int to = holders.get(port.random().nextInt(holders.size()));
      port.send(to, new ThreePhaseMessage.Ask(engine.instance, 0, slot, digest));
    }
  }

  private void made(NewView n, List<ViewChange> set, Port port) {
    if (n.view() != view || entered()) {
      return;
    }
    enter(n, set, port);
    port.broadcast(new ThreePhaseMessage.NewViewMessage(engine.instance, n));
  }

  private void enter(NewView n, List<ViewChange> set, Port port) {
    view = n.view();
    installed = n.view();
    newView = n;
    referred = List.copyOf(set);
    own = null;
    making = false;
    timer.stop(port);
    store.forget(installed);
    port.persist(List.of(engine.log.entered(n, referred)));
    List<Value> payloads = List.copyOf(found.values());
    sought.clear();
    found.clear();
    engine.install(n, set, payloads, port);
    join(port);
  }

  /** A checkpoint above what the view took over is stable: it works. */
  void truncated(long stable, Port port) {
    NewView n = newView;
    if (n == null || stable > n.max()) {
      timer.works();
    }
    proceed(port);
  }

  /** Something else was checked. */
  void checked(Port port) {
    store.ask(port);
    proceed(port);
  }

  // ---- timers

  void onTimer(TimerKind kind, Port port) {
    if (kind == TimerKind.NEW_VIEW) {
      if (timer.expired() && !entered()) {
        port.emit(new EngineEvent.Suspected(view, Suspicion.NEW_VIEW));
        leave(view + 1, List.of(), port);
      }
      return;
    }
    resending = false;
    ViewChange left = own;
    if (!entered() && left != null) {
      port.broadcast(new ThreePhaseMessage.ViewChangeMessage(engine.instance, left));
    }
    sought.forEach((digest, slot) -> askFor(digest, slot, port));
    store.ask(port);
    proceed(port);
    if (!entered() || store.isMissing()) {
      restartResend(port);
    }
  }

  private void restartResend(Port port) {
    if (!resending) {
      resending = true;
      port.startTimer(TimerKind.VIEW_RESEND, 0, engine.settings.tuning().resendDelay());
    }
  }
}
