package io.destiny.protocols.dqbft;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Admission;
import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Proposal;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.kit.ExecCertifier;
import io.destiny.core.kit.KitMessage;
import io.destiny.core.kit.Turn;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.InstanceStatus;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.Step;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Request;
import io.destiny.core.trusted.Counters;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A replica of DQBFT: N D-instances and one O-instance of some engine, composed. */
public final class Dqbft implements Protocol {
  // Owners of jobs that are not an instance; the upper 16 bits of a job's number name its owner.
  static final int ASSIGNMENTS = 0xFFFA;
  static final int REQUESTS = 0xFFFB;
  static final int TRANSFER = 0xFFFC;
  static final int CHECKPOINTS = 0xFFFD;
  static final int CERTIFIER = 0xFFFE;

  private record Queued(int instance, EngineEvent event) {}

  private final Settings settings;
  private final List<ConsensusEngine> dissemination = new ArrayList<>();
  private final List<InstancePort> ports = new ArrayList<>();
  private final ConsensusEngine ordering;
  private final InstancePort orderingPort;
  private final ArrayDeque<Queued> events = new ArrayDeque<>();
  private final GlobalOrder order;
  private final Recovery recovery;
  private final ExecCertifier certifier;
  private final Proposer proposer;
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
  private final Turn certifierTurn = turn(CERTIFIER);
  private long lastJob;
  private @Nullable Step step;

