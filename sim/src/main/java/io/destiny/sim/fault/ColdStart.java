package io.destiny.sim.fault;

import io.destiny.core.machine.Effect;
import io.destiny.core.model.Command;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.Writer;
import io.destiny.core.trusted.Counters;
import io.destiny.sim.check.Violation;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.WorldFailure;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What clients were told outlives a power failure (S11). A seed is run up to an instant; then all
 * replicas lose power at once, and what was under way is lost. Only those that are correct start
 * again, on what was durable and with their trusted subsystems, over calm links. Whatever any
 * client believed by then must be found again at its place; where nobody who leads is among those
 * that stay away, all correct replicas must come that far. No replica's counters, views and stable
 * checkpoint may be lower than others were allowed to rely on, and all other oracles watch.
 */
final class ColdStart implements TraceListener {
  private static final long SECOND = 1_000_000_000L;

  /** Longer than anything stays in the network. */
  private static final long DARK = 4 * SECOND;

  /** Where not all must come right, as long as safety is watched. */
  private static final long WATCHED = 2 * SECOND;

  /**
   * What did not outlive a power failure.
   *
   * @param oracle the rule that is broken: S11 where something is lost, else what the oracles saw
   */
  record Broken(String oracle, String message) {}

  private record Call(long client, long timestamp) {}

  /** What a replica has let others rely on. */
  private static final class Promise {
    /** By the number of the effect that says so: its stable checkpoint. */
    final NavigableMap<Long, Long> stable = new TreeMap<>();

    /** The same of views that it entered. */
    final NavigableMap<Long, Effect.Event.Entered> entered = new TreeMap<>();

    long checkpoint;
    final Map<String, Long> views = new TreeMap<>();
    Map<Integer, Long> counters = Map.of();
  }

  private final SwarmRun run;
  private final Set<Integer> correct;
  private final Map<Integer, Promise> promises = new HashMap<>();

  /** What correct replicas did at each place, over the whole run. */
  private final Map<Long, Digest> order = new HashMap<>();

  private final Map<Call, Long> places = new HashMap<>();

  /** Places that hold a slot of a replica that does not start again. */
  private long firstOrphan = Long.MAX_VALUE;

  /** The last place of which a client believes anything. */
  private long believed;

  private long found;

  ColdStart(SwarmRun run) {
    this.run = run;
    this.correct = run.faults.correct(run.plan.n);
    // Those whose disk or trusted subsystem is lost count among the f.
    run.plan.faulty.forEach(correct::remove);
    correct.forEach(r -> promises.put(r, new Promise()));
    run.world.listen(this);
  }

  /** Answers that had to be found again, and promises that had to hold. */
  long found() {
    return found;
  }

  /** The disks of all keep nothing but their promise (see the faults of disks). */
  void harshly(long seed, Consumer<String> struck) {
    correct.forEach(r -> run.world.unreliableDisk(r, seed + r, struck));
  }

  /**
   * Everybody loses power after so many events.
   *
   * @return what did not outlive it; null: nothing is lost, and nothing else is wrong
   */
  @Nullable Broken after(long steps) {
    String when = "after a power failure at event " + steps + ": ";
    try {
      run.untilStep(steps);
      long needed = powerFailure();
      restart();
      await(needed);
      correct.forEach(this::kept);
      run.finish();
      return null;
    } catch (Violation v) {
      return new Broken(v.rule(), when + v.getMessage());
    } catch (WorldFailure e) {
      String cause = e.getCause() == null ? "" : ": " + e.getCause();
      return new Broken("S19", when + e + cause);
    }
  }

  /** All go down; which place must be reached again, 0: none. */
  private long powerFailure() {
    for (int i = 0; i < run.plan.n; i++) {
      run.world.resume(i);
      run.world.crash(i);
    }
    // Replies that were on their way still count: what they say was signed.
    run.world.run(DARK);
    promises.forEach(
        (r, p) -> {
          p.counters = counters(r);
          // Who has moved its counter for a view has left all below.
          p.counters.forEach(
              (n, value) ->
                  p.views.merge(Instances.name(n), Counters.view(Math.max(0, value)), Math::max));
        });
    boolean led = run.gentle() && correct.contains(run.plan.tuning.orderPrimary());
    return led ? Math.min(believed, firstOrphan - 1) : 0;
  }

