package io.destiny.sim.fault;

import io.destiny.core.machine.MessageCodec;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.sim.ghost.RealKeys;
import io.destiny.sim.world.World;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Many small runs, each with everything at random from its seed, with all oracles on. */
public final class Swarm {
  /**
   * What is tried.
   *
   * @param rule by the number of replicas
   * @param homes whether replicas have D-instances of their own, and clients home replicas, which
   *     they may change (ASSIGN)
   * @param pillars whether the order may be split (hybster.md §3)
   */
  public record Subject(
      String name,
      IntFunction<QuorumRule> rule,
      Function<Settings, Protocol> protocol,
      Function<Settings, MessageCodec> codec,
      boolean homes,
      boolean pillars) {
    /** One whose order is never split. */
    public Subject(
        String name,
        IntFunction<QuorumRule> rule,
        Function<Settings, Protocol> protocol,
        Function<Settings, MessageCodec> codec,
        boolean homes) {
      this(name, rule, protocol, codec, homes, false);
    }
  }

  /** Makes real keys for a run; null: in this run signatures are looked up in a table. */
  @FunctionalInterface
  public interface Keys {
    @Nullable RealKeys make(Domain domain, QuorumRule rule, long seed);
  }

  /** Which faults may happen. */
  public enum Mode {
    /** Everything within the model; only safety is asked for. */
    ALL,
    /**
     * Nothing for good to the O-primary or to a coordinator with live clients: then everything is
     * answered within a bound as well.
     */
    NO_LEADER_LOSS;

    /** As the command line says it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The mode of this word, if there is one. */
    public static Optional<Mode> named(String word) {
      return Arrays.stream(values()).filter(m -> m.word().equals(word)).findFirst();
    }
  }

  /**
   * How a seed ended.
   *
   * @param oracle what fired, null: nothing
   * @param committed requests that were answered
   * @param probes rare situations that occurred
   */
  public record Outcome(
      long seed,
      @Nullable String oracle,
      String message,
      long committed,
      long events,
      long simulatedNanos,
      SortedMap<String, Long> injected,
      SortedMap<String, Long> checked,
      Set<String> probes,
      String traceHash) {}

  /** One seed in so many is run once more, and one is run into power failures. */
  private static final int SECOND_LOOKS = 20;

  private static final int COLD = 1;
  private static final int POWER_FAILURES = 3;

  private final Subject subject;
  private final Mode mode;
  private final @Nullable Keys keys;

  public Swarm(Subject subject, Mode mode) {
    this(subject, mode, null);
  }

  /**
   * @param keys real keys for each run; null: signatures are looked up in a table
   */
  public Swarm(Subject subject, Mode mode, @Nullable Keys keys) {
    this.subject = subject;
    this.mode = mode;
    this.keys = keys;
  }

  private SwarmRun prepared(SwarmPlan plan, Faults faults) {
    return new SwarmRun(subject, mode, keys, plan, faults);
  }

  /** Runs one seed. */
  public Outcome run(long seed) {
    SwarmPlan plan = SwarmPlan.of(seed, mode, subject);
    SwarmRun run = prepared(plan, plan.faults());
    Outcome outcome = run.run();
    if (outcome.oracle() != null) {
      return outcome;
    }
    if (seed % SECOND_LOOKS == 0) {
      SwarmPlan again = SwarmPlan.of(seed, mode, subject);
      return alike(outcome, prepared(again, again.faults()).run());
    }
    return seed % SECOND_LOOKS == COLD ? afterPowerFailures(outcome, run.troubled()) : outcome;
  }

  /** S20: the same seed, the same trace. */
  static Outcome alike(Outcome first, Outcome second) {
    return second.traceHash().equals(first.traceHash())
        ? first
        : failed(first, "S20", "two runs of one seed differ");
  }

  /** The seed once more, up to some instants at which everybody loses power: S11, and the rest. */
  private Outcome afterPowerFailures(Outcome outcome, long events) {
    SplittableRandom instants = new SplittableRandom(outcome.seed * 31 + 11);
    for (int i = 0; i < POWER_FAILURES && events > 1; i++) {
      SwarmPlan again = SwarmPlan.of(outcome.seed, mode, subject);
      ColdStart cold = new ColdStart(prepared(again, again.faults()));
      if (i > 0) {
        cold.harshly(outcome.seed + i, what -> outcome.injected.merge(what, 1L, Long::sum));
      }
      ColdStart.Broken broken = cold.after(instants.nextLong(1, events));
      if (broken != null) {
        return failed(outcome, broken.oracle(), broken.message());
      }
      outcome.checked.merge("S11 cold start", cold.found(), Long::sum);
      outcome.injected.merge("powerFailure", 1L, Long::sum);
    }
    return outcome;
  }

