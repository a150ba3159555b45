package io.destiny.core.composition;

import io.destiny.core.crypto.Work;
import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.EngineFactory;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.kit.Turn;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.InstanceStatus;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Step;
import io.destiny.core.model.Instances;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A composed replica's instances, the turn it is in, its jobs, and what its engines told: as many
 * D-instances as the composer has, N or none, and the instance {@link Instances#ORDER} with the
 * other pillars, if there are any.
 */
public final class Frame {
  // Owners of jobs that are not an instance; the upper 16 bits of a job's number name its owner.
  public static final int ASSIGNMENTS = 0xFFFA;
  public static final int REQUESTS = 0xFFFB;
  public static final int TRANSFER = 0xFFFC;
  public static final int CHECKPOINTS = 0xFFFD;
  public static final int CERTIFIER = 0xFFFE;

  /** What an engine told, and which. */
  public record Told(int instance, EngineEvent event) {}

  private final List<ConsensusEngine> dissemination = new ArrayList<>();
  private final List<InstancePort> ports = new ArrayList<>();
  private final List<ConsensusEngine> pillars = new ArrayList<>();
  private final List<InstancePort> pillarPorts = new ArrayList<>();
  private final List<Integer> numbers = new ArrayList<>();
  private final ArrayDeque<Told> events = new ArrayDeque<>();
  private final int self;
  private long lastJob;
  private @Nullable Step step;

  /**
   * @param instances how many D-instances, numbered from 0; instance n is owned by replica n
   */
  public Frame(Settings settings, int instances, EngineFactory engines, Rules rules) {
    this.self = settings.self();
    for (int n = 0; n < instances; n++) {
      dissemination.add(engines.create(n, n, settings.tuning().window()));
      ports.add(new InstancePort(this, rules, n));
      numbers.add(n);
    }
    Settings.Tuning t = settings.tuning();
    for (int p = 0; p < t.pillars(); p++) {
      int instance = Instances.pillar(p);
      pillars.add(engines.create(instance, t.orderPrimary(), t.orderWindow()));
      pillarPorts.add(new InstancePort(this, rules, instance));
      numbers.add(instance);
    }
  }

  // ---- instances

  /** The numbers of all instances, D-instances first. */
  public List<Integer> numbers() {
    return numbers;
  }

  /** How many D-instances there are. */
  public int instances() {
    return dissemination.size();
  }

  /** How many pillars there are, the O-instance among them. */
  public int pillars() {
    return pillars.size();
  }

  public ConsensusEngine dissemination(int n) {
    return dissemination.get(n);
  }

  public ConsensusEngine ordering() {
    return pillars.getFirst();
  }

  public ConsensusEngine engine(int instance) {
    return Instances.orders(instance)
        ? pillars.get(Instances.pillarOf(instance))
        : dissemination.get(instance);
  }

  public Port port(int instance) {
    return Instances.orders(instance)
        ? pillarPorts.get(Instances.pillarOf(instance))
        : ports.get(instance);
  }

  /**
   * What an operator is shown of an instance.
   *
   * @param ordered lists that are accepted name slots up to here
   * @param demanded lists that are committed name slots up to here
   * @param executed every slot up to here is executed
   */
  public InstanceStatus status(int instance, long ordered, long demanded, long executed) {
    ConsensusEngine engine = engine(instance);
    long decided = engine.frontier();
    long open = Math.max(engine.highest(), demanded) > decided ? decided + 1 : 0;
    ConsensusEngine.Held held = engine.held(decided + 1);
    return new InstanceStatus(
        Instances.name(instance),
        engine.view(),
        engine.entered(),
        engine.primary(),
        engine.stable(),
        decided,
        engine.highest(),
        ordered,
        demanded,
        executed,
        open,
        held.proposal(),
        held.payload(),
        held.commit(),
        held.votes());
  }

  // ---- the turn

  public void begin(Step turn) {
    step = turn;
  }

  public void end() {
    step = null;
  }

  /** The present turn. */
  public Step step() {
    if (step == null) {
      throw new IllegalStateException("outside a turn");
    }
    return step;
  }

  public void emit(Effect effect) {
    step().emit(effect);
  }

  public void note(Effect.Event event) {
    emit(new Effect.Note(event));
  }

  /** A number for a job whose answer belongs to {@code owner}. */
  public long nextJob(int owner) {
    return (long) owner << 48 | ++lastJob;
  }

  /** Whose job this is. */
  public static int owner(long job) {
    return (int) (job >>> 48);
  }

  public long compute(int owner, Work work) {
    long job = nextJob(owner);
    emit(new Effect.Compute(job, work));
    return job;
  }

  /** A turn for a kit object whose jobs carry {@code owner}. */
  public Turn turn(int owner) {
    return new PartTurn(this, owner);
  }

  // ---- start

  /** Starts an instance on its part of the log. */
  public void start(
      int instance, Input.Started started, Input.CounterValues counters, long stable) {
    List<LogRecord> own = started.records().stream().filter(r -> r.instance() == instance).toList();
    engine(instance).start(own, counters, stable, port(instance));
  }

  // ---- upcalls

  void enqueue(int instance, EngineEvent event) {
    events.add(new Told(instance, event));
  }

  /** What an engine told first and nobody has looked at; null if there is nothing. */
  public @Nullable Told told() {
    return events.poll();
  }

  /** Somebody, an engine or a rule of the composition, suspects a leader. */
  public void suspected(Suspicion reason) {
    String name = "suspected_" + reason.name().toLowerCase(Locale.ROOT);
    note(new Effect.Event.Count(name, 1));
  }

  /** An engine suspects the leader of a view. */
  public void suspected(int instance, EngineEvent.Suspected s) {
    suspected(s.reason());
    int leader = engine(instance).leader(s.view());
    if (s.reason() == Suspicion.MISBEHAVIOUR && leader != self) {
      // A time-out blames nobody: the network may be slow.
      note(new Effect.Event.Evidence(leader, s.reason().name()));
    }
  }

  /** Whether an engine told something that nobody has looked at. */
  public boolean toldMore() {
    return !events.isEmpty();
  }
}
