package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.client.ClientOptions;
import io.destiny.client.DestinyClient;
import io.destiny.crypto.trusted.TrustedProcesses;
import io.destiny.server.ClusterFolder;
import io.destiny.server.ClusterInit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * All replicas are killed in turn, and each is started again before the next, while clients read
 * and write without a break: nothing that was acknowledged is lost, what clients were told is
 * linearizable, and neither memory nor files grow. One round in every build; {@code -Dminutes=10}
 * goes on for so long, {@code -Dreport=F} writes down what it found. No time is asserted.
 */
@Timeout(3600)
class KillRotationTest {
  private static final int N = 3;
  private static final int FIRST_PORT = 20_100;
  private static final int SESSIONS_A_HOME = 4;

  /** Operations of each home that have to succeed before it goes on. */
  private static final int ENOUGH = 10;

  // The bounds of every sample. A replica has a heap of 512 MiB and the trusted process 32 MiB.
  private static final long MOST_RESIDENT_KIB = 900 << 10;
  private static final long MOST_TRUSTED_KIB = 200 << 10;
  private static final long MOST_DATA_KIB = 192 << 10;

  /** From the first half of a long run to the second a maximum grows by so much at most. */
  private static final double GROWTH = 1.25;

  private static final long GROWTH_KIB = 32 << 10;

  /** Lives of each replica in the first half from which on growth is asked for. */
  private static final int ENOUGH_LIVES = 1;

  @TempDir Path dir;
  private ProcessCluster running;
  private ClusterFolder folder;
  private LocalCluster cluster;
  private StatusPage pages;
  private final List<Sample> samples = new ArrayList<>();
  private final List<Turn> turns = new ArrayList<>();

  /** What a replica and its trusted process use at the end of a life. */
  private record Sample(
      int replica,
      long ageMillis,
      long residentKib,
      long openFiles,
      long trustedResidentKib,
      long dataKib) {}

  /** One kill, in milliseconds after it. */
  private record Turn(int victim, boolean orderPrimary, long firstNew, long victims, long back) {}

  @BeforeEach
  void start() {
    running = ProcessCluster.startWithManyCheckpoints(dir, N, FIRST_PORT);
    folder = running.folder();
    cluster = running.replicas();
    pages = running.pages();
  }

  @AfterEach
  void stop() {
    running.close();
  }

  @Test
  void nothingIsLostAndNothingGrowsWhileAllAreKilledInTurn() throws Exception {
    double minutes = Double.parseDouble(System.getProperty("minutes", "0"));
    ClientOptions options =
        ClientOptions.DEFAULT.withSessions(0, 0).withDeadline(Duration.ofMinutes(4));
    List<Long> trusted = trusted();
    try (DestinyClient client = Clusters.connect(folder, options)) {
      CrashLoad load = new CrashLoad(client, "rotation", N, SESSIONS_A_HOME);
      int reader = ClusterInit.MAX_SESSIONS - 1;
      long begun = System.nanoTime();
      load.start();
      load.awaitOfEachHome(N, ENOUGH, begun);
      for (int turn = 0; turn < N || System.nanoTime() - begun < minutes * 60e9; turn++) {
        turn(turn % N, load);
      }
      load.finish(client.session(reader));
      long ended = System.nanoTime();
      assertThat(load.history().fault()).isNull();
      assertThat(trusted()).as("trusted processes go on").isEqualTo(trusted);
      StatusPage.Status agreed = running.agree(client, reader);
      report(load.answered().size(), (ended - begun) / 1e9, agreed);
    }
    bounded("residentKib", Sample::residentKib, MOST_RESIDENT_KIB);
    bounded("trustedResidentKib", Sample::trustedResidentKib, MOST_TRUSTED_KIB);
    bounded("dataKib", Sample::dataKib, MOST_DATA_KIB);
  }

  private List<Long> trusted() {
    List<Long> trusted = new ArrayList<>();
    for (int i = 0; i < N; i++) {
      trusted.add(TrustedProcesses.find(folder.replicaFolder(i)).orElseThrow().pid());
    }
    return trusted;
  }

  /** If the load does not go on, what the replicas wait for is worth more than a stack trace. */
  private void turn(int victim, CrashLoad load) throws Exception {
    try {
      kill(victim, load);
    } catch (IllegalStateException e) {
      CommandLineRun doctor = CommandLineRun.of("doctor", "--dir", folder.path().toString());
      throw new IllegalStateException(
          "after %d turns, with R%d: %s".formatted(turns.size(), victim, doctor.out()), e);
    }
  }

