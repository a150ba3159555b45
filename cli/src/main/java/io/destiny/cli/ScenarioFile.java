package io.destiny.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.destiny.sim.fault.Behaviour;
import io.destiny.sim.fault.Fault;
import io.destiny.sim.workload.ClosedLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads scenario files (YAML); whatever it does not know is refused. */
final class ScenarioFile {
  private static final ObjectMapper YAML =
      new ObjectMapper(new YAMLFactory()).enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private ScenarioFile() {}

  /** The file as it stands, before names and times are understood. */
  record Document(
      @Nullable String protocol,
      @Nullable Integer replicas,
      @Nullable Long seed,
      @Nullable Integer seconds,
      @Nullable NetworkSection network,
      @Nullable WorkloadSection workload,
      @Nullable List<ScenarioFault> faults,
      @Nullable List<LiarLine> byzantine,
      @Nullable ExpectSection expect) {}

  record NetworkSection(@Nullable String profile, @Nullable String costs) {}

  record WorkloadSection(
      @Nullable Integer clients,
      @Nullable Integer batch,
      ClosedLoop.@Nullable Mode mode,
      @Nullable List<ChangeLine> changes) {}

  record ChangeLine(@Nullable String at, @Nullable Integer factor, @Nullable List<String> except) {}

  record LiarLine(@Nullable Integer replica, @Nullable String behaviour) {}

  record ExpectSection(
      @Nullable Long committedAtLeast,
      @Nullable Long viewChangesAtMost,
      @Nullable String violation,
      @Nullable Boolean beyondModel) {}

  static Scenario read(Path file) {
    try {
      return understand(YAML.readValue(Files.readString(file), Document.class));
    } catch (JsonProcessingException e) {
      throw Failure.usage(file + ": " + String.valueOf(e.getOriginalMessage()));
    } catch (IOException e) {
      throw Failure.usage("the scenario " + file + " cannot be read");
    } catch (IllegalArgumentException e) {
      throw Failure.usage(file + ": " + e.getMessage());
    }
  }

  private static Scenario understand(Document d) {
    List<Fault> faults = new ArrayList<>();
    for (ScenarioFault line : d.faults == null ? List.<ScenarioFault>of() : d.faults) {
      faults.add(line.understand());
    }
    Map<Integer, Behaviour> liars = new TreeMap<>();
    for (LiarLine line : d.byzantine == null ? List.<LiarLine>of() : d.byzantine) {
      if (line.replica == null || line.behaviour == null) {
        throw new IllegalArgumentException("a Byzantine replica has replica and behaviour");
      }
      if (liars.put(line.replica, behaviour(line.behaviour)) != null) {
        throw new IllegalArgumentException("replica " + line.replica + " is Byzantine twice");
      }
    }
    ExpectSection e = d.expect;
    WorkloadSection w = d.workload;
    return new Scenario(
        d.protocol,
        d.replicas,
        d.seed,
        d.seconds,
        d.network == null ? null : d.network.profile,
        d.network == null ? null : d.network.costs,
        w == null ? null : w.clients,
        w == null ? null : w.batch,
        w == null ? null : w.mode,
        changes(w),
        List.copyOf(faults),
        liars,
        new Scenario.Expectation(
            e == null || e.committedAtLeast == null ? 0 : e.committedAtLeast,
            e == null ? null : e.viewChangesAtMost,
            e == null ? null : e.violation,
            e != null && Boolean.TRUE.equals(e.beyondModel)));
  }

  private static List<Scenario.Change> changes(@Nullable WorkloadSection w) {
    List<Scenario.Change> changes = new ArrayList<>();
    for (ChangeLine line : w == null || w.changes == null ? List.<ChangeLine>of() : w.changes) {
      if (line.at == null || line.factor == null || line.factor < 2) {
        throw new IllegalArgumentException("a change of the load has at, and factor of 2 or more");
      }
      changes.add(
          new Scenario.Change(
              nanos(line.at), line.factor, line.except == null ? List.of() : line.except));
    }
    return changes;
  }

  private static Behaviour behaviour(String word) {
    return Arrays.stream(Behaviour.values())
        .filter(b -> b.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no behaviour '%s'; there are %s"
                        .formatted(
                            word,
                            Arrays.stream(Behaviour.values()).map(Behaviour::word).toList())));
  }

  /** The value of {@code --until}. */
  static long instant(String time) {
    try {
      return nanos(time);
    } catch (IllegalArgumentException e) {
      throw Failure.usage("--until: " + e.getMessage());
    }
  }

  /** {@code 3s}, {@code 250ms} or {@code 0.5s}. */
  static long nanos(String time) {
    String text = time.strip();
    double unit = text.endsWith("ms") ? 1e6 : text.endsWith("s") ? 1e9 : -1;
    try {
      double value = Double.parseDouble(text.replaceAll("m?s$", ""));
      if (unit < 0 || !(value >= 0)) {
        throw new NumberFormatException("no unit");
      }
      return Math.round(value * unit);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("a time is 3s or 250ms, not '" + time + "'", e);
    }
  }
}
