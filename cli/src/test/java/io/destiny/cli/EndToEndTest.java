package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.model.Homes;
import io.destiny.crypto.trusted.TrustedProcesses;
import io.destiny.server.ClusterFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes on loopback: three replicas with their trusted processes, and this client. */
@Timeout(600)
class EndToEndTest {
  private static final int N = 3;

  private static final int VICTIM = 2;

  private static final int FIRST_PORT = 18_500;

  @TempDir Path dir;
  private ProcessCluster running;
  private ClusterFolder folder;
  private LocalCluster cluster;

  @BeforeEach
  void start() {
    running = ProcessCluster.start(dir, N, FIRST_PORT);
    folder = running.folder();
    cluster = running.replicas();
  }

  @AfterEach
  void nothingIsLeftRunning() {
    List<ProcessHandle> trusted = new ArrayList<>();
    for (int i = 0; i < N; i++) {
      TrustedProcesses.find(folder.replicaFolder(i)).ifPresent(trusted::add);
    }
    assertThat(trusted).as("trusted processes outlive their replicas").hasSize(N);
    running.close();
    assertThat(trusted).noneMatch(ProcessHandle::isAlive);
    Stream<String> commands =
        ProcessHandle.allProcesses().flatMap(p -> p.info().commandLine().stream());
    assertThat(commands).noneMatch(line -> line.contains(folder.path().toString()));
  }

  private CommandLineRun kv(String... args) {
    List<String> all = new ArrayList<>(List.of("kv", "--dir", folder.path().toString()));
    all.addAll(Arrays.asList(args));
    return CommandLineRun.of(all.toArray(String[]::new));
  }

  private void expect(String out, String... args) {
    CommandLineRun run = kv(args);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains(out).contains("proof verified");
  }

  private static String session(int home) {
    for (int session = 0; ; session++) {
      if (Homes.of(1L << 32 | session, N) == home) {
        return Integer.toString(session);
      }
    }
  }

  @Test
  void operationsAreProvenAndAStoppedReplicasClientsAreServedByOthers() throws IOException {
    Path receipt = dir.resolve("receipt.json");
    expect("done", "put", "colour", "blue", "--receipt", receipt.toString());
    expect("blue", "get", "colour");
    expect("done", "cas", "colour", "blue", "green");
    expect("it holds green", "cas", "colour", "blue", "red");
    expect("done", "delete", "colour");
    expect("no such key", "get", "colour");

    CommandLineRun verify = verify(receipt);
    assertThat(verify.out().strip()).isEqualTo("valid");
    Path tampered = dir.resolve("tampered.json");
    String text = Files.readString(receipt);
    Files.writeString(tampered, text.replaceFirst("\"position\" : [0-9]+", "\"position\" : 99"));
    CommandLineRun refused = verify(tampered);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains("check PROOF failed");

    assertThat(doctor().out()).contains("R2: well", "O: view 0, led by R0", "nothing stands still");
    new DoctorFigures(folder.manifest()).areMetrics();

    stop(VICTIM);
    expect("done", "put", "a", "1", "--session", session(0));
    expect("done", "put", "a", "2", "--session", session(1));
    expect("done", "put", "a", "3", "--session", session(VICTIM));
    expect("3", "get", "a", "--session", session(0));

    cluster.start(VICTIM);
    running.awaitHealthy();
    expect("done", "put", "a", "4", "--session", session(VICTIM));

    // more than f
    stop(VICTIM);
    stop(1);
    CommandLineRun unavailable = kv("put", "a", "5", "--session", session(0), "--timeout", "3");
    assertThat(unavailable.exitCode()).isEqualTo(1);
    assertThat(unavailable.err()).contains("UNAVAILABLE").contains("(home)");
    CommandLineRun doctor = doctor();
    assertThat(doctor.exitCode()).as(doctor.err()).isZero();
    assertThat(doctor.out())
        .contains("R1: does not answer", "R2: does not answer", "missing R1 R2", "did not move");
  }

  private CommandLineRun doctor() {
    return CommandLineRun.of("doctor", "--dir", folder.path().toString());
  }

  private void stop(int replica) {
    CommandLineRun stop =
        CommandLineRun.of(
            "stop", "--dir", folder.path().toString(), "--replica", Integer.toString(replica));
    assertThat(stop.exitCode()).as(stop.err()).isZero();
  }

  private CommandLineRun verify(Path receipt) {
    return CommandLineRun.of(
        "verify", "--dir", folder.path().toString(), "--receipt", receipt.toString());
  }
}
