package io.destiny.protocols.single;

import io.destiny.core.composition.Batcher;
import io.destiny.core.composition.Execution;
import io.destiny.core.composition.Frame;
import io.destiny.core.composition.Recovery;
import io.destiny.core.composition.StatusExchange;
import io.destiny.core.composition.Watermarks;
import io.destiny.core.crypto.Result;
import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.EngineFactory;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.kit.ExecCertifier;
import io.destiny.core.kit.KitMessage;
import io.destiny.core.kit.Turn;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.InstanceStatus;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.Step;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.model.ReplyRule;
import io.destiny.core.statement.Writer;
import java.util.List;
import java.util.TreeMap;

/** A replica of one engine alone. */
public final class Single implements Protocol {
  private final Settings settings;
  private final Frame frame;
  private final SlotOrder order;
  private final Recovery recovery;
  private final ExecCertifier certifier;
  private final Turn certifierTurn;
  private final Batcher<Requests.Held> batcher;
  private final Requests requests;
  private final StatusExchange statuses;
  private final Watermarks watermarks;
  private final Progress progress;

  /**
   * @param replies how clients are answered
   */
  public Single(Settings settings, ReplyRule replies, EngineFactory engines) {
    SingleRules rules = new SingleRules(settings, this);
    this.settings = settings;
    this.frame = new Frame(settings, 0, engines, rules);
    this.certifierTurn = frame.turn(Frame.CERTIFIER);
    this.order = new SlotOrder(settings, frame, new Execution(settings, frame, rules));
    this.recovery = new Recovery(settings, frame, order, rules);
    this.certifier =
        new ExecCertifier(settings, replies, request -> order().clients().result(request));
    this.batcher =
        new Batcher<>(
            settings,
            frame.ordering(),
            frame.port(Instances.ORDER),
            held -> requests().proposing(held),
            batch -> TimedBatch.of(settings, frame.step().wallMillis(), batch));
    this.requests = new Requests(settings, this, batcher);
    this.statuses = new StatusExchange(settings, frame, recovery.checkpoints());
    this.watermarks = new Watermarks(settings, recovery.checkpoints(), order::genesis);
    this.progress = new Progress(settings, this);
  }

  // ---- what the parts see of each other

  Frame frame() {
    return frame;
  }

  ConsensusEngine engine() {
    return frame.ordering();
  }

  Port port() {
    return frame.port(Instances.ORDER);
  }

  SlotOrder order() {
    return order;
  }

  Recovery recovery() {
    return recovery;
  }

  Requests requests() {
    return requests;
  }

  Watermarks watermarks() {
    return watermarks;
  }

  ExecCertifier certifier() {
    return certifier;
  }

  Turn certifierTurn() {
    return certifierTurn;
  }

  /** Whether nobody can act, or this replica cannot judge whether the primary does. */
  boolean still() {
    ConsensusEngine e = engine();
    return !e.entered()
        || recovery.joining()
        || recovery.behind()
        || recovery.transfer().active()
        || e.highest() >= e.stable() + settings.tuning().orderWindow();
  }

  // ---- the turn

  @Override
  public void on(Input input, Step turn) {
    frame.begin(turn);
    switch (input) {
      case Input.Started s -> start(s);
      case Input.Received r -> receive(r.from(), r.message());
      case Input.Submitted s -> requests.submitted(s.request());
      case Input.Fired f -> fire(f.timer());
      case Input.Computed c -> computed(c.job(), c.result());
      case Input.Executed e -> order.applied(e.position(), e.results());
      case Input.Snapshot s -> recovery.onSnapshot(s.event());
    }
    settle();
    frame.end();
  }

  /** Upcalls, execution and proposals, until nothing follows any more. */
  private void settle() {
    do {
      for (Frame.Told told = frame.told(); told != null; told = frame.told()) {
        handle(told.event());
      }
      if (!recovery.transfer().active()) {
        order.run();
        recovery.look();
        order.run();
      }
      batcher.propose();
    } while (frame.toldMore());
    recovery.end();
  }

  private void start(Input.Started s) {
    long[] low = recovery.start(s);
    // Without the epoch's first state nothing is signed: not where it begins is known here.
    Input.CounterValues counters = recovery.joining() ? (i, c) -> -1 : s.counters();
    frame.start(Instances.ORDER, s, counters, low[settings.n()]);
    statuses.start();
  }

  private void receive(int from, Message message) {
    if (recovery.joining() && !Recovery.brings(message)) {
      // Where the epoch begins is not known here: nothing else can be judged.
      drop(DropReason.UNEXPECTED, from, message.kind());
    } else if (message instanceof KitMessage m) {
      receive(from, m);
    } else if (message.instance() == Instances.ORDER) {
      engine().onMessage(from, message, port());
    } else {
      drop(DropReason.INVALID, from, message.kind());
    }
  }

