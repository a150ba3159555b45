package io.destiny.sim.fault;

import io.destiny.core.machine.MessageCodec;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.sim.ghost.RealKeys;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Many small runs, each with everything at random from its seed, with all oracles on. */
public final class Swarm {
  /**
   * What is tried.
   *
   * @param rule by the number of replicas
   */
  public record Subject(
      String name,
      IntFunction<QuorumRule> rule,
      Function<Settings, Protocol> protocol,
      Function<Settings, MessageCodec> codec) {}

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
    SwarmPlan plan = SwarmPlan.of(seed, mode);
    Outcome outcome = prepared(plan, plan.faults()).run();
    if (outcome.oracle() == null && seed % 20 == 0) {
      // S20: the same seed, the same trace.
      SwarmPlan again = SwarmPlan.of(seed, mode);
      Outcome second = prepared(again, again.faults()).run();
      if (!second.traceHash().equals(outcome.traceHash())) {
        return failed(outcome, "S20", "two runs of one seed differ");
      }
    }
    return outcome;
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
    SwarmPlan plan = SwarmPlan.of(seed, mode);
    List<String> lines = new ArrayList<>(plan.lines());
    lines.addAll(plan.circumstances());
    return lines;
  }

  /**
   * The fewest faults of a failing seed with which the same oracle still fires, by delta debugging;
   * in lines for people.
   *
   * @param most runs spent at most
   */
  public List<String> shrink(Outcome failure, int most) {
    SwarmPlan plan = SwarmPlan.of(failure.seed(), mode);
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
    SwarmPlan plan = SwarmPlan.of(seed, mode);
    return prepared(plan, keeping(plan.faults(), kept, total)).run();
  }
}