  public Dqbft(Settings settings, EngineFactory engines) {
    this.settings = settings;
    for (int n = 0; n < settings.n(); n++) {
      dissemination.add(engines.create(n, n, settings.tuning().window()));
      ports.add(new InstancePort(this, n));
      probations.add(Probation.NONE);
    }
    this.ordering =
        engines.create(
            Instances.ORDER, settings.tuning().orderPrimary(), settings.tuning().orderWindow());
    this.orderingPort = new InstancePort(this, Instances.ORDER);
    this.order = new GlobalOrder(settings, this);
    this.recovery = new Recovery(settings, this);
    this.certifier = new ExecCertifier(settings, request -> order().clients().result(request));
    int self = settings.self();
    this.proposer = new Proposer(settings, this, dissemination.get(self), ports.get(self));
    this.pending = new Pending(settings, this, proposer);
    this.assigning = new Assigning(settings, this);
    this.primary = new OrderPrimary(settings, this, ordering, orderingPort);
    this.statuses = new StatusExchange(settings, this);
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

  Step step() {
    if (step == null) {
      throw new IllegalStateException("outside a turn");
    }
    return step;
  }

  ConsensusEngine dissemination(int n) {
    return dissemination.get(n);
  }

  ConsensusEngine ordering() {
    return ordering;
  }

  InstancePort port(int instance) {
    return instance == Instances.ORDER ? orderingPort : ports.get(instance);
  }

  ConsensusEngine engine(int instance) {
    return instance == Instances.ORDER ? ordering : dissemination.get(instance);
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

  /** A verified checkpoint certificate came with a view change. */
  void learn(KitMessage.@Nullable CheckpointProof proof) {
    if (proof != null) {
      recovery.stabilized(recovery.checkpoints().learned(proof, turn(CHECKPOINTS)));
    }
  }

  ExecCertifier certifier() {
    return certifier;
  }

  long nextJob(int owner) {
    return (long) owner << 48 | ++lastJob;
  }

  long compute(int owner, Work work) {
    long job = nextJob(owner);
    step().emit(new Effect.Compute(job, work));
    return job;
  }

  void enqueue(int instance, EngineEvent event) {
    events.add(new Queued(instance, event));
  }

  void note(Effect.Event event) {
    step().emit(new Effect.Note(event));
  }

  private void drop(DropReason reason, int from, String kind) {
    note(new Effect.Event.Dropped(reason, from, kind));
  }

  /** A turn for a kit object whose jobs carry {@code owner}. */
  Turn turn(int owner) {
    return new PartTurn(this, owner);
  }

  Turn certifierTurn() {
    return certifierTurn;
  }

  /** covered_n or h_n changed: the O-primary looks again at what it holds (§4 rule 3). */
  void coverageChanged(int n) {
    primary.look(n);
  }

  void requestExecuted(Request request) {
    pending.executed(request.client(), request.timestamp());
  }

  void certify(ExecCertifier.Executed executed) {
    int first = dissemination.get(executed.instance()).primary();
    certifier.executed(executed, first, certifierTurn());
  }

  void transferred() {
    stalls.forget();
    pending.forgetExecuted();
  }

  // ---- the turn

  @Override
  public void on(Input input, Step turn) {
    step = turn;
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
    step = null;
  }

  /** Upcalls, execution and proposals, until nothing follows any more. */
  private void settle() {
    do {
      while (!events.isEmpty()) {
        Queued q = events.remove();
        handle(q.instance, q.event);
      }
      if (!recovery.transfer().active()) {
        order.run();
        recovery.look();
        order.run();
      }
      primary.propose();
      proposer.propose();
      caretaker.fill(proposer.idle());
    } while (!events.isEmpty());
    recovery.end();
  }

  private void start(Input.Started s) {
    long[] low = recovery.start(s);
    // Without the epoch's first state nothing is signed: not where it begins is known here.
    Input.CounterValues counters = recovery.joining() ? (i, c) -> -1 : s.counters();
    for (int n = 0; n < settings.n(); n++) {
      int instance = n;
      List<LogRecord> own = s.records().stream().filter(r -> r.instance() == instance).toList();
      dissemination.get(n).start(own, counters, low[n], ports.get(n));
    }
    List<LogRecord> own =
        s.records().stream().filter(r -> r.instance() == Instances.ORDER).toList();
    ordering.start(own, counters, low[settings.n()], orderingPort);
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
      case KitMessage.Former m -> recovery.farewell().on(from, m.message());
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
      case KitMessage.CheckpointSig m -> {
        if (m.slot() > ordering.stable() + settings.tuning().orderWindow()) {
          drop(DropReason.BEYOND_WINDOW, from, m.kind());
        } else {
          recovery.checkpoints().onSig(from, m, turn(CHECKPOINTS));
        }
      }
      case KitMessage.CheckpointProof m ->
          recovery.checkpoints().onProof(from, m, turn(CHECKPOINTS));
      case KitMessage.GetState m -> recovery.server().onGetState(from, m, turn(TRANSFER));
      case KitMessage.Manifest m -> recovery.transfer().onManifest(from, m, turn(TRANSFER));
      case KitMessage.GetChunks m ->
          recovery.server().onGetChunks(from, m, nextJob(TRANSFER), turn(TRANSFER));
      case KitMessage.Chunks m -> recovery.transfer().onChunks(from, m, turn(TRANSFER));
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
    long stable = dissemination.get(m.instance()).stable();
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
      case CHECKPOINT_COLLECTOR ->
          recovery.checkpoints().onTimer(timer.subject(), turn(CHECKPOINTS));
      case STATE_TRANSFER -> recovery.onTimer(timer.subject());
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
    int owner = (int) (job >>> 48);
    switch (owner) {
      case CERTIFIER -> certifier.onComputed(job, result, certifierTurn());
      case CHECKPOINTS ->
          recovery.stabilized(recovery.checkpoints().onComputed(job, result, turn(CHECKPOINTS)));
      case REQUESTS -> pending.onComputed(job, result);
      case ASSIGNMENTS -> assigning.onComputed(job, result);
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
      case EngineEvent.Suspected s -> {
        count(s.reason());
        int leader = engine(instance).leader(s.view());
        if (s.reason() == Suspicion.MISBEHAVIOUR && leader != settings.self()) {
          // A time-out blames nobody: the network may be slow.
          note(new Effect.Event.Evidence(leader, s.reason().name()));
        }
      }
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
    ordering.reconsider(orderingPort);
  }

  private void count(Suspicion reason) {
    note(new Effect.Event.Count("suspected_" + reason.name().toLowerCase(Locale.ROOT), 1));
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
      count(reason);
      engine(instance).suspect(reason, target, port(instance));
    }
  }

  /** The vote gates: rule 1 for D-instances, rule 4 for the O-instance. */
  Admission admit(int instance, Proposal proposal) {
    if (proposal.value() instanceof Batch batch) {
      return batch.isNoop() || proposal.leader() == instance ? Admission.ACCEPT : Admission.REJECT;
    }
    return gate.admit(proposal.slot(), (OrderList) proposal.value());
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
