package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.server.JvmCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What needs no running cluster. */
class UsageTest {
  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo",
        "init",
        "start",
        "stop",
        "kv",
        "kv put",
        "kv get",
        "kv delete",
        "kv cas",
        "verify",
        "bench",
        "doctor",
        "sim",
        "fuzz",
        "experiment",
        "reconfigure",
        "protocols"
      })
  void everyCommandHasHelpWithAnExample(String command) {
    List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
    words.add("--help");
    CommandLineRun run = CommandLineRun.of(words.toArray(String[]::new));
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("Example: destiny " + words.getFirst());
    assertThat(run.err()).as("complaints about the text itself").isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | a command is missing",
        "frobnicate | frobnicate",
        "init | --dir",
        "init --dir DIR/x --protocol paxos | no protocol 'paxos' in this build; it has: pbft, sbft",
        "init --dir DIR/x --replicas 2 | needs 3 to 301 replicas",
        "init --dir DIR/x --base-port 65535 | no room",
        "init --dir DIR/x --scheme none | multisig or threshold",
        "start --dir DIR/none --replica 0 | DIR/none/cluster.yaml does not exist",
        "stop --dir DIR/none | DIR/none/cluster.yaml does not exist",
        "kv --dir DIR/none get a | DIR/none/cluster.yaml does not exist",
        "kv --dir DIR/none | one of put, get, delete, cas is missing",
        "doctor --dir DIR/none | DIR/none/cluster.yaml does not exist",
        "bench --dir DIR/none --clients 0 | at least 1",
        "bench --dir DIR/none --payload 3 | --payload is 32 to",
        "verify --dir DIR/none --receipt r.json | DIR/none/cluster.yaml does not exist",
        "demo --replicas x | --replicas",
        "reconfigure --dir DIR/none --rotate | DIR/none/cluster.yaml does not exist",
        "reconfigure --dir DIR/none --rotate --add 1 | one change at a time",
        "reconfigure --dir DIR/none --add 1 --remove 2 | one change at a time",
        "reconfigure --dir DIR/none --replace 1 --remove 2,1 | one change at a time",
        "reconfigure --dir DIR/none --rotate --host h | for --add and --replace",
        "reconfigure --dir DIR/none --remove 2 --base-port 1 | for --add and --replace",
        "reconfigure --dir DIR/none --remove x | --remove",
        "experiment | ID",
        "experiment fig12 --out DIR/x | there is no experiment 'fig12'; this build has: fig3",
        "experiment fig7 --out DIR/x | experiment fig7 is not in this build, which has: fig3",
        "experiment utilisation --quick | utilisation is not in this build, which has: fig3",
        "reconfigure --dir DIR/none --rotate --timeout 0 | at least one second",
      })
  void badUsageIsOneLineAndExitCodeTwo(String args, String sentence) {
    String[] words =
        args.isEmpty() ? new String[0] : args.replace("DIR", dir.toString()).split(" ", -1);
    CommandLineRun run = CommandLineRun.of(words);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    assertThat(run.err().strip().lines()).hasSize(1);
    assertThat(run.err()).contains(sentence.replace("DIR", dir.toString()));
    assertThat(run.out()).isEmpty();
  }

  /** Nobody needs to be asked for these. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | say what is to change",
        "--add 3 | 3 replicas take in 1 to 2 new ones at a time, not 3",
        "--add -1 | 1 to 2 new ones",
        "--add 2147483647 | 1 to 2 new ones",
        "--add 1 --base-port 17005 | replica 1 has one of the ports 17005 to 17007",
        "--add 1 --base-port 0 | no place at port 0",
        "--add 1 --host a/b | is no name of a host",
        "--remove 2 | 2 replicas would be left, which tolerate no fault",
        "--remove 0 | only the last replicas can be removed",
        "--remove 3 | there is no replica 3",
        "--replace 3 | there is no replica 3",
        "--replace -1 | there is no replica -1",
      })
  void aChangeThatCannotBeIsRefusedInOneLineAndChangesNothing(String args, String sentence) {
    Path cluster = dir.resolve("cluster");
    CommandLineRun.of("init", "--dir", cluster.toString());
    List<String> words = new ArrayList<>(List.of("reconfigure", "--dir", cluster.toString()));
    words.addAll(args.isEmpty() ? List.of() : List.of(args.split(" ", -1)));
    CommandLineRun run = CommandLineRun.of(words.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    assertThat(run.err().strip().lines()).hasSize(1);
    assertThat(run.err()).contains(sentence);
    assertThat(cluster.resolve("next.yaml")).doesNotExist();
  }

  /** After a power cut there is nothing to recover: the logs are there. */
  @Test
  void whatNeedsTrustedProcessesIsRefusedWhereThereAreNone() {
    Path cluster = dir.resolve("cluster");
    CommandLineRun.of("init", "--dir", cluster.toString(), "--protocol", "pbft");
    CommandLineRun run = CommandLineRun.of("recover", "--dir", cluster.toString());
    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    assertThat(run.err().strip().lines()).hasSize(1);
    assertThat(run.err()).contains("of pbft cannot be put together").contains("Start them all");
    CommandLineRun stop = CommandLineRun.of("stop", "--dir", cluster.toString(), "--trusted");
    assertThat(stop.exitCode()).as(stop.err()).isZero();
  }

  @Test
  void aChangeCanBePreparedBeforeItIsAskedFor() {
    Path cluster = dir.resolve("cluster");
    CommandLineRun.of("init", "--dir", cluster.toString());
    CommandLineRun run =
        CommandLineRun.of("reconfigure", "--dir", cluster.toString(), "--add", "2", "--prepare");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("epoch 1 is prepared")
        .contains("replica 3 is new: copy replica-3.new to its machine");
    assertThat(cluster.resolve("replica-4.new/replica.yaml")).exists();
    assertThat(cluster.resolve("replica-2/epoch-1/execution.key")).exists();
  }

  @Test
  void stackTracesComeOnlyWithVerbose() {
    String[] args = {"stop", "--dir", dir.toString()};
    assertThat(CommandLineRun.of(args).err()).doesNotContain("\tat ");
    assertThat(CommandLineRun.of("--verbose", args[0], args[1], args[2]).err()).contains("\tat ");
  }

  @Test
  void jsonOnStandardOutputStandsAloneThere() throws IOException {
    Path cluster = dir.resolve("cluster");
    CommandLineRun run = CommandLineRun.of("init", "--dir", cluster.toString(), "--json", "-");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode json = Output.JSON.readTree(run.out());
    assertThat(json.path("replicas").asInt()).isEqualTo(3);
    assertThat(json.path("basePort").asInt()).isEqualTo(17_000);
    assertThat(CommandLineRun.of("init", "--dir", cluster.toString()).exitCode()).isEqualTo(2);
    CommandLineRun stop = CommandLineRun.of("stop", "--dir", cluster.toString());
    assertThat(stop.exitCode()).isZero();
    assertThat(stop.out()).contains("replica 2 was not running");
  }

  @Test
  void theCatalogueListsWhatThisBuildHas() throws IOException {
    Path file = dir.resolve("protocols.json");
    CommandLineRun run = CommandLineRun.of("protocols", "--json", file.toString());
    assertThat(run.exitCode()).isZero();
    JsonNode protocols = Output.JSON.readTree(Files.readString(file)).path("protocols");
    Set<String> listed = new HashSet<>();
    for (JsonNode p : protocols) {
      ProtocolEntry entry = Catalog.find(p.path("name").asText()).orElseThrow();
      assertThat(p.path("n").asInt()).isEqualTo(entry.smallest());
      assertThat(p.path("faultModel").asText()).isEqualTo(entry.model().name());
      assertThat(p.path("quorum").asInt()).isEqualTo(entry.rule(entry.smallest()).quorum());
      assertThat(run.out()).contains(entry.name());
      listed.add(entry.name());
    }
    assertThat(listed)
        .containsExactlyInAnyOrderElementsOf(
            Catalog.entries().stream().map(ProtocolEntry::name).toList());
  }

  @Test
  void commandsThatNeedNoNetworkDoNotLoadGrpc() throws Exception {
    List<String> command = new ArrayList<>(JvmCommand.prefix());
    command.add(1, "-Xlog:class+load");
    command.addAll(List.of(Main.class.getName(), "protocols"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(output).contains("picocli.CommandLine").contains("destiny");
    assertThat(output).doesNotContain(" io.grpc.").doesNotContain(" io.netty.");
  }
}
