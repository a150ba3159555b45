package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.destiny.client.ClientOptions;
import io.destiny.client.DestinyClient;
import io.destiny.crypto.trusted.TrustedProcesses;
import io.destiny.server.ClusterFolder;
import io.destiny.server.ClusterInit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A full power cut: all replicas and all trusted processes are killed under load. What clients were
 * told before and after the recovery is one linearizable history.
 */
@Timeout(600)
class RecoverTest {
  private static final int N = 3;
  private static final int FIRST_PORT = 19_300;
  private static final int SESSIONS_A_HOME = 3;
  private static final int ENOUGH = 20;

  @TempDir Path dir;
  private ProcessCluster running;
  private ClusterFolder folder;
  private LocalCluster cluster;

  @BeforeEach
  void start() {
    running = ProcessCluster.startWithManyCheckpoints(dir, N, FIRST_PORT);
    folder = running.folder();
    cluster = running.replicas();
  }

  @AfterEach
  void stop() {
    running.close();
  }

  private CommandLineRun run(String command, String... args) {
    List<String> all = new ArrayList<>(List.of(command, "--dir", folder.path().toString()));
    all.addAll(List.of(args));
    return CommandLineRun.of(all.toArray(String[]::new));
  }

  private JsonNode recover(String... args) throws IOException {
    Path report = dir.resolve("recovery.json");
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--json", report.toString()));
    CommandLineRun run = run("recover", all.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    System.out.print(run.out());
    return Output.JSON.readTree(report.toFile());
  }

  private void powerCut() {
    List<ProcessHandle> trusted = new ArrayList<>();
    for (int i = 0; i < N; i++) {
      trusted.add(TrustedProcesses.find(folder.replicaFolder(i)).orElseThrow());
    }
    trusted.forEach(ProcessHandle::destroyForcibly);
    for (int i = 0; i < N; i++) {
      cluster.kill(i);
    }
    trusted.forEach(t -> assertThat(TrustedProcesses.await(t, 10)).isTrue());
  }

  private void startAll() {
    for (int i = 0; i < N; i++) {
      cluster.start(i);
    }
  }

  private interface Disaster {
    void happen(CrashLoad load) throws Exception;
  }

  private void underLoad(String name, Disaster disaster) throws Exception {
    ClientOptions options =
        ClientOptions.DEFAULT.withSessions(0, 0).withDeadline(Duration.ofMinutes(4));
    try (DestinyClient client = Clusters.connect(folder, options)) {
      CrashLoad load = new CrashLoad(client, name, N, SESSIONS_A_HOME);
      int reader = ClusterInit.MAX_SESSIONS - 1;
      long begun = System.nanoTime();
      load.start();
      load.awaitOfEachHome(N, ENOUGH, begun);
      disaster.happen(load);
      load.awaitOfEachHome(N, ENOUGH, System.nanoTime());
      load.finish(client.session(reader));
      assertThat(load.history().fault()).isNull();
      running.agree(client, reader);
    }
  }

  @Test
  void afterAPowerCutNothingThatWasAcknowledgedIsLost() throws Exception {
    Path receipt = dir.resolve("old.json");
    CommandLineRun put = run("kv", "put", "k", "v", "--receipt", receipt.toString());
    assertThat(put.exitCode()).as(put.err()).isZero();

    CommandLineRun early = run("recover");
    assertThat(early.exitCode()).isEqualTo(Failure.RUN);
    assertThat(early.err()).contains("runs, as process");

    underLoad(
        "power cut",
        load -> {
          powerCut();
          JsonNode report = recover();
          assertThat(report.path("epoch").asLong()).isEqualTo(2);
          assertThat(report.path("beyond").asInt()).isZero();
          assertThat(report.path("missing")).isEmpty();
          assertThat(report.path("members")).hasSize(N);
          for (JsonNode member : report.path("members")) {
            assertThat(member.path("rejected")).isEmpty();
          }
          startAll();
          for (int i = 0; i < N; i++) {
            running.await(i, 2, true);
          }
        });
    CommandLineRun verify = run("verify", "--receipt", receipt.toString());
    assertThat(verify.out().strip()).as(verify.err()).isEqualTo("valid");
    CommandLineRun get = run("kv", "get", "k");
    assertThat(get.out()).as(get.err()).contains("v");
    assertThat(folder.replicaFolder(0).resolve("data.until-2")).exists();
  }

  @Test
  void aReplicaThatLostItsDataJoinsAfterTheOthersRecovered() throws Exception {
    underLoad(
        "without",
        load -> {
          powerCut();
          LocalCluster.delete(folder.replica(2).data());
          CommandLineRun refused = run("recover");
          assertThat(refused.exitCode()).isEqualTo(Failure.USAGE);
          assertThat(refused.err()).contains("--without 2");
          JsonNode report = recover("--without", "2");
          assertThat(report.path("missing").get(0).asInt()).isEqualTo(2);
          startAll();
          for (int i = 0; i < N; i++) {
            running.await(i, 2, true);
          }
          assertThat(Files.exists(folder.replicaFolder(2).resolve("data.until-2"))).isFalse();
        });
  }
}
