package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What scenario files may say, and what is refused instead of doing nothing in silence. */
class ScenarioTest {
  /** Three replicas, one of which may fail, for two seconds. */
  private static final String SMALL =
      """
      replicas: 3
      seconds: 2
      network: {profile: lan}
      workload: {clients: 1, batch: 5}
      """;

  @TempDir Path dir;

  private CommandLineRun run(String text, String... options) {
    Path file = dir.resolve("scenario.yaml");
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> words = new ArrayList<>(List.of("sim", "--scenario", file.toString()));
    words.addAll(List.of(options));
    return CommandLineRun.of(words.toArray(String[]::new));
  }

  private static JsonNode json(CommandLineRun run) throws IOException {
    assertThat(run.exitCode()).as(run.err()).isZero();
    return Output.JSON.readTree(run.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "replica: 3 | replica",
        "faults: [{do: explode}] | no fault 'explode'",
        "faults: [{do: crash, replicas: [1], at: soon}] | a time is 3s",
        "faults: [{do: crash, replicas: [7]}] | replica 7 of 3",
        "byzantine: [{replica: 1, behaviour: rude}] | no behaviour 'rude'",
        "workload: {clients: many} | many",
        "faults: [{do: crash}] | crash needs replicas",
        "faults: [{do: crash, replicas: [1], by: 3s}] | crash has no by",
        "faults: [{do: crash, at: 30s, replicas: [1]}] | never comes",
        "faults: [{do: crash, at: 2s, until: 1s, replicas: [1]}] | until 1s, but at 2s",
        "faults: [{do: pause, replicas: [1]}] | pause needs until",
        "faults: [{do: rollbackTrusted, replicas: [1]}] | rollbackTrusted needs until",
        "faults: [{do: rollbackTrusted, replicas: [1], until: 9s}] | never comes",
        "faults: [{do: cloneTrusted, at: 1s, replicas: [1]}] | from the first moment",
        "faults: [{do: drop, kind: Prepared}] | no message 'Prepared'",
        "faults: [{do: drop, kind: X.Prepare}] | no message 'X.Prepare'",
        "faults: [{do: drop, probability: 0}] | between 0.001 and 1",
        "faults: [{do: drop, replicas: [1]}] | drop has no replicas",
        "faults: [{do: delay, by: 0s}] | more than nothing",
        "faults: [{do: partition}] | partition needs groups",
        "faults: [{do: partition, groups: [[0], [0, 1]]}] | in two groups",
        "faults: [{do: clockDrift, replicas: [1], drift: -1000}] | between -900",
        "'workload: {changes: [{at: 1s, factor: 2, except: [mars]}]}' | no region 'mars'",
        "'expect: {violation: S99}' | no oracle 'S99'",
        "'expect: {beyondModel: true}' | within the fault budget",
      })
  void whatWouldDoNothingIsBadUsage(String line, String sentence) {
    CommandLineRun run = run("seconds: 3\nreplicas: 3\n".concat(line));
    assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(2);
    assertThat(run.err().strip().lines()).hasSize(1);
    assertThat(run.err()).contains(sentence);
  }

  /** Each has an effect without saying how much of it. */
  @Test
  void whatIsLeftOutHasASensibleValue() throws IOException {
    JsonNode report =
        json(
            run(
                SMALL
                    + """
                    faults:
                      - {do: slow, replicas: [1], until: 1s}
                      - {do: delay, from: [0], until: 1s}
                      - {do: reorder, to: [2], until: 1s}
                      - {do: clockDrift, replicas: [2]}
                    """,
                "--json",
                "-"));
    assertThat(report.get("faultsWithoutEffect")).isEmpty();
    for (String kind : List.of("slow", "delay", "reorder", "clockDrift")) {
      assertThat(report.get("faultsInjected").get(kind).longValue()).as(kind).isPositive();
    }
  }

  @Test
  void aClogWithoutEndAndADelayOnOneLinkEnd() {
    CommandLineRun run =
        run(
            SMALL
                + """
                faults:
                  - {do: clog, from: [2], to: [1]}
                  - {do: delay, from: [2], to: [1]}
                """);
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  @Test
  void aFaultThatStruckNothingIsSaid() {
    CommandLineRun run =
        run(SMALL + "faults: [{do: restart, at: 1s, replicas: [2]}, {do: drop, kind: Chunks}]");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("without effect: restart at 1000 ms of [2]")
        .contains("without effect: drop at 0 ms from all to all of Chunks");
  }

  // ---- the fault budget

  private static final String TWO_MUTE =
      SMALL
          + """
          byzantine:
            - {replica: 1, behaviour: silent}
            - {replica: 2, behaviour: silent}
          """;

  private static void refused(CommandLineRun run) {
    assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(2);
    assertThat(run.err().strip().lines()).hasSize(1);
    assertThat(run.err()).contains("beyond the fault budget (2 faulty replicas of 3");
  }

  @Test
  void aRunBeyondTheModelIsRefusedUnlessThatIsMeant() throws IOException {
    refused(run(TWO_MUTE));
    refused(run(TWO_MUTE + "expect: {violation: none}"));
    refused(run(TWO_MUTE + "expect: {beyondModel: true}", "--no-oracles"));
    CommandLineRun meant = run(TWO_MUTE + "expect: {beyondModel: true}");
    assertThat(meant.exitCode()).as(meant.err()).isZero();
    assertThat(meant.out()).contains("BEYOND THE MODEL");
    JsonNode budget =
        json(run(TWO_MUTE + "expect: {beyondModel: true}", "--json", "-")).get("faultBudget");
    assertThat(budget.get("within").booleanValue()).isFalse();
    assertThat(budget.get("why").textValue()).contains("the model has 1");
  }

  @Test
  void whoIsDownForGoodCountsWithTheLiars() {
    String one = SMALL + "byzantine: [{replica: 1, behaviour: silent}]\n";
    refused(run(one, "--crash", "1"));
    refused(run(one + "faults: [{do: crash, at: 1s, replicas: [2]}]"));
    refused(run(one + "faults: [{do: wipe, at: 1s, until: 1500ms, replicas: [2]}]"));
    refused(run(SMALL + "faults: [{do: wipe, at: 1s, until: 1500ms, replicas: [1, 2]}]"));
    CommandLineRun back = run(one + "faults: [{do: crash, at: 500ms, until: 1s, replicas: [2]}]");
    assertThat(back.exitCode()).as(back.err()).isZero();
  }

  // ---- expectations

  private static final String CLONED =
      """
      replicas: 3
      seed: 7
      seconds: 5
      workload: {clients: 4, batch: 5}
      faults: [{do: cloneTrusted, replicas: [0]}]
      """;

  /** The oracle fires, as it must; what else was asked for is asked for still. */
  @Test
  void anExpectedViolationDoesNotStandForAllElse() {
    assertThat(run(CLONED + "expect: {violation: S12}").exitCode()).isZero();
    CommandLineRun more = run(CLONED + "expect: {violation: S12, committedAtLeast: 1000000}");
    assertThat(more.exitCode()).isEqualTo(1);
    assertThat(more.err()).contains("1000000 were expected");
    assertThat(run(CLONED + "expect: {violation: S12}", "--no-oracles").exitCode()).isEqualTo(2);
  }
}
