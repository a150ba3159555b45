package io.destiny.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.sim.fault.Swarm;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A swarm of seeds on all cores, and its report. */
final class FuzzRun {
  /** Inclusive. */
  record Range(long first, long last) {}

  private static final int MOST_FAILURES = 20;
  private static final int MOST_SHRINKING_RUNS = 200;

  /** From so many seeds on, what a batch never met is worth a look. */
  private static final long LONG = 2000;

  /** Seeds handed to the cores at once, and between two looks at the clock. */
  private static final int CHUNK = 64;

  private final ProtocolEntry protocol;
  private final Range range;
  private final @Nullable Integer minutes;

  /** Enough for the clients of one seed, whose homes are not at will. */
  private static final int PRINCIPALS = 96;

  /** One seed in so many runs with real keys, also where nobody asks for them. */
  private static final int REAL = 50;

  private final Swarm.Mode mode;
  private final boolean real;
  private final Output output;
  private final Swarm swarm;
  private final List<Swarm.Outcome> failures = new ArrayList<>();
  private final SortedMap<String, Long> injected = new TreeMap<>();
  private final SortedMap<String, Long> checked = new TreeMap<>();
  private final TreeSet<String> probes = new TreeSet<>();
  private long seeds;
  private long committed;
  private long barren;
  private long events;
  private long simulatedNanos;

  FuzzRun(
      ProtocolEntry protocol,
      Range range,
      @Nullable Integer minutes,
      Swarm.Mode mode,
      boolean real,
      Output output) {
    this.protocol = protocol;
    this.range = range;
    this.minutes = minutes;
    this.mode = mode;
    this.real = real;
    this.output = output;
    this.swarm =
        new Swarm(
            new Swarm.Subject(
                protocol.name(),
                protocol::rule,
                protocol::create,
                protocol::codec,
                protocol.homes(),
                protocol.pillars()),
            mode,
            (d, rule, seed) ->
                real || seed % REAL == 0 ? new SimulatedKeys(d, rule, seed, PRINCIPALS) : null);
  }

  void run() {
    long began = System.nanoTime();
    ProgressLine progress = new ProgressLine(output);
    int cores = Runtime.getRuntime().availableProcessors();
    try (ExecutorService pool = Executors.newFixedThreadPool(cores)) {
      long next = range.first();
      while (next <= range.last() && inTime(began) && failures.size() < MOST_FAILURES) {
        long end = Math.min(range.last(), next + CHUNK - 1);
        chunk(pool, next, end);
        next = end + 1;
        double seconds = (System.nanoTime() - began) / 1e9;
        progress.show(
            "seed %d  %.0f seeds/s  %,.0f events/s  %d failures"
                .formatted(end, seeds / seconds, events / seconds, failures.size()));
      }
    }
    progress.clear();
    report((System.nanoTime() - began) / 1e9);
  }

  /** Runs the one seed up to an instant, stops there, and shows what can be seen. */
  void runTo(long nanos, int last) {
    if (range.first() != range.last()) {
      throw Failure.usage("--until goes with one seed, such as --seeds 7..7");
    }
    AtomicReference<@Nullable Inspection> look = new AtomicReference<>();
    Swarm.Outcome o =
        swarm.replay(range.first(), nanos, world -> look.set(new Inspection(world, last)));
    Inspection inspection = Objects.requireNonNull(look.get());
    ObjectNode report =
        Output.object()
            .put("protocol", protocol.name())
            .put("faults", mode.word())
            .put("crypto", CryptoOption.word(real))
            .put("seed", o.seed())
            .put("committed", o.committed())
            .put("simulatedSeconds", Output.round(o.simulatedNanos() / 1e9))
            .put("traceHash", o.traceHash());
    context(report, o.seed());
    inspection.say(output);
    inspection.report(report);
    if (o.oracle() != null) {
      output.say("FIRED: " + o.message());
      report.putArray("fired").add(o.oracle());
    }
    output.report(report);
  }

  /** What the seed decided: options, and what goes wrong. */
  private void context(ObjectNode report, long seed) {
    output.say("seed " + seed + ", destiny " + Version.project());
    ArrayNode options = report.putArray("options");
    for (String line : swarm.options(seed)) {
      output.say("    " + line);
      options.add(line);
    }
    ArrayNode plan = report.putArray("faultPlan");
    for (String line : swarm.faults(seed)) {
      output.say("    " + line);
      plan.add(line);
    }
  }

  private boolean inTime(long began) {
    return minutes == null || System.nanoTime() - began < minutes * 60_000_000_000L;
  }

