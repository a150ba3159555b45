package io.destiny.protocols.dqbft;

import io.destiny.core.composition.Batcher;
import io.destiny.core.composition.Frame;
import io.destiny.core.composition.Recovery;
import io.destiny.core.composition.StatusExchange;
import io.destiny.core.composition.Watermarks;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
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
import io.destiny.core.model.Batch;
import io.destiny.core.model.Instances;
import io.destiny.core.model.ReplyRule;
import io.destiny.core.trusted.Counters;
import java.util.ArrayList;
import java.util.List;

/** A replica of DQBFT: N D-instances and one O-instance of some engine, composed. */
public final class Dqbft implements Protocol {
  private final Settings settings;
  private final Frame frame;
  private final DqbftRules rules;
  private final GlobalOrder order;
  private final Recovery recovery;
  private final ExecCertifier certifier;
  private final Batcher<Pending.Held> proposer;
  private final Pending pending;
  private final Assigning assigning;
  private final OrderPrimary primary;
  private final StatusExchange statuses;
  private final Watermarks watermarks;
  private final Stalls stalls;
  private final OrderDelays delays;
  private final OrderGate gate;
  private final Caretaker caretaker;
  private final Monitors monitors;
  private final Flooding flooding;
  private final Reinstatement reinstatement;
  private final Report report;
  private final List<Probation> probations = new ArrayList<>();
  private final Turn certifierTurn;

  /**
   * @param replies how clients are answered
   */
  public Dqbft(Settings settings, ReplyRule replies, EngineFactory engines) {
    this.settings = settings;
    this.rules = new DqbftRules(this);
    this.frame = new Frame(settings, settings.n(), engines, rules);
    this.certifierTurn = frame.turn(Frame.CERTIFIER);
    for (int n = 0; n < settings.n(); n++) {
      probations.add(Probation.NONE);
    }
    this.order = new GlobalOrder(settings, this);
    this.recovery = new Recovery(settings, frame, order, rules);
    this.certifier =
        new ExecCertifier(settings, replies, request -> order().clients().result(request));
    int self = settings.self();
    this.proposer =
        new Batcher<>(
            settings,
            frame.dissemination(self),
            frame.port(self),
            held -> pending().proposing(held),
            batch -> batch);
    this.pending = new Pending(settings, this, proposer);
    this.assigning = new Assigning(settings, this);
    this.primary = new OrderPrimary(settings, this, frame.ordering(), frame.port(Instances.ORDER));
    this.statuses = new StatusExchange(settings, frame, recovery.checkpoints());
    this.stalls = new Stalls(settings);
    this.delays = new OrderDelays(settings, this);
    this.watermarks = new Watermarks(settings, recovery.checkpoints(), order::genesis);
    this.gate = new OrderGate(settings, this);
    this.caretaker = new Caretaker(settings, this);
    this.monitors = new Monitors(settings, this);
    this.flooding = new Flooding(settings, this);
    this.reinstatement = new Reinstatement(settings, this);
    this.report = new Report(settings, this);
  }

  // ---- what the parts see of each other

  Frame frame() {
    return frame;
  }

  DqbftRules rules() {
    return rules;
  }

  Step step() {
    return frame.step();
  }

  ConsensusEngine dissemination(int n) {
    return frame.dissemination(n);
  }

  ConsensusEngine ordering() {
    return frame.ordering();
  }

  Port port(int instance) {
    return frame.port(instance);
  }

  ConsensusEngine engine(int instance) {
    return frame.engine(instance);
  }

  GlobalOrder order() {
    return order;
  }

  Recovery recovery() {
    return recovery;
  }

  Stalls stalls() {
    return stalls;
  }

  OrderDelays delays() {
    return delays;
  }

  Watermarks watermarks() {
    return watermarks;
  }

  Pending pending() {
    return pending;
  }

  Assigning assigning() {
    return assigning;
  }

  Monitors monitors() {
    return monitors;
  }

  /** level_n and probEnd_n (dqbft.md §6 rule 11). */
  Probation probation(int n) {
    return probations.get(n);
  }

  OrderGate gate() {
    return gate;
  }

