package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.client.ClientOptions;
import io.destiny.client.DestinyClient;
import io.destiny.server.ClusterFolder;
import io.destiny.server.ClusterInit;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Replica processes are killed while clients read and write: nothing that was acknowledged is lost,
 * what clients were told is linearizable, and all replicas end in one state. One cluster for all
 * tests, each of which leaves it whole. Times are printed, none is asserted.
 */
@Timeout(600)
class CrashTest {
  private static final int N = 3;
  private static final int FIRST_PORT = 18_700;
  private static final int SESSIONS_A_HOME = 4;

  /** Operations of each home that have to succeed before it goes on. */
  private static final int ENOUGH = 10;

  private static final long PAUSE_MILLIS = 1_000;

  @TempDir static Path dir;
  private static ProcessCluster running;
  private static ClusterFolder folder;
  private static LocalCluster cluster;
  private static StatusPage pages;

  @BeforeAll
  static void start() {
    running = ProcessCluster.startWithManyCheckpoints(dir, N, FIRST_PORT);
    folder = running.folder();
    cluster = running.replicas();
    pages = running.pages();
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  @Test
  void theOrderPrimaryIsKilled() throws Exception {
    crash("kill -9 of the O-primary", pages.orderPrimary(), false);
  }

  @Test
  void anotherCoordinatorIsKilled() throws Exception {
    crash("kill -9 of a coordinator", (pages.orderPrimary() + 1) % N, false);
  }

  @Test
  void aReplicaLosesItsDataFolderAndCatchesUp() throws Exception {
    crash("kill -9 and an empty data folder", (pages.orderPrimary() + 2) % N, true);
  }

  /** Their trusted processes go on, so that all vote again. */
  @Test
  void allReplicaProcessesAreKilledAtOnce() throws Exception {
    run(
        "kill -9 of all replica processes",
        load -> {
          long at = System.nanoTime();
          for (int i = 0; i < N; i++) {
            cluster.kill(i);
          }
          for (int i = 0; i < N; i++) {
            cluster.start(i);
          }
          running.awaitHealthy();
          load.awaitOfEachHome(N, ENOUGH, at);
          return at;
        },
        pages.orderPrimary());
  }

  @Test
  void theOrderPrimaryStandsStillForASecond() throws Exception {
    int primary = pages.orderPrimary();
    run(
        "SIGSTOP of the O-primary for %d ms".formatted(PAUSE_MILLIS),
        load -> {
          long at = System.nanoTime();
          signal(primary, "STOP");
          Thread.sleep(PAUSE_MILLIS);
          signal(primary, "CONT");
          load.awaitOfEachHome(N, ENOUGH, at + TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
          return at;
        },
        primary);
  }

  private static void signal(int replica, String name) throws IOException, InterruptedException {
    long pid = PidFile.read(folder.replicaFolder(replica)).orElseThrow().pid();
    int code = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
    assertThat(code).isZero();
  }

  private static void crash(String what, int victim, boolean wipe) throws Exception {
    run(
        what,
        load -> {
          long at = System.nanoTime();
          cluster.kill(victim);
          load.awaitOfEachHome(N, ENOUGH, at);
          if (wipe) {
            LocalCluster.delete(folder.replica(victim).data());
          }
          cluster.start(victim);
          running.awaitHealthy();
          load.awaitOfEachHome(N, ENOUGH, System.nanoTime());
          return at;
        },
        victim);
  }

  private interface Fault {
    /** Returns when it began. */
    long happen(CrashLoad load) throws Exception;
  }

  private static void run(String what, Fault fault, int victim) throws Exception {
    ClientOptions options =
        ClientOptions.DEFAULT.withSessions(0, 0).withDeadline(Duration.ofMinutes(4));
    try (DestinyClient client = Clusters.connect(folder, options)) {
      CrashLoad load = new CrashLoad(client, what, N, SESSIONS_A_HOME);
      int reader = ClusterInit.MAX_SESSIONS - 1;
      long begun = System.nanoTime();
      load.start();
      load.awaitOfEachHome(N, ENOUGH, begun);
      long at = fault.happen(load);
      load.finish(client.session(reader));
      print(what, load.answered(), begun, at, victim);

      assertThat(load.history().fault()).isNull();
      running.agree(client, reader);
      assertThat(client.counters().requestsSent()).isGreaterThanOrEqualTo(load.answered().size());
    }
  }

  /** What a person wants to know: how long nothing new was executed, and how fast it went. */
  private static void print(
      String what, List<CrashLoad.Answered> answered, long begun, long at, int victim) {
    List<CrashLoad.Answered> later =
        answered.stream()
            .filter(a -> a.begun() - at > 0)
            .sorted(Comparator.comparingLong(CrashLoad.Answered::ended))
            .toList();
    long pause = 0;
    long last = at;
    for (CrashLoad.Answered a : answered.stream().sorted(BY_END).toList()) {
      if (a.ended() - at > 0) {
        pause = Math.max(pause, a.ended() - last);
        last = a.ended();
      }
    }
    long first = later.getFirst().ended();
    long firstOfVictim =
        later.stream().filter(a -> a.home() == victim).findFirst().orElseThrow().ended();
    System.out.printf(
        "%s (replica %d, views now %s): first answer to a new request after %d ms, of the victim's"
            + " clients after %d ms, longest pause %d ms; %.0f/s before, %.0f/s after%n",
        what,
        victim,
        pages.all().getFirst().view(),
        millis(first - at),
        millis(firstOfVictim - at),
        millis(pause),
        rate(answered, begun, at),
        rate(answered, first, last));
  }

  private static final Comparator<CrashLoad.Answered> BY_END =
      Comparator.comparingLong(CrashLoad.Answered::ended);

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  private static double rate(List<CrashLoad.Answered> answered, long from, long to) {
    long count = answered.stream().filter(a -> a.ended() - from > 0 && a.ended() - to <= 0).count();
    return count / Math.max(1e-9, (to - from) / 1e9);
  }
}
