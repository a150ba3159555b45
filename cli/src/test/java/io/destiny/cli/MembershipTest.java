package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.destiny.client.ClientOptions;
import io.destiny.client.DestinyClient;
import io.destiny.server.ClusterFolder;
import io.destiny.server.ClusterInit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster of real processes gets more members, other ones and fewer, under load: nothing that was
 * acknowledged is lost, what clients were told is linearizable, and all end in one state.
 */
@Timeout(600)
class MembershipTest {
  private static final int FIRST_PORT = 19_500;
  private static final int MOST = 5;
  private static final int SESSIONS_A_HOME = 1;
  private static final int ENOUGH = 5;

  @TempDir Path dir;
  private ProcessCluster running;
  private LocalCluster cluster;
  private StatusPage pages;
  private CrashLoad load;
  private final long begun = System.nanoTime();

  @BeforeEach
  void start() {
    running = ProcessCluster.startWithManyCheckpoints(dir, 3, FIRST_PORT);
    cluster = running.replicas();
    pages = running.pages();
  }

  @AfterEach
  void stop() {
    running.close();
    pages.close();
  }

  private CommandLineRun reconfigure(String... change) {
    String[] all = new String[change.length + 3];
    all[0] = "reconfigure";
    all[1] = "--dir";
    all[2] = running.folder().path().toString();
    System.arraycopy(change, 0, all, 3, change.length);
    return CommandLineRun.of(all);
  }

  /** The pages are those of the new members from then on. */
  private void reach(long epoch, String... change) {
    CommandLineRun run = reconfigure(change);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("epoch " + epoch + " is in force");
    pages.close();
    pages = new StatusPage(ClusterFolder.open(running.folder().path()).manifest());
  }

  /** Waits until these replicas are in the epoch, well, and vote. */
  private void await(long epoch, int... replicas) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ProcessCluster.START_SECONDS);
    for (int replica : replicas) {
      while (true) {
        JsonNode page = pages.trees().get(replica);
        if (page != null
            && page.path("epoch").asLong() == epoch
            && page.path("healthy").asBoolean()
            && page.path("trusted").asText().equals("provisioned")) {
          break;
        }
        assertThat(cluster.alive(replica)).as("R%d ended: %s", replica, log(replica)).isTrue();
        assertThat(System.nanoTime() - deadline)
            .as("R%d is not there: %s%n%s", replica, page, log(replica))
            .isNegative();
        LockSupport.parkNanos(50_000_000);
      }
    }
  }

  private String log(int replica) {
    Path folder = ClusterFolder.replicaFolder(running.folder().path(), replica);
    try {
      return Files.readString(folder.resolve(LocalCluster.LOG));
    } catch (IOException e) {
      return "no log";
    }
  }

  private void goesOn(String when) throws InterruptedException {
    long since = System.nanoTime();
    load.awaitOfEachHome(pages.members(), ENOUGH, since);
    System.out.printf(
        "%s: went on after %d ms, %d s since the start%n",
        when,
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since),
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun));
  }

  @Test
  void aClusterGrowsAndShrinksUnderLoad() throws Exception {
    ClientOptions options =
        ClientOptions.DEFAULT.withSessions(0, 0).withDeadline(Duration.ofMinutes(3));
    try (DestinyClient client = Clusters.connect(running.folder(), options)) {
      load = CrashLoad.forSizes(client, "members", List.of(3, MOST), SESSIONS_A_HOME);
      load.start();
      goesOn("before");
      grow();
      replaceElsewhere();
      shrink();
      int reader = ClusterInit.MAX_SESSIONS - 1;
      load.finish(client.session(reader));
      assertThat(load.history().fault()).isNull();
      Agreement agreement =
          new Agreement(ClusterFolder.open(running.folder().path()).manifest(), pages);
      agreement.seal(client, reader);
      List<StatusPage.Status> statuses = agreement.await();
      assertThat(statuses).hasSize(3).allMatch(statuses.getFirst()::agrees);
    }
  }

  /** The three go on as a quorum of five; then two of the five are the new ones, and needed. */
  private void grow() throws Exception {
    reach(1, "--add", "2");
    await(1, 0, 1, 2);
    goesOn("three of five, the new ones not there");
    cluster.start(3);
    cluster.start(4);
    await(1, 3, 4);
    goesOn("all five");
    cluster.kill(0);
    cluster.kill(1);
    goesOn("two old ones gone");
    cluster.start(0);
    cluster.start(1);
    await(1, 0, 1);
  }

  private void replaceElsewhere() throws Exception {
    int elsewhere = LocalCluster.freePorts(FIRST_PORT + 50, 1);
    reach(2, "--replace", "2", "--base-port", Integer.toString(elsewhere));
    assertThat(cluster.awaitEnd(2, 30)).isZero();
    goesOn("one replaced, not there yet");
    cluster.start(2);
    await(2, 0, 1, 2, 3, 4);
    goesOn("the new one there");
  }

  private void shrink() throws Exception {
    reach(3, "--remove", "3,4");
    assertThat(cluster.awaitEnd(3, 30)).isZero();
    assertThat(cluster.awaitEnd(4, 30)).isZero();
    assertThat(log(4)).contains("replica 4 is no member of epoch 3, which has replicas 0 to 2");
    await(3, 0, 1, 2);
    goesOn("three left");
  }
}