  private void kill(int victim, CrashLoad load) throws Exception {
    samples.add(sample(victim));
    boolean primary = pages.orderPrimary() == victim;
    long at = System.nanoTime();
    cluster.kill(victim);
    load.awaitOfEachHome(N, ENOUGH, at);
    long started = System.nanoTime();
    cluster.start(victim);
    running.awaitHealthy();
    long back = System.nanoTime();
    load.awaitOfEachHome(N, ENOUGH, back);
    long first = Long.MAX_VALUE;
    long firstOfVictim = Long.MAX_VALUE;
    for (CrashLoad.Answered a : load.answered()) {
      if (a.begun() - at > 0) {
        first = Math.min(first, a.ended() - at);
        firstOfVictim =
            a.home() == victim ? Math.min(firstOfVictim, a.ended() - at) : firstOfVictim;
      }
    }
    Turn turn =
        new Turn(victim, primary, millis(first), millis(firstOfVictim), millis(back - started));
    turns.add(turn);
    System.out.println(turn + " " + samples.getLast());
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  // ---- what they use

  private Sample sample(int replica) throws IOException {
    Path home = folder.replicaFolder(replica);
    ProcessHandle process = PidFile.read(home).orElseThrow();
    long started = process.info().startInstant().orElseThrow().toEpochMilli();
    try (Stream<Path> files = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
      return new Sample(
          replica,
          System.currentTimeMillis() - started,
          residentKib(process.pid()),
          files.count(),
          residentKib(TrustedProcesses.find(home).orElseThrow().pid()),
          sizeKib(folder.replica(replica).data()));
    }
  }

  private static long residentKib(long pid) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
      String line = lines.filter(l -> l.startsWith("VmRSS:")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("[^0-9]", ""));
    }
  }

  private static long sizeKib(Path data) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      return files.mapToLong(KillRotationTest::size).sum() >> 10;
    }
  }

  private static long size(Path file) {
    try {
      return Files.isRegularFile(file) ? Files.size(file) : 0;
    } catch (NoSuchFileException e) {
      // removed meanwhile
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void bounded(String what, ToLongFunction<Sample> figure, long most) {
    assertThat(samples).as(what).allMatch(s -> figure.applyAsLong(s) <= most);
    // Each replica's first life is warm-up.
    List<Sample> warm = samples.subList(Math.min(N, samples.size()), samples.size());
    int half = warm.size() / 2;
    if (half < N * ENOUGH_LIVES) {
      return;
    }
    long before = warm.subList(0, half).stream().mapToLong(figure).max().orElseThrow();
    long after = warm.subList(half, warm.size()).stream().mapToLong(figure).max().orElseThrow();
    assertThat((double) after)
        .as("%s at most", what)
        .isLessThanOrEqualTo(before * GROWTH + GROWTH_KIB);
  }

  // ---- what is written down

  private void report(int operations, double seconds, StatusPage.Status status) throws IOException {
    System.out.printf(
        "%d kills in %.0f s, %d operations acknowledged, none lost, linearizable; %s%n",
        turns.size(), seconds, operations, status);
    String file = System.getProperty("report");
    if (file == null) {
      return;
    }
    ObjectNode report =
        Output.object()
            .put("replicas", N)
            .put("sessions", N * SESSIONS_A_HOME)
            .put("seconds", seconds)
            .put("kills", turns.size())
            .put("operationsAcknowledged", operations)
            .put("lost", 0)
            .put("linearizable", true)
            .put("executed", status.executed())
            .put("stateDigest", status.digest())
            .put("agree", true);
    ArrayNode lives = report.putArray("lives");
    for (int i = 0; i < turns.size(); i++) {
      Sample s = samples.get(i);
      Turn t = turns.get(i);
      lives
          .addObject()
          .put("replica", s.replica)
          .put("orderPrimary", t.orderPrimary)
          .put("ageMillis", s.ageMillis)
          .put("residentKiB", s.residentKib)
          .put("openFiles", s.openFiles)
          .put("trustedResidentKiB", s.trustedResidentKib)
          .put("dataFolderKiB", s.dataKib)
          .put("firstNewAnswerMillis", t.firstNew)
          .put("firstOfItsClientsMillis", t.victims)
          .put("restartMillis", t.back);
    }
    Files.writeString(
        Path.of(file),
        Output.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n");
  }
}
