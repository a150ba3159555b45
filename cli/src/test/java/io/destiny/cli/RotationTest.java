package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.client.ClientOptions;
import io.destiny.client.DestinyClient;
import io.destiny.client.Receipt;
import io.destiny.crypto.trusted.TrustedProcesses;
import io.destiny.server.ClusterFolder;
import io.destiny.server.ClusterInit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ordered epoch changes on real processes, under load: nothing that was acknowledged is lost, what
 * clients were told is linearizable, and all replicas end in one state of one epoch.
 */
@Timeout(600)
class RotationTest {
  private static final int N = 3;
  private static final int FIRST_PORT = 18_900;
  private static final int SESSIONS_A_HOME = 3;
  private static final int ENOUGH = 10;

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
    String[] all = new String[args.length + 3];
    all[0] = command;
    all[1] = "--dir";
    all[2] = folder.path().toString();
    System.arraycopy(args, 0, all, 3, args.length);
    return CommandLineRun.of(all);
  }

  private void rotate(long epoch) throws IOException {
    reconfigure(epoch, "--rotate");
  }

  private void reconfigure(long epoch, String... change) throws IOException {
    Path report = dir.resolve("report.json");
    List<String> args = new ArrayList<>(List.of(change));
    args.addAll(List.of("--json", report.toString()));
    CommandLineRun run = run("reconfigure", args.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("epoch " + epoch + " is in force");
    assertThat(Output.JSON.readTree(report.toFile()).path("epoch").asLong()).isEqualTo(epoch);
  }

  private interface Change {
    void happen(CrashLoad load) throws Exception;
  }

  private void underLoad(String name, Change change) throws Exception {
    ClientOptions options =
        ClientOptions.DEFAULT.withSessions(0, 0).withDeadline(Duration.ofMinutes(3));
    try (DestinyClient client = Clusters.connect(folder, options)) {
      CrashLoad load = new CrashLoad(client, name, N, SESSIONS_A_HOME);
      int reader = ClusterInit.MAX_SESSIONS - 1;
      long begun = System.nanoTime();
      load.start();
      load.awaitOfEachHome(N, ENOUGH, begun);
      change.happen(load);
      load.finish(client.session(reader));
      assertThat(load.history().fault()).isNull();
      running.agree(client, reader);
    }
  }

  @Test
  void keysAreRotatedUnderLoadAndAKilledReplicaComesBackInTheNewEpoch() throws Exception {
    Path receipt = dir.resolve("old.json");
    CommandLineRun put = run("kv", "put", "k", "v", "--receipt", receipt.toString());
    assertThat(put.exitCode()).as(put.err()).isZero();
    underLoad(
        "rotation",
        load -> {
          long asked = System.nanoTime();
          rotate(1);
          load.awaitOfEachHome(N, ENOUGH, System.nanoTime());
          System.out.printf("rotation under load: %s%n", pause(load, asked));
          for (int i = 0; i < N; i++) {
            running.await(i, 1, true);
          }

          cluster.kill(1);
          load.awaitOfEachHome(N, ENOUGH, System.nanoTime());
          cluster.start(1);
          running.await(1, 1, true);
          load.awaitOfEachHome(N, ENOUGH, System.nanoTime());
        });
    // what was proven in the old epoch stays proven
    CommandLineRun verify = run("verify", "--receipt", receipt.toString());
    assertThat(verify.out().strip()).as(verify.err()).isEqualTo("valid");
    assertThat(Receipt.fromJson(Files.readString(receipt)).epoch()).isZero();
  }

  private static String pause(CrashLoad load, long since) {
    long last = since;
    long longest = 0;
    for (long end :
        load.answered().stream().mapToLong(CrashLoad.Answered::ended).sorted().toArray()) {
      if (end - since > 0) {
        longest = Math.max(longest, end - last);
        last = end;
      }
    }
    return "longest pause " + TimeUnit.NANOSECONDS.toMillis(longest) + " ms";
  }

  /** Rule R1, and R2 as the way back. */
  @Test
  void aReplicaWhoseTrustedProcessEndedVotesAgainInTheNextEpoch() throws Exception {
    underLoad(
        "observer",
        load -> {
          cluster.kill(2);
          assertThat(TrustedProcesses.stop(folder.replicaFolder(2))).isTrue();
          cluster.start(2);
          running.await(2, 0, false);
          load.awaitOfEachHome(N, ENOUGH, System.nanoTime());
          rotate(1);
          running.await(2, 1, true);

          // now another one may be gone
          cluster.kill(0);
          load.awaitOfEachHome(N, ENOUGH, System.nanoTime());
          cluster.start(0);
          running.await(0, 1, true);
        });
  }

  /** Its machine is gone: a new one with new keys and an empty folder takes its number. */
  @Test
  void aLostReplicaIsReplacedByANewOne() throws Exception {
    underLoad(
        "replaced",
        load -> {
          cluster.kill(1);
          TrustedProcesses.stop(folder.replicaFolder(1));
          LocalCluster.delete(folder.replicaFolder(1));
          reconfigure(1, "--replace", "1");
          load.awaitOfEachHome(N, ENOUGH, System.nanoTime());
          cluster.start(1);
          running.await(1, 1, true);
          load.awaitOfEachHome(N, ENOUGH, System.nanoTime());
        });
  }

  /** It is brought to the end of its epoch by those who are in the next. */
  @Test
  void aReplicaThatWasDownIsBroughtOver() throws Exception {
    underLoad(
        "left behind",
        load -> {
          cluster.kill(0);
          rotate(1);
          load.awaitOfEachHome(N, ENOUGH, System.nanoTime());
          cluster.start(0);
          running.await(0, 1, true);
          load.awaitOfEachHome(N, ENOUGH, System.nanoTime());
        });
  }
}