  private void chunk(ExecutorService pool, long first, long last) {
    List<Future<Swarm.Outcome>> running = new ArrayList<>();
    for (long seed = first; seed <= last; seed++) {
      long one = seed;
      running.add(pool.submit(() -> swarm.run(one)));
    }
    for (Future<Swarm.Outcome> future : running) {
      try {
        add(future.get());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw Failure.run("interrupted");
      } catch (ExecutionException e) {
        throw new IllegalStateException("a seed could not be run at all", e.getCause());
      }
    }
  }

  private void add(Swarm.Outcome o) {
    seeds++;
    committed += o.committed();
    barren += o.committed() == 0 ? 1 : 0;
    events += o.events();
    simulatedNanos += o.simulatedNanos();
    o.injected().forEach((k, v) -> injected.merge(k, v, Long::sum));
    o.checked().forEach((k, v) -> checked.merge(k, v, Long::sum));
    probes.addAll(o.probes());
    if (o.oracle() != null) {
      failures.add(o);
    }
  }

  private String replay(Swarm.Outcome o) {
    return "./destiny fuzz --protocol %s --faults %s%s --seeds %d..%d"
        .formatted(protocol.name(), mode.word(), real ? " --crypto real" : "", o.seed(), o.seed());
  }

  private void report(double seconds) {
    ObjectNode report =
        Output.object()
            .put("protocol", protocol.name())
            .put("faults", mode.word())
            .put("crypto", CryptoOption.word(real))
            .put("seeds", seeds)
            .put("firstSeed", range.first());
    ArrayNode list = report.putArray("failures");
    for (Swarm.Outcome o : failures) {
      describe(list, o);
    }
    ArrayNode hit = report.putArray("probesHit");
    probes.forEach(hit::add);
    FuzzBatch batch = new FuzzBatch(mode, protocol.homes(), seeds, barren, injected, checked);
    SortedSet<String> missed = DeclaredProbes.of(protocol.name()).missed(probes);
    ArrayNode missing = report.putArray("probesMissed");
    missed.forEach(missing::add);
    ArrayNode vacuous = report.putArray("vacuous");
    batch.vacuous().forEach(vacuous::add);
    injected.forEach(report.putObject("faultsInjected")::put);
    checked.forEach(report.putObject("checked")::put);
    report
        .put("committed", committed)
        .put("seedsWithoutCommit", barren)
        .put("events", events)
        .put("simulatedSeconds", Math.round(simulatedNanos / 1e9))
        .put("wallSeconds", Math.round(seconds * 1000) / 1000.0)
        .put("eventsPerSecond", Math.round(events / seconds));
    report.putObject("versions").put("project", Version.project()).put("java", Version.java());
    output.say(
        "%,d seeds in %.1f s (%.0f/s): %,d requests answered, %,d events (%,.0f/s), %,.0f simulated s"
            .formatted(
                seeds,
                seconds,
                seeds / seconds,
                committed,
                events,
                events / seconds,
                simulatedNanos / 1e9));
    output.say("faults injected: " + injected);
    output.say("%d probes hit; %d failures".formatted(probes.size(), failures.size()));
    if (seeds >= LONG) {
      missed.forEach(name -> output.say("never met: " + name));
    }
    batch.vacuous().forEach(line -> output.say("proves too little: " + line));
    output.report(report);
    if (!failures.isEmpty()) {
      throw Failure.run(failures.size() + " of " + seeds + " seeds failed");
    }
    if (!batch.vacuous().isEmpty()) {
      throw Failure.run("the batch proves too little: " + String.join("; ", batch.vacuous()));
    }
  }

  private void describe(ArrayNode list, Swarm.Outcome o) {
    List<String> fewest = swarm.shrink(o, MOST_SHRINKING_RUNS);
    output.say("seed %d: %s: %s".formatted(o.seed(), o.oracle(), o.message()));
    output.say("  replay: " + replay(o));
    output.say("  destiny " + Version.project() + ", options of the seed:");
    List<String> options = swarm.options(o.seed());
    options.forEach(line -> output.say("    " + line));
    output.say("  still fails with:");
    if (fewest.isEmpty()) {
      output.say("    no faults beyond the links");
    }
    fewest.forEach(line -> output.say("    " + line));
    ObjectNode node =
        list.addObject()
            .put("seed", o.seed())
            .put("oracle", o.oracle())
            .put("replay", replay(o))
            .put("message", o.message());
    ArrayNode faults = node.putArray("faults");
    fewest.forEach(faults::add);
    options.forEach(node.putArray("options")::add);
  }
}