  ExecCertifier certifier() {
    return certifier;
  }

  long compute(int owner, Work work) {
    return frame.compute(owner, work);
  }

  void note(Effect.Event event) {
    frame.note(event);
  }

  private void drop(DropReason reason, int from, String kind) {
    note(new Effect.Event.Dropped(reason, from, kind));
  }

  Turn certifierTurn() {
    return certifierTurn;
  }

  /** covered_n or h_n changed: the O-primary looks again at what it holds (§4 rule 3). */
  void coverageChanged(int n) {
    primary.look(n);
  }

  // ---- the turn

  @Override
  public void on(Input input, Step turn) {
    frame.begin(turn);
    switch (input) {
      case Input.Started s -> start(s);
      case Input.Received r -> receive(r.from(), r.message());
      case Input.Submitted s -> pending.submitted(s.request());
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
        handle(told.instance(), told.event());
      }
      if (!recovery.transfer().active()) {
        order.run();
        recovery.look();
        order.run();
      }
      primary.propose();
      proposer.propose();
      caretaker.fill(proposer.idle());
    } while (frame.toldMore());
    recovery.end();
  }

  private void start(Input.Started s) {
    long[] low = recovery.start(s);
    // Without the epoch's first state nothing is signed: not where it begins is known here.
    Input.CounterValues counters = recovery.joining() ? (i, c) -> -1 : s.counters();
    for (int n = 0; n < settings.n(); n++) {
      frame.start(n, s, counters, low[n]);
    }
    frame.start(Instances.ORDER, s, counters, low[settings.n()]);
    // A subsystem that does not answer reads -1.
    reinstatement.started(counters.read(settings.self(), Counters.ORDER) >= 0);
    statuses.start();
  }

  private void receive(int from, Message message) {
    if (recovery.joining() && !Recovery.brings(message)) {
      // Where the epoch begins is not known here: nothing else can be judged.
      drop(DropReason.UNEXPECTED, from, message.kind());
    } else if (message instanceof KitMessage m) {
      receive(from, m);
    } else {
      engine(message.instance()).onMessage(from, message, port(message.instance()));
    }
  }

  private void receive(int from, KitMessage message) {
    switch (message) {
      case KitMessage.ExecSig m -> {
        if (executionSlot(from, m, m.slot())) {
          certifier.onExecSig(from, m, certifierTurn());
        }
      }
      case KitMessage.ExecProof m -> {
        if (executionSlot(from, m, m.slot())) {
          certifier.onExecProof(from, m, certifierTurn());
        }
      }
      case KitMessage.Former _,
          KitMessage.CheckpointSig _,
          KitMessage.CheckpointProof _,
          KitMessage.GetState _,
          KitMessage.Manifest _,
          KitMessage.GetChunks _,
          KitMessage.Chunks _ ->
          recovery.onMessage(from, message);
      case KitMessage.Status m -> statuses.onStatus(from, m);
      case KitMessage.Relay m -> pending.relayed(from, m.request());
      case KitMessage.Recovered m -> reinstatement.onRecovered(from, m);
      case KitMessage.Probe m -> reinstatement.onProbe(from, m);
      case KitMessage.ProbeAck m -> reinstatement.onProbeAck(from, m);
    }
  }

  /**
   * Whether a message about an executed slot is inside the window of its D-instance, or still
   * remembered.
   */
  private boolean executionSlot(int from, KitMessage m, long slot) {
    if (m.instance() == Instances.ORDER) {
      drop(DropReason.INVALID, from, m.kind());
      return false;
    }
    long stable = dissemination(m.instance()).stable();
    if (slot > stable + settings.tuning().window()) {
      drop(DropReason.BEYOND_WINDOW, from, m.kind());
      return false;
    }
    if (slot <= stable && !certifier.knows(m.instance(), slot)) {
      drop(DropReason.OLD, from, m.kind());
      return false;
    }
    return true;
  }

  private void fire(TimerKey timer) {
    switch (timer.kind()) {
      case BATCH -> proposer.onTimer();
      case ORDER_BATCH -> primary.onTimer();
      case EXECUTION_COLLECTOR ->
          certifier.onTimer(timer.instance(), timer.subject(), certifierTurn());
      case CHECKPOINT_COLLECTOR, STATE_TRANSFER -> recovery.onTimer(timer);
      case STATUS -> {
        statuses.onTimer();
        monitors.tick();
        pending.tick();
        assigning.tick();
        reinstatement.tick();
      }
      case GATE -> gate.onTimer();
      default ->
          engine(timer.instance()).onTimer(timer.kind(), timer.subject(), port(timer.instance()));
    }
  }

  private void computed(long job, Result result) {
    reinstatement.observe(result);
    int owner = Frame.owner(job);
    switch (owner) {
      case Frame.CERTIFIER -> certifier.onComputed(job, result, certifierTurn());
      case Frame.CHECKPOINTS -> recovery.onComputed(job, result);
      case Frame.REQUESTS -> pending.onComputed(job, result);
      case Frame.ASSIGNMENTS -> assigning.onComputed(job, result);
      default -> engine(owner).onComputed(job, result, port(owner));
    }
  }

  // ---- upcalls

  private void handle(int instance, EngineEvent event) {
    switch (event) {
      case EngineEvent.Proposed p -> {
        if (p.proposal().value() instanceof OrderList list) {
          order.accept(p.proposal().slot(), list, false);
        } else {
          gate.saw(instance, p.proposal().slot());
          delays.proposed(instance, p.proposal().slot());
          flooding.proposed(instance, p.proposal());
          pending.seen(instance, (Batch) p.proposal().value(), false);
          shown(instance);
        }
      }
      case EngineEvent.Committed c -> {
        note(new Effect.Event.Committed(instance, c.slot(), c.value()));
        if (instance != Instances.ORDER) {
          delays.disseminated(instance, c.slot());
          shown(instance);
        }
      }
      case EngineEvent.Decided d -> {
        if (d.value() instanceof OrderList list) {
          order.accept(d.slot(), list, true);
          delays.ordered(list);
        } else {
          pending.seen(instance, (Batch) d.value(), true);
        }
      }
      case EngineEvent.ViewEntered v -> entered(instance, v);
      case EngineEvent.Suspected s -> frame.suspected(instance, s);
    }
  }

  /** dqbft.md §7; what the view takes over is told next. */
  private void entered(int instance, EngineEvent.ViewEntered v) {
    note(new Effect.Event.Entered(instance, v.view(), v.base(), v.max()));
    if (instance == Instances.ORDER) {
      order.viewEntered();
      gate.reset();
      primary.viewEntered();
      assigning.orderEntered();
      monitors.orderEntered(v.view());
      delays.orderEntered();
    } else {
      Probation probation = Probation.of(v.note());
      probations.set(instance, probation);
      if (v.view() > 0) {
        note(new Effect.Event.Probation(instance, v.view(), probation.level(), probation.end()));
      }
      caretaker.entered(instance, v.leader());
      monitors.entered(instance);
      stalls.entered(instance);
      delays.entered(instance);
      pending.viewEntered(instance);
      flooding.entered(instance, v.max());
      reinstatement.entered(instance, v.view(), v.leader());
      shown(instance);
    }
  }

  private void shown(int n) {
    primary.look(n);
    ordering().reconsider(port(Instances.ORDER));
  }

  /**
   * A rule of the composition finds that a leader does not do its work. The engine complains
   * (hybster.md §5 rule 8); the caller says so again while it lasts.
   */
  void suspect(int instance, Suspicion reason) {
    if (engine(instance).primary() != settings.self()) {
      suspect(instance, reason, engine(instance).view() + 1);
    }
  }

  void suspect(int instance, Suspicion reason, long target) {
    // Who does not know where its epoch begins has nothing to blame anybody for.
    if (engine(instance).entered() && !recovery.joining()) {
      frame.suspected(reason);
      engine(instance).suspect(reason, target, port(instance));
    }
  }

  @Override
  public Status status() {
    return report.status();
  }

  @Override
  public List<InstanceStatus> instances() {
    return report.instances();
  }
}
