package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sim} and {@code fuzz} as users run them. */
class SimTest {
  private static final String[] SMALL = {
    "sim", "--replicas", "5", "--clients", "2", "--batch", "10", "--seconds", "1", "--json", "-"
  };

  @TempDir Path dir;

  private static JsonNode json(CommandLineRun run) throws IOException {
    assertThat(run.exitCode()).as(run.err()).isZero();
    return Output.JSON.readTree(run.out());
  }

  /** V0 of experiments.md §7 by the command line. */
  @Test
  void anIdealRunHasTheLatenciesThatFollowFromTheRoundTrips() throws IOException {
    JsonNode none =
        json(CommandLineRun.of("sim", "--replicas", "97", "--profile", "ideal", "--json", "-"));
    assertThat(none.get("latencyMillis").get("mean").doubleValue()).isBetween(176.2, 178.2);
    assertThat(none.get("latencyMillis").get("max").doubleValue()).isBetween(338.0, 340.0);
    assertThat(none.get("regions")).hasSize(10);
    assertThat(none.get("regions").get(0).get("mean").doubleValue()).isBetween(128.0, 130.0);
    assertThat(none.get("oracles").get("fired")).isEmpty();
    assertThat(none.get("oracles").get("checked").get("S5").longValue()).isPositive();

    JsonNode crashed =
        json(
            CommandLineRun.of(
                "sim", "--replicas", "97", "--profile", "ideal", "--crash", "48", "--json", "-"));
    assertThat(crashed.get("latencyMillis").get("mean").doubleValue()).isBetween(452.0, 454.0);
    assertThat(crashed.get("latencyMillis").get("max").doubleValue()).isBetween(461.5, 463.5);
  }

  @Test
  void theReportHasTheFieldsOfTheContract() throws IOException {
    JsonNode report = json(CommandLineRun.of(SMALL));
    for (String field :
        List.of(
            "protocol",
            "replicas",
            "f",
            "faultModel",
            "batch",
            "clients",
            "payloadBytes",
            "seconds",
            "seed",
            "committed",
            "throughputPerSecond",
            "latencyMillis",
            "errors",
            "viewChanges",
            "unavailableMillisMax",
            "stateDigest",
            "agree",
            "simulatedSeconds",
            "wallSeconds",
            "eventsPerSecond",
            "traceHash",
            "profile",
            "versions",
            "regions",
            "oracles",
            "costsHash",
            "group",
            "proofsVerified",
            "faultBudget",
            "faultsWithoutEffect")) {
      assertThat(report.has(field)).as(field).isTrue();
    }
    assertThat(report.get("committed").longValue()).isPositive();
    assertThat(report.get("agree").booleanValue()).isTrue();
    assertThat(report.get("group").intValue()).isEqualTo(10);
    assertThat(10 * report.get("proofsVerified").longValue())
        .isPositive()
        .isLessThanOrEqualTo(report.get("committed").longValue());
    assertThat(report.get("faultBudget").get("within").booleanValue()).isTrue();
  }

  /** The same trace twice in this process, and in others with other garbage collectors. */
  @Test
  void theSameSeedGivesTheSameTraceInAnyProcess() throws IOException, InterruptedException {
    String first = json(CommandLineRun.of(SMALL)).get("traceHash").textValue();
    assertThat(json(CommandLineRun.of(SMALL)).get("traceHash").textValue()).isEqualTo(first);
    assertThat(elsewhere("-XX:+UseSerialGC")).isEqualTo(first);
    assertThat(elsewhere("-XX:+UseParallelGC")).isEqualTo(first);
    List<String> other = new ArrayList<>(List.of(SMALL));
    other.addAll(List.of("--seed", "2"));
    assertThat(json(CommandLineRun.of(other.toArray(String[]::new))).get("traceHash").textValue())
        .isNotEqualTo(first);
  }

