package io.destiny.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.cli.mutant.Mutant;
import io.destiny.cli.mutant.MutantCompiler;
import io.destiny.cli.mutant.MutantHunt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** {@code destiny fuzz --mutants}: all seeded bugs of a protocol, on all cores. */
final class MutantRun {
  private static final String FOLDER = "mutants";

  private final String protocol;
  private final @Nullable List<String> only;
  private final Output output;

  /**
   * @param only the identifiers of those to hunt; null: all
   */
  MutantRun(String protocol, @Nullable List<String> only, Output output) {
    this.protocol = protocol;
    this.only = only;
    this.output = output;
  }

  /** The project's root: said by the launcher, or the nearest folder above that has mutants. */
  private static Path root() {
    Path start = Path.of(System.getProperty("destiny.root", "")).toAbsolutePath();
    for (Path at = start; at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve(FOLDER))) {
        return at;
      }
    }
    throw Failure.usage("--mutants needs the project's sources; run it as ./destiny in a checkout");
  }

  void run() {
    Path root = root();
    List<Mutant> mutants =
        Mutant.readAll(root.resolve(FOLDER)).stream()
            .filter(m -> m.protocols().contains(protocol))
            .filter(m -> only == null || only.contains(m.id()))
            .toList();
    if (mutants.isEmpty()) {
      throw Failure.usage("there are no such mutants of protocol " + protocol);
    }
    long began = System.nanoTime();
    List<MutantHunt.Verdict> verdicts = hunt(new MutantHunt(root), mutants);
    report(verdicts, (System.nanoTime() - began) / 1e9);
  }

  private List<MutantHunt.Verdict> hunt(MutantHunt hunt, List<Mutant> mutants) {
    ProgressLine progress = new ProgressLine(output);
    List<MutantHunt.Verdict> verdicts = new ArrayList<>();
    int cores = Runtime.getRuntime().availableProcessors();
    try (ExecutorService pool = Executors.newFixedThreadPool(cores)) {
      List<Future<MutantHunt.Verdict>> running = new ArrayList<>();
      mutants.forEach(m -> running.add(pool.submit(() -> hunt.hunt(m, protocol))));
      for (int i = 0; i < mutants.size(); i++) {
        progress.show("%d of %d: %s".formatted(i + 1, mutants.size(), mutants.get(i).title()));
        verdicts.add(await(running.get(i)));
      }
    }
    progress.clear();
    return verdicts;
  }

  private static MutantHunt.Verdict await(Future<MutantHunt.Verdict> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failure.run("interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MutantCompiler.BrokenMutant broken) {
        throw Failure.run(String.valueOf(broken.getMessage()));
      }
      throw new IllegalStateException("a mutant could not be hunted at all", e.getCause());
    }
  }

  private void report(List<MutantHunt.Verdict> all, double seconds) {
    List<MutantHunt.Verdict> bugs = all.stream().filter(v -> !v.mutant().control()).toList();
    long killed = bugs.stream().filter(MutantHunt.Verdict::killed).count();
    long median = MutantHunt.medianEvents(bugs);
    ObjectNode report =
        Output.object()
            .put("protocol", protocol)
            .put("killed", killed)
            .put("total", bugs.size())
            .put("medianEvents", median);
    ArrayNode list = report.putArray("mutants");
    bugs.forEach(v -> describe(list, v));
    ArrayNode controls = report.putArray("controls");
    all.stream().filter(v -> v.mutant().control()).forEach(v -> describe(controls, v));
    report.put("wallSeconds", Math.round(seconds * 1000) / 1000.0);
    report.putObject("versions").put("project", Version.project()).put("java", Version.java());
    output.say(
        "%d of %d seeded bugs killed, after %,d events in the median; %d harmless changes, %d flagged; %.0f s"
            .formatted(
                killed,
                bugs.size(),
                median,
                all.size() - bugs.size(),
                all.stream().filter(v -> v.mutant().control() && !v.asExpected()).count(),
                seconds));
    output.report(report);
    List<String> wrong =
        all.stream().filter(v -> !v.asExpected()).map(v -> v.mutant().id()).toList();
    if (!wrong.isEmpty()) {
      throw Failure.run("not as they should be: " + String.join(", ", wrong));
    }
  }

  private void describe(ArrayNode list, MutantHunt.Verdict v) {
    String fate =
        v.oracle() == null
            ? "nothing fired"
            : "%s at seed %d after %,d events".formatted(v.oracle(), v.seed(), v.events());
    output.say(
        "%-4s %s %s: %s"
            .formatted(v.mutant().id(), v.asExpected() ? " " : "!", v.mutant().title(), fate));
    if (!v.asExpected() && !v.message().isEmpty()) {
      output.say("       " + v.message());
    }
    list.addObject()
        .put("id", v.mutant().id())
        .put("title", v.mutant().title())
        .put("killed", v.killed())
        .put("oracle", v.oracle())
        .put("seed", v.seed())
        .put("events", v.events());
  }
}
