package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.destiny.client.ClientOptions;
import io.destiny.client.DestinyClient;
import io.destiny.server.ClusterFolder;
import io.destiny.server.ClusterInit;
import io.destiny.server.ClusterManifest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real processes of protocols without trusted subsystems, under load: a replica whose data folder
 * is wiped while it is down comes back as an observer, which executes and votes for nothing, and
 * votes again under the key of a new epoch. One protocol in every build; {@code
 * -Dprotocol=dqpbft,pbft} names others.
 */
@Timeout(600)
class LostLogTest {
  private static final int N = 4;
  private static final int VICTIM = 3;
  private static final int OTHER = 1;
  private static final int FIRST_PORT = 19_700;
  private static final int SESSIONS_A_HOME = 2;
  private static final int ENOUGH = 5;
  private static final List<String> VOTES =
      List.of(
          "PrePrepare", "Prepare", "Commit", "SignShare", "CommitShare", "ViewChange", "NewView");

  @TempDir Path dir;

  private static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ProcessCluster.START_SECONDS);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - deadline).as(what).isNegative();
      LockSupport.parkNanos(50_000_000);
    }
  }

  private static double metric(ClusterManifest manifest, int replica, String name, String label) {
    ClusterManifest.Member m = manifest.members().get(replica);
    URI address = URI.create("http://%s:%d/metrics".formatted(m.host(), m.adminPort()));
    String key = "destiny_%s{%s} ".formatted(name, label);
    try (InputStream in = address.toURL().openStream()) {
      String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return all.lines()
          .filter(line -> line.startsWith(key))
          .mapToDouble(line -> Double.parseDouble(line.substring(key.length())))
          .sum();
    } catch (IOException e) {
      throw new IllegalStateException("R" + replica + " does not answer", e);
    }
  }

  /** How many votes a replica has sent since its process, or its epoch, began. */
  private static double votes(ClusterFolder folder, int replica) {
    return VOTES.stream()
        .mapToDouble(
            kind -> metric(folder.manifest(), replica, "sent_total", "kind=\"%s\"".formatted(kind)))
        .sum();
  }

  private static void hasNoTrustedProcesses(ClusterFolder folder) {
    for (int i = 0; i < N; i++) {
      for (String file : List.of("provision.once", "provision.taken", "trusted.pid")) {
        assertThat(folder.replicaFolder(i).resolve(file)).doesNotExist();
      }
    }
  }

  private static CommandLineRun run(ClusterFolder folder, String command, String... more) {
    String[] all = new String[more.length + 3];
    all[0] = command;
    all[1] = "--dir";
    all[2] = folder.path().toString();
    System.arraycopy(more, 0, all, 3, more.length);
    CommandLineRun run = CommandLineRun.of(all);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  static List<String> protocols() {
    return List.of(System.getProperty("protocol", "pbft").split(",", -1));
  }

  @ParameterizedTest
  @MethodSource("protocols")
  void whoLostItsLogObservesUntilItHasANewKey(String protocol) throws Exception {
    long begun = System.nanoTime();
    ClientOptions options =
        ClientOptions.DEFAULT.withSessions(0, 0).withDeadline(Duration.ofMinutes(3));
    try (ProcessCluster running =
            ProcessCluster.startWithManyCheckpoints(dir, protocol, N, FIRST_PORT);
        DestinyClient client = Clusters.connect(running.folder(), options)) {
      hasNoTrustedProcesses(running.folder());
      CrashLoad load = new CrashLoad(client, protocol, N, SESSIONS_A_HOME);
      load.start();
      load.awaitOfEachHome(N, ENOUGH, begun);
      // From here on the beginning cannot be had but as a state.
      await("a checkpoint", () -> running.pages().status(0).orElseThrow().checkpoint() > 0);

      observes(running, load);
      votesAgain(running, load);

      int reader = ClusterInit.MAX_SESSIONS - 1;
      load.finish(client.session(reader));
      assertThat(load.history().fault()).isNull();
      running.agree(client, reader);
      hasNoTrustedProcesses(running.folder());
    }
    System.out.printf(
        "%s, wiped and back: %d s%n",
        protocol, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun));
  }

  private static void observes(ProcessCluster running, CrashLoad load) throws Exception {
    ClusterFolder folder = running.folder();
    running.replicas().kill(VICTIM);
    LocalCluster.delete(folder.replica(VICTIM).data());
    running.replicas().start(VICTIM);
    running.awaitHealthy();
    long since = System.nanoTime();
    load.awaitOfEachHome(N, ENOUGH, since);
    await(
        "it to catch up",
        () -> metric(folder.manifest(), VICTIM, "protocol_events_total", TRANSFERS) > 0);
    running.awaitHealthy();
    for (var page : running.pages().trees().entrySet()) {
      JsonNode status = page.getValue();
      boolean lost = page.getKey() == VICTIM;
      assertThat(status.path("trusted").asText()).isEqualTo("none");
      assertThat(status.path("observer").asBoolean()).as("R%d", page.getKey()).isEqualTo(lost);
      assertThat(status.path("observerReason").asText()).isEqualTo(lost ? "its log is gone" : "");
      assertThat(status.path("executed").asLong()).isPositive();
    }
    assertThat(metric(folder.manifest(), VICTIM, "sent_total", "kind=\"Status\"")).isPositive();
    assertThat(votes(folder, VICTIM)).isZero();
    assertThat(votes(folder, OTHER)).isPositive();
    assertThat(run(folder, "doctor").out())
        .contains("votes", "observer: its log is gone", "R3 is an observer")
        .doesNotContain("trusted subsystem");
  }

  private static final String TRANSFERS = "name=\"state_transfers\"";

  private static void votesAgain(ProcessCluster running, CrashLoad load) throws Exception {
    assertThat(run(running.folder(), "reconfigure", "--rotate").out())
        .contains("epoch 1 is in force");
    await("it to vote", () -> voting(running, VICTIM));

    // A crash alone takes nobody's vote.
    running.replicas().kill(OTHER);
    running.replicas().start(OTHER);
    running.awaitHealthy();
    long since = System.nanoTime();
    load.awaitOfEachHome(N, ENOUGH, since);
    await("the killed one to vote", () -> voting(running, OTHER));
  }

  private static boolean voting(ProcessCluster running, int replica) {
    JsonNode page = running.pages().trees().get(replica);
    try {
      return page != null
          && page.path("epoch").asLong() == 1
          && !page.path("observer").asBoolean()
          && votes(running.folder(), replica) > 0;
    } catch (IllegalStateException e) {
      // it is between two lives
      return false;
    }
  }
}