  private String elsewhere(String collector) throws IOException, InterruptedException {
    Path out = dir.resolve("out" + collector.length());
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(collector, "-cp", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(List.of(SMALL));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    return Output.JSON.readTree(Files.readString(out)).get("traceHash").textValue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "partition-and-crash",
        "two-liars-of-three",
        "two-wiped-of-three",
        "cloned-counter",
        "rolled-back-counter",
        "load-doubles-and-a-replica-dies"
      })
  void aShippedScenarioDoesWhatItSays(String name) {
    Path file = Path.of("..", "docs", "scenarios", name + ".yaml");
    CommandLineRun run = CommandLineRun.of("sim", "--scenario", file.toString());
    assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
  }

  @Test
  void theLoadChangesWhenTheScenarioSaysSo() throws IOException {
    Path file = dir.resolve("more.yaml");
    Files.writeString(
        file,
        """
        replicas: 3
        seconds: 6
        network: {profile: lan}
        workload: {clients: 1, batch: 5, changes: [{at: 3s, factor: 3}]}
        """);
    JsonNode samples =
        json(CommandLineRun.of("sim", "--scenario", file.toString(), "--json", "-"))
            .get("commandsBySecond");
    assertThat(samples).hasSize(6);
    assertThat(samples.get(4).longValue()).isGreaterThan(2 * samples.get(1).longValue());
  }

  @Test
  void aLadderGoesUpAndNamesTheSmallestLoadNearThePeak() throws IOException {
    JsonNode report =
        json(
            CommandLineRun.of(
                "sim",
                "--replicas",
                "3",
                "--wan",
                "lan",
                "--seconds",
                "1",
                "--batch",
                "10",
                "--ladder",
                "1,2,64",
                "--json",
                "-"));
    JsonNode ladder = report.get("ladder");
    assertThat(ladder).hasSize(3);
    assertThat(ladder.get(2).get("throughputPerSecond").doubleValue())
        .isGreaterThan(ladder.get(0).get("throughputPerSecond").doubleValue());
    for (String field :
        List.of(
            "protocol",
            "replicas",
            "f",
            "faultModel",
            "batch",
            "payloadBytes",
            "seconds",
            "seed",
            "profile",
            "costsHash",
            "versions")) {
      assertThat(report.has(field)).as(field).isTrue();
    }
    assertThat(report.get("point").get("throughputPerSecond").doubleValue())
        .isGreaterThanOrEqualTo(0.95 * report.get("peakPerSecond").doubleValue());
    JsonNode cpu = ladder.get(2).get("utilisation").get("cpuPercent");
    assertThat(cpu.get("mean").doubleValue()).isBetween(1.0, 100.0);
    assertThat(cpu.get("max").doubleValue()).isGreaterThanOrEqualTo(cpu.get("mean").doubleValue());
    assertThat(CommandLineRun.of("sim", "--ladder", "1,0").exitCode()).isEqualTo(2);
    assertThat(CommandLineRun.of("sim", "--ladder", "1", "--profile", "ideal").exitCode())
        .isEqualTo(2);
  }

