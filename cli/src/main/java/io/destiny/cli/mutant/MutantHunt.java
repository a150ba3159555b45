package io.destiny.cli.mutant;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Compiles mutants and lets the swarm loose on them. Thread-safe. */
public final class MutantHunt {
  /** A trial that takes longer hangs, and nothing caught it. */
  private static final long MOST_SECONDS = 1200;

  /**
   * How a mutant fared.
   *
   * @param oracle what fired first; null: nothing
   * @param killed whether that is one that should
   * @param events run until then
   */
  public record Verdict(
      Mutant mutant,
      @Nullable String oracle,
      String message,
      boolean killed,
      long seed,
      long events,
      double seconds) {
    /** A bug was killed, or a control survived. */
    public boolean asExpected() {
      return mutant.control() ? oracle == null : killed;
    }
  }

  private final MutantCompiler compiler;

  /**
   * @param root the project's root
   */
  public MutantHunt(Path root) {
    this.compiler = new MutantCompiler(root);
  }

  /**
   * Hunts one mutant.
   *
   * @param protocol one of the mutant's
   * @throws MutantCompiler.BrokenMutant if its patch does not apply, or does not compile
   */
  public Verdict hunt(Mutant mutant, String protocol) {
    long began = System.nanoTime();
    Function<Map<String, String>, Map<String, String>> trial = trial(compiler.compile(mutant));
    Map<String, String> in =
        Map.of(
            MutantTrial.PROTOCOL, protocol,
            MutantTrial.FAULTS, mutant.faults(),
            MutantTrial.FIRST, Long.toString(mutant.firstSeed()),
            MutantTrial.LAST, Long.toString(mutant.lastSeed()));
    Map<String, String> out = run(trial, in);
    String oracle = out.get(MutantTrial.ORACLE);
    return new Verdict(
        mutant,
        oracle,
        out.getOrDefault(MutantTrial.MESSAGE, ""),
        oracle != null && mutant.oracles().contains(oracle),
        Long.parseLong(out.getOrDefault(MutantTrial.SEED, "-1")),
        Long.parseLong(out.getOrDefault(MutantTrial.EVENTS, "0")),
        (System.nanoTime() - began) / 1e9);
  }

  /** In a thread of its own: a mutant may loop for ever. */
  private static Map<String, String> run(
      Function<Map<String, String>, Map<String, String>> trial, Map<String, String> in) {
    CompletableFuture<Map<String, String>> result = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("mutant")
        .start(
            () -> {
              try {
                result.complete(trial.apply(in));
              } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
              }
            });
    try {
      return result.get(MOST_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      return Map.of(MutantTrial.MESSAGE, "still running after " + MOST_SECONDS + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a trial could not be run at all", e.getCause());
    }
  }

  @SuppressWarnings("unchecked") // the class is this module's own, only loaded once more
  private static Function<Map<String, String>, Map<String, String>> trial(
      Map<String, byte[]> patched) {
    try {
      Class<?> type = new MutantLoader(patched).loadClass(MutantTrial.class.getName());
      return (Function<Map<String, String>, Map<String, String>>)
          type.getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the trial can be loaded", e);
    }
  }

  /** The median number of events to the kill, over the bugs that were killed. */
  public static long medianEvents(List<Verdict> verdicts) {
    long[] events =
        verdicts.stream().filter(Verdict::killed).mapToLong(Verdict::events).sorted().toArray();
    return events.length == 0 ? 0 : events[events.length / 2];
  }
}
