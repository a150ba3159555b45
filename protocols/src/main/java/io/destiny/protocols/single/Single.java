package io.destiny.protocols.single;

import io.destiny.core.composition.Execution;
import io.destiny.core.composition.Frame;
import io.destiny.core.composition.Recovery;
import io.destiny.core.composition.StatusExchange;
import io.destiny.core.composition.Watermarks;
import io.destiny.core.crypto.Result;
import io.destiny.core.engine.EngineFactory;
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
import java.util.ArrayList;
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
  private final Pillars pillars;
  private final StatusExchange statuses;
  private final Watermarks watermarks;

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
    this.pillars = new Pillars(settings, this);
    this.statuses = new StatusExchange(settings, frame, recovery.checkpoints());
    this.watermarks = new Watermarks(settings, recovery.checkpoints(), order::genesis);
  }

  // ---- what the parts see of each other

  Frame frame() {
    return frame;
  }

  Pillars pillars() {
    return pillars;
  }

  SlotOrder order() {
    return order;
  }

  Recovery recovery() {
    return recovery;
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

  // ---- the turn

  @Override
  public void on(Input input, Step turn) {
    frame.begin(turn);
    switch (input) {
      case Input.Started s -> start(s);
      case Input.Received r -> receive(r.from(), r.message());
      case Input.Submitted s -> pillars.of(s.request()).requests().submitted(s.request());
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
        pillars.of(told.instance()).handle(told.event());
      }
      if (!recovery.transfer().active()) {
        order.run();
        recovery.look();
        order.run();
      }
      pillars.all().forEach(Pillar::propose);
    } while (frame.toldMore());
    if (!recovery.joining()) {
      pillars.together();
    }
    recovery.end();
  }

  private void start(Input.Started s) {
    long[] low = recovery.start(s);
    // Without the epoch's first state nothing is signed: not where it begins is known here.
    Input.CounterValues counters = recovery.joining() ? (i, c) -> -1 : s.counters();
    for (Pillar pillar : pillars.all()) {
      frame.start(pillar.instance(), s, counters, low[settings.n()]);
    }
    statuses.start();
  }

  private void receive(int from, Message message) {
    if (recovery.joining() && !Recovery.brings(message)) {
      // Where the epoch begins is not known here: nothing else can be judged.
      drop(DropReason.UNEXPECTED, from, message.kind());
    } else if (message instanceof KitMessage m) {
      receive(from, m);
    } else if (Instances.orders(message.instance())) {
      Pillar pillar = pillars.of(message.instance());
      pillar.engine().onMessage(from, message, pillar.port());
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
        if (m.entries().stream().allMatch(e -> Instances.orders(e.instance()))) {
          statuses.onStatus(from, m);
        } else {
          drop(DropReason.INVALID, from, m.kind());
        }
      }
      case KitMessage.Relay m -> pillars.of(m.request()).requests().relayed(from, m.request());
      // There are no owners whose instances could be in other hands.
      case KitMessage.Recovered _, KitMessage.Probe _, KitMessage.ProbeAck _ ->
          drop(DropReason.UNEXPECTED, from, message.kind());
      default -> recovery.onMessage(from, message);
    }
  }

  /** Whether a message about an executed slot is inside the window, or still remembered. */
  private boolean executionSlot(int from, KitMessage m, long slot) {
    DropReason reason = null;
    if (!Instances.orders(m.instance())) {
      reason = DropReason.INVALID;
    } else {
      long stable = frame.engine(m.instance()).stable();
      if (slot > stable + settings.tuning().orderWindow()) {
        reason = DropReason.BEYOND_WINDOW;
      } else if (slot <= stable && !certifier.knows(m.instance(), slot)) {
        reason = DropReason.OLD;
      }
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
      case BATCH -> pillars.of(timer.instance()).batchIsDue();
      case IDLE -> pillars.of(timer.instance()).idled();
      case EXECUTION_COLLECTOR ->
          certifier.onTimer(timer.instance(), timer.subject(), certifierTurn);
      case CHECKPOINT_COLLECTOR, STATE_TRANSFER -> recovery.onTimer(timer);
      case STATUS -> {
        statuses.onTimer();
        pillars.all().forEach(Pillar::tick);
      }
      default -> fire(pillars.of(timer.instance()), timer);
    }
  }

  private static void fire(Pillar pillar, TimerKey timer) {
    if (timer.kind() == TimerKind.GATE) {
      pillar.engine().reconsider(pillar.port());
    } else {
      pillar.engine().onTimer(timer.kind(), timer.subject(), pillar.port());
    }
  }

  private void computed(long job, Result result) {
    int owner = Frame.owner(job);
    switch (owner) {
      case Frame.CERTIFIER -> certifier.onComputed(job, result, certifierTurn);
      case Frame.CHECKPOINTS -> recovery.onComputed(job, result);
      case Frame.REQUESTS -> pillars.all().forEach(p -> p.requests().onComputed(job, result));
      default -> frame.engine(owner).onComputed(job, result, frame.port(owner));
    }
  }

  /** A proposal's time is ahead of the own clock: look again when it may have passed. */
  void waitForTime(int instance) {
    frame.port(instance).startTimer(TimerKind.GATE, 0, settings.tuning().gateTimeout());
  }

  // ---- what an operator and the oracles are shown

  @Override
  public Status status() {
    TreeMap<String, Long> views = new TreeMap<>();
    for (Pillar pillar : pillars.all()) {
      views.put(Instances.name(pillar.instance()), pillar.engine().view());
    }
    byte[] all = new Writer(64).digest(recovery.state()).digest(order.history()).toBytes();
    return new Status(
        views,
        order.position(),
        order.commands(),
        recovery.checkpoints().stable(),
        Digest.of(all),
        pillars.pending(),
        pillars.slots() + certifier.slots(),
        recovery.behind() || recovery.transfer().active());
  }

  @Override
  public List<InstanceStatus> instances() {
    List<InstanceStatus> all = new ArrayList<>(frame.pillars());
    for (int p = 0; p < frame.pillars(); p++) {
      int instance = Instances.pillar(p);
      long decided = frame.engine(instance).frontier();
      all.add(frame.status(instance, decided, decided, order.executed(p)));
    }
    return all;
  }
}
