package io.destiny.sim.check;

import io.destiny.core.app.StateMachine;
import io.destiny.core.model.FaultModel;
import io.destiny.sim.ghost.GhostLedger;
import io.destiny.sim.workload.SharedStore;
import io.destiny.sim.world.Notes;
import io.destiny.sim.world.TinyStore;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * The safety oracles of a run (S1 to S22 as far as the protocol has what they watch). Each throws
 * {@link Violation} in the step that breaks its rule.
 */
public final class Oracles {
  private final World world;
  private final Scope scope;
  private final CostCheck cost;
  private final List<ViewCheck> views;
  private final @Nullable LinearizabilityCheck histories;

  private Oracles(
      World world,
      Scope scope,
      CostCheck cost,
      List<ViewCheck> views,
      @Nullable LinearizabilityCheck histories) {
    this.world = world;
    this.scope = scope;
    this.cost = cost;
    this.views = views;
    this.histories = histories;
  }

  /**
   * Watches a world that has not started.
   *
   * @param correct the replicas that follow the protocol; null: all
   */
  public static Oracles on(World world, @Nullable Set<Integer> correct) {
    Oracles oracles = safety(world, correct);
    world.listen(new ConductCheck(oracles.scope)).listen(new Occasions(oracles.scope, true));
    return oracles;
  }

  /**
   * For a script, in which any replica may send what it never would and one may stop itself: all
   * but S19 and S21.
   *
   * @param correct the replicas in whose name nothing is signed that they would not sign; null: all
   */
  public static Oracles onScript(World world, @Nullable Set<Integer> correct) {
    Oracles oracles = safety(world, correct);
    world.listen(new Occasions(oracles.scope, false));
    return oracles;
  }

  private static Oracles safety(World world, @Nullable Set<Integer> correct) {
    boolean hybrid = world.options().rule().model() == FaultModel.HYBRID;
    Scope scope = new Scope(world.options().rule().n(), hybrid, correct);
    StateMachine application = world.options().application().get();
    // The reference has a memory of its own: what replicas share, one that lies could spoil.
    StateMachine reference = application instanceof SharedStore ? SharedStore.alone() : application;
    ExecutionCheck execution = new ExecutionCheck(scope, reference);
    CostCheck cost = new CostCheck(scope);
    List<ViewCheck> views = new ArrayList<>();
    world
        .listen(new Epochs(epoch -> ofEpoch(world, scope, epoch, views)))
        .listen(execution)
        .listen(new ValidityCheck(scope))
        .listen(new ReplyCheck(scope, execution))
        .listen(new RealTimeCheck(scope, execution))
        .listen(new MemoryCheck(scope))
        .listen(new AssignmentCheck(scope))
        .listen(cost);
    LinearizabilityCheck histories = null;
    if (application instanceof TinyStore) {
      histories = new LinearizabilityCheck(scope);
      world.listen(histories);
    }
    return new Oracles(world, scope, cost, views, histories);
  }

  private static List<TraceListener> ofEpoch(
      World world, Scope run, long epoch, List<ViewCheck> views) {
    GhostLedger ledger = Objects.requireNonNull(world.ledger(epoch));
    Scope scope = run.members(ledger.rule().n());
    ViewCheck view = new ViewCheck(scope);
    views.add(view);
    List<TraceListener> all = new ArrayList<>();
    all.add(new AgreementCheck(scope));
    all.add(new CertificateCheck(scope, ledger));
    if (scope.hybrid()) {
      all.add(new ProposalCheck(scope, world.options().tuning().orderPrimary()));
      all.add(new QuorumCheck(scope, ledger.domain()));
      all.add(new CounterCheck(scope));
    } else {
      all.add(new VoteCheck(scope));
    }
    all.add(new ProbationCheck(scope));
    all.add(view);
    all.add(new DurabilityCheck(scope, world::durable));
    all.add(new CheckpointCheck(scope));
    // Where nobody lies the gate is not tried, and bytes that are made for it alone cost much.
    if (scope.hybrid() && (world.options().encoded() || scope.liars())) {
      all.add(new GateCheck(scope, ledger.domain()));
    }
    return all;
  }

  /** Faults are over: liveness may be asked for. */
  public void gst() {
    views.forEach(ViewCheck::gst);
  }

  /** The oracles that watch this run. */
  public SortedSet<String> names() {
    return scope.names();
  }

  /** How often each oracle that had an occasion checked something, by its name. */
  public SortedMap<String, Long> checked() {
    return scope.checked();
  }

  /**
   * The run is over.
   *
   * @throws Violation naming S9 if clients were told what no order explains, V1 if an oracle had an
   *     occasion and checked nothing
   */
  public void finish() {
    if (histories != null) {
      histories.finish();
    }
    // What was noted as an accusation was seen as one.
    for (Notes.Accusation a : world.notes().accusations()) {
      if (scope.correct(a.by()) && scope.has("S21")) {
        scope.count("S21").occasions++;
      }
    }
    scope.finish();
  }

  /**
   * The run was fault-free and optimistic: what it cost is within S22.
   *
   * @throws Violation naming S22 if not
   */
  public void finishFaultFree() {
    if (world.notes().ordered() > 0) {
      scope.count("S22").occasions++;
    }
    cost.judge();
    finish();
  }
}