  private void receive(int from, KitMessage message) {
    switch (message) {
      case KitMessage.ExecSig m -> {
        if (executionSlot(from, m, m.slot())) {
          certifier.onExecSig(from, m, certifierTurn);
        }
      }
      case KitMessage.ExecProof m -> {
        if (executionSlot(from, m, m.slot())) {
          certifier.onExecProof(from, m, certifierTurn);
        }
      }
      case KitMessage.Status m -> {
        if (m.entries().stream().allMatch(e -> e.instance() == Instances.ORDER)) {
          statuses.onStatus(from, m);
        } else {
          drop(DropReason.INVALID, from, m.kind());
        }
      }
      case KitMessage.Relay m -> requests.relayed(from, m.request());
      // There are no owners whose instances could be in other hands.
      case KitMessage.Recovered _, KitMessage.Probe _, KitMessage.ProbeAck _ ->
          drop(DropReason.UNEXPECTED, from, message.kind());
      default -> recovery.onMessage(from, message);
    }
  }

  /** Whether a message about an executed slot is inside the window, or still remembered. */
  private boolean executionSlot(int from, KitMessage m, long slot) {
    long stable = engine().stable();
    DropReason reason = null;
    if (m.instance() != Instances.ORDER) {
      reason = DropReason.INVALID;
    } else if (slot > stable + settings.tuning().orderWindow()) {
      reason = DropReason.BEYOND_WINDOW;
    } else if (slot <= stable && !certifier.knows(Instances.ORDER, slot)) {
      reason = DropReason.OLD;
    }
    if (reason != null) {
      drop(reason, from, m.kind());
    }
    return reason == null;
  }

  private void drop(DropReason reason, int from, String kind) {
    frame.note(new Effect.Event.Dropped(reason, from, kind));
  }

  private void fire(TimerKey timer) {
    switch (timer.kind()) {
      case BATCH -> batcher.onTimer();
      case EXECUTION_COLLECTOR ->
          certifier.onTimer(timer.instance(), timer.subject(), certifierTurn);
      case CHECKPOINT_COLLECTOR, STATE_TRANSFER -> recovery.onTimer(timer);
      case STATUS -> {
        statuses.onTimer();
        requests.tick();
        progress.tick();
      }
      case GATE -> engine().reconsider(port());
      default -> engine().onTimer(timer.kind(), timer.subject(), port());
    }
  }

  private void computed(long job, Result result) {
    switch (Frame.owner(job)) {
      case Frame.CERTIFIER -> certifier.onComputed(job, result, certifierTurn);
      case Frame.CHECKPOINTS -> recovery.onComputed(job, result);
      case Frame.REQUESTS -> requests.onComputed(job, result);
      default -> engine().onComputed(job, result, port());
    }
  }

  // ---- upcalls

  private void handle(EngineEvent event) {
    switch (event) {
      case EngineEvent.Proposed p ->
          requests.seen(((TimedBatch) p.proposal().value()).batch(), false);
      case EngineEvent.Committed c ->
          frame.note(new Effect.Event.Committed(Instances.ORDER, c.slot(), c.value()));
      case EngineEvent.Decided d -> requests.seen(((TimedBatch) d.value()).batch(), true);
      case EngineEvent.ViewEntered v -> {
        frame.note(new Effect.Event.Entered(Instances.ORDER, v.view(), v.base(), v.max()));
        progress.entered();
        requests.viewEntered();
      }
      case EngineEvent.Suspected s -> frame.suspected(Instances.ORDER, s);
    }
  }

  /** The primary does not do its work; said again while it lasts. */
  void suspect(Suspicion reason) {
    ConsensusEngine e = engine();
    if (e.entered() && e.primary() != settings.self() && !recovery.joining()) {
      frame.suspected(reason);
      e.suspect(reason, e.view() + 1, port());
    }
  }

  /** A proposal's time is ahead of the own clock: look again when it may have passed. */
  void waitForTime() {
    port().startTimer(TimerKind.GATE, 0, settings.tuning().gateTimeout());
  }

  // ---- what an operator and the oracles are shown

  @Override
  public Status status() {
    TreeMap<String, Long> views = new TreeMap<>();
    views.put(Instances.name(Instances.ORDER), engine().view());
    byte[] all = new Writer(64).digest(recovery.state()).digest(order.history()).toBytes();
    return new Status(
        views,
        order.position(),
        order.commands(),
        recovery.checkpoints().stable(),
        Digest.of(all),
        requests.size(),
        engine().slots() + certifier.slots(),
        recovery.behind() || recovery.transfer().active());
  }

  @Override
  public List<InstanceStatus> instances() {
    long decided = engine().frontier();
    return List.of(frame.status(Instances.ORDER, decided, decided, order.next() - 1));
  }
}