  @Test
  void anExpectationThatIsNotMetFailsTheRun() throws IOException {
    Path file = dir.resolve("much.yaml");
    Files.writeString(
        file,
        """
        replicas: 3
        seconds: 1
        workload: {clients: 1, batch: 5}
        expect: {committedAtLeast: 1000000}
        """);
    CommandLineRun run = CommandLineRun.of("sim", "--scenario", file.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("1000000 were expected");
  }

  @Test
  void fuzzReportsWhatItDid() throws IOException {
    JsonNode report =
        json(
            CommandLineRun.of(
                "fuzz", "--seeds", "1..40", "--faults", "no-leader-loss", "--json", "-"));
    assertThat(report.get("seeds").longValue()).isEqualTo(40);
    assertThat(report.get("failures")).isEmpty();
    assertThat(report.get("committed").longValue()).isPositive();
    assertThat(report.get("probesHit")).isNotEmpty();
    assertThat(report.get("faultsInjected").size()).isPositive();
    assertThat(report.get("eventsPerSecond").longValue()).isPositive();
    assertThat(CommandLineRun.of("fuzz", "--seeds", "9..3").exitCode()).isEqualTo(2);
    assertThat(CommandLineRun.of("fuzz", "--faults", "some").exitCode()).isEqualTo(2);
  }

  /** V2: the names that a batch did not meet, of those that long batches are known to. */
  @Test
  void fuzzSaysWhichOfTheDeclaredProbesItMissed() throws IOException {
    JsonNode report = json(CommandLineRun.of("fuzz", "--seeds", "2..4", "--json", "-"));
    Set<String> hit = words(report.get("probesHit"));
    Set<String> missed = words(report.get("probesMissed"));
    assertThat(hit).isNotEmpty().doesNotContainAnyElementsOf(missed);
    assertThat(missed).as("three seeds do not meet everything").isNotEmpty();
    Set<String> all = new TreeSet<>(missed);
    all.addAll(hit);
    assertThat(all).containsAll(DeclaredProbes.of("destiny").names());
    assertThat(DeclaredProbes.of("destiny").names()).hasSizeGreaterThanOrEqualTo(150);
  }

  private static Set<String> words(JsonNode list) {
    Set<String> words = new TreeSet<>();
    list.forEach(node -> words.add(node.textValue()));
    return words;
  }

  @Test
  void aSeedStopsAtAnInstantToBeLookedAt() throws IOException {
    JsonNode half =
        json(CommandLineRun.of("fuzz", "--seeds", "7..7", "--until", "500ms", "--json", "-"));
    assertThat(half.get("simulatedSeconds").doubleValue()).isEqualTo(0.5);
    assertThat(half.get("trace")).hasSize(40);
    assertThat(half.get("inspection").get(0).get("state").textValue()).isNotEmpty();
    assertThat(half.get("options")).isNotEmpty();
    JsonNode again =
        json(CommandLineRun.of("fuzz", "--seeds", "7..7", "--until", "500ms", "--json", "-"));
    assertThat(again.get("traceHash")).isEqualTo(half.get("traceHash"));
    assertThat(again.get("trace")).isEqualTo(half.get("trace"));
    CommandLineRun said = CommandLineRun.of("fuzz", "--seeds", "7..7", "--until", "500ms");
    assertThat(said.out())
        .contains("stopped at 0.500000 simulated s", "timers: ", "what came last");
    assertThat(CommandLineRun.of("fuzz", "--seeds", "7..8", "--until", "1s").exitCode())
        .isEqualTo(2);
    assertThat(CommandLineRun.of("fuzz", "--seeds", "7", "--until", "soon").exitCode())
        .isEqualTo(2);
  }

  @Test
  void aRunStopsAtAnInstantToBeLookedAt() throws IOException {
    List<String> words = new ArrayList<>(List.of(SMALL));
    words.addAll(List.of("--until", "250ms"));
    JsonNode report = json(CommandLineRun.of(words.toArray(String[]::new)));
    assertThat(report.get("simulatedSeconds").doubleValue()).isEqualTo(0.25);
    assertThat(report.get("inspection")).hasSize(5);
    assertThat(report.get("inspection").get(1).get("view").has("O")).isTrue();
    assertThat(report.get("trace")).hasSize(40);
  }

  /** Without clients that are answered a run shows nothing. */
  @Test
  void aRunThatCommitsNothingFails() {
    CommandLineRun run =
        CommandLineRun.of(
            "sim",
            "--replicas",
            "3",
            "--clients",
            "1",
            "--batch",
            "1",
            "--seconds",
            "1",
            "--wan",
            farAway().toString());
    assertThat(run.exitCode()).as(run.out()).isEqualTo(1);
    assertThat(run.err()).contains("nothing was committed");
  }

  /** A site that is minutes away from itself. */
  private Path farAway() {
    Path file = dir.resolve("far.net");
    try {
      Files.writeString(
          file,
          """
          nic 1000000000
          cap 11150000
          window 4194304
          buffer 67108864
          region moon 100000
          """);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }
}