  /**
   * Runs one seed up to an instant and stops there, before anything that is due then; a run that
   * ends earlier, or fails, stops where it ends.
   *
   * @param watcher is given the world before it starts
   */
  public Outcome replay(long seed, long untilNanos, Consumer<World> watcher) {
    SwarmPlan plan = SwarmPlan.of(seed, mode, subject);
    SwarmRun run = prepared(plan, plan.faults());
    watcher.accept(run.world());
    return run.runTo(untilNanos);
  }

  private static Outcome failed(Outcome o, String oracle, String message) {
    return new Outcome(
        o.seed,
        oracle,
        message,
        o.committed,
        o.events,
        o.simulatedNanos,
        o.injected,
        o.checked,
        o.probes,
        o.traceHash);
  }

  /** What goes wrong under a seed, in lines for people. */
  public List<String> faults(long seed) {
    SwarmPlan plan = SwarmPlan.of(seed, mode, subject);
    List<String> lines = new ArrayList<>(plan.lines());
    lines.addAll(plan.circumstances());
    return lines;
  }

  /** What a seed makes of the options, in lines for people. */
  public List<String> options(long seed) {
    SwarmPlan plan = SwarmPlan.of(seed, mode, subject);
    Settings.Tuning t = plan.tuning;
    return List.of(
        "N = %d, f = %d, O-primary R%d".formatted(plan.n, plan.f, t.orderPrimary()),
        "%d clients, %d requests each, %d commands a request, faults for %d ms"
            .formatted(plan.clients, plan.requests, plan.group, plan.horizon / 1_000_000),
        "batch %d, in flight %d, window %d, order window %d, order delay %.1f ms"
            .formatted(
                t.batch(), t.maxInFlight(), t.window(), t.orderWindow(), t.orderDelay() / 1e6),
        "checkpoint interval %d, %d collectors".formatted(t.checkpointInterval(), t.collectors()),
        "links: %.1f to %.1f ms, %.1f %% lost, %.1f %% twice, %s"
            .formatted(
                plan.links.minDelay() / 1e6,
                plan.links.maxDelay() / 1e6,
                plan.links.loss() / 10.0,
                plan.links.duplication() / 10.0,
                plan.links.reordering() ? "in any order" : "in order"));
  }

  /**
   * What the mode can inject, by the words of the report; a long batch injects all of it (V3).
   *
   * @param homes whether replicas have D-instances of their own, which others may propose in
   */
  public static SortedSet<String> injectable(Mode mode, boolean homes) {
    SortedSet<String> words = new TreeSet<>();
    for (Fault.Kind kind : Fault.Kind.values()) {
      switch (kind) {
        // Crashes come back by themselves, and the other two are outside the model.
        case RESTART, ROLLBACK_TRUSTED, CLONE_TRUSTED -> {}
        default -> words.add(kind.word());
      }
    }
    for (Behaviour behaviour : Behaviour.values()) {
      switch (behaviour) {
        // Needs clients at the liar, or the O-primary: what this mode leaves alone.
        case EQUIVOCATE, IMPERSONATE, LIE_ORDER -> {
          if (mode == Mode.ALL && (homes || behaviour != Behaviour.IMPERSONATE)) {
            words.add(behaviour.word());
          }
        }
        default -> words.add(behaviour.word());
      }
    }
    return words;
  }

  /**
   * The fewest faults of a failing seed with which the same oracle still fires, by delta debugging;
   * in lines for people.
   *
   * @param most runs spent at most
   */
  public List<String> shrink(Outcome failure, int most) {
    SwarmPlan plan = SwarmPlan.of(failure.seed(), mode, subject);
    Faults faults = plan.faults();
    Set<Integer> items = new TreeSet<>();
    int total = faults.plan().size();
    for (int i = 0; i < total; i++) {
      items.add(i);
    }
    faults.byzantine().keySet().forEach(r -> items.add(total + r));
    Set<Integer> left =
        Shrinker.minimise(
            items,
            kept ->
                failure.oracle() != null
                    && failure.oracle().equals(rerun(failure.seed(), kept, total).oracle()),
            most);
    List<String> lines = new ArrayList<>(keeping(faults, left, total).lines());
    lines.addAll(plan.circumstances());
    return lines;
  }

  private static Faults keeping(Faults faults, Set<Integer> kept, int total) {
    Set<Integer> indexes = new TreeSet<>();
    Set<Integer> liars = new TreeSet<>();
    kept.forEach(i -> (i < total ? indexes : liars).add(i < total ? i : i - total));
    return faults.keeping(indexes, liars);
  }

  private Outcome rerun(long seed, Set<Integer> kept, int total) {
    SwarmPlan plan = SwarmPlan.of(seed, mode, subject);
    return prepared(plan, keeping(plan.faults(), kept, total)).run();
  }
}