  private Map<Integer, Long> counters(int replica) {
    Map<Integer, Long> values = new TreeMap<>();
    for (int instance = 0; instance < run.plan.n; instance++) {
      values.put(instance, run.world.enclave(replica).read(instance, Counters.ORDER));
    }
    return values;
  }

  private void restart() {
    for (int r : correct) {
      run.world.restart(r);
    }
  }

  private void await(long needed) {
    if (needed == 0) {
      run.world.run(WATCHED);
      return;
    }
    long bound =
        SwarmRun.Bounds.answer(run.plan.tuning, run.rule.f())
            + SwarmRun.Bounds.catchUp(run.plan.tuning);
    boolean reached =
        run.world.runUntil(
            () -> correct.stream().allMatch(r -> run.world.status(r).executed() >= needed), bound);
    if (!reached) {
      StringBuilder s = new StringBuilder();
      correct.forEach(r -> s.append("; R").append(r).append(' ').append(run.world.status(r)));
      throw new Violation(
          "S11", "clients were told of place " + needed + ", which is not reached again" + s);
    }
    found += needed;
  }

  /** No promise is lower than it was. */
  private void kept(int replica) {
    Promise before = promises.get(replica);
    if (before == null) {
      return;
    }
    found++;
    long checkpoint = run.world.status(replica).checkpoint();
    if (checkpoint < before.checkpoint) {
      throw new Violation(
          "S11",
          "R%d had stable checkpoint %d and has %d"
              .formatted(replica, before.checkpoint, checkpoint));
    }
    run.world
        .status(replica)
        .views()
        .forEach(
            (instance, view) -> {
              if (view < before.views.getOrDefault(instance, 0L)) {
                throw new Violation(
                    "S11", "R%d is in an earlier view of %s".formatted(replica, instance));
              }
            });
    counters(replica)
        .forEach(
            (instance, value) -> {
              if (value < before.counters.getOrDefault(instance, 0L)) {
                throw new Violation(
                    "S11", "R%d has a lower counter for D%d".formatted(replica, instance));
              }
            });
  }

  // --- what it notes of the run

  @Override
  public void effect(int replica, long number, Effect effect) {
    Promise p = promises.get(replica);
    if (p == null || !(effect instanceof Effect.Note(Effect.Event event))) {
      return;
    }
    if (event instanceof Effect.Event.Gauge g && g.name().equals("checkpoint_stable")) {
      p.stable.put(number, g.value());
    } else if (event instanceof Effect.Event.Entered e) {
      p.entered.put(number, e);
    } else if (event instanceof Effect.Event.Ordered o && !correct.contains(o.instance())) {
      firstOrphan = Math.min(firstOrphan, o.position());
    }
  }

  /** What nothing had left the replica after, and was not durable, nobody relies on. */
  @Override
  public void crashed(int replica) {
    Promise p = promises.get(replica);
    if (p != null) {
      p.stable.clear();
      p.entered.clear();
    }
  }

  /**
   * What leaves a replica after it had a stable checkpoint, or entered a view, may rest on that.
   */
  @Override
  public void released(int replica, long number, Effect effect) {
    Promise p = promises.get(replica);
    if (p == null) {
      return;
    }
    Map.Entry<Long, Long> last = p.stable.lowerEntry(number);
    if (last != null) {
      p.checkpoint = Math.max(p.checkpoint, last.getValue());
      p.stable.headMap(last.getKey(), true).clear();
    }
    NavigableMap<Long, Effect.Event.Entered> before = p.entered.headMap(number, false);
    before.values().forEach(e -> p.views.merge(Instances.name(e.instance()), e.view(), Math::max));
    before.clear();
    if (effect instanceof Effect.Execute e) {
      executed(replica, e);
    }
  }

  private void executed(int replica, Effect.Execute e) {
    Writer w = new Writer(256).u64(e.timeMillis());
    for (Command c : e.commands()) {
      w.u64(c.client()).u64(c.timestamp()).bytes(c.operation());
      places.putIfAbsent(new Call(c.client(), c.timestamp()), e.position());
    }
    Digest digest = Digest.of(w.toBytes());
    Digest known = order.putIfAbsent(e.position(), digest);
    if (known != null && !known.equals(digest)) {
      throw new Violation(
          "S11", "R%d does something else at place %d now".formatted(replica, e.position()));
    }
  }

  @Override
  public void accepted(ClientStub client, ClientStub.Accepted answer) {
    Long place = places.get(new Call(client.id(), answer.request().timestamp()));
    if (place != null) {
      believed = Math.max(believed, place);
    }
  }
}
