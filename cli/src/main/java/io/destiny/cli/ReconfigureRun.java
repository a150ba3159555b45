package io.destiny.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.client.Answer;
import io.destiny.client.ClientOptions;
import io.destiny.client.DestinyClient;
import io.destiny.core.model.Digest;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Reconfiguration;
import io.destiny.server.ClusterFolder;
import io.destiny.server.NextEpoch;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Prepares the next epoch, has it ordered, and waits until the replicas are in it. */
final class ReconfigureRun {
  private static final String LOCK = "reconfigure.lock";
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final ClusterFolder folder;
  private final ReconfigureCommand.Wishes wishes;
  private final Output output;
  private final long deadline;

  /**
   * What a replica's status page says.
   *
   * @param ours whether it is in the epoch that was asked for, under the very manifest
   */
  private record Seen(long epoch, boolean ours, boolean healthy) {}

  ReconfigureRun(ClusterFolder folder, ReconfigureCommand.Wishes wishes, Output output) {
    this.folder = folder;
    this.wishes = wishes;
    this.output = output;
    this.deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(wishes.timeoutSeconds());
  }

  void run() {
    Path lockFile = folder.path().resolve(LOCK);
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        throw Failure.run("another reconfiguration of this folder is under way");
      }
      runAlone();
    } catch (OverlappingFileLockException e) {
      throw Failure.run("another reconfiguration of this folder is under way");
    } catch (IOException e) {
      throw Failure.run(lockFile + " cannot be locked: " + e.getMessage());
    }
  }

  private void runAlone() {
    NextEpoch earlier = NextEpoch.prepared(folder);
    NextEpoch next = earlier != null ? earlier : prepare();
    long epoch = next.manifest().epoch();
    if (wishes.prepare()) {
      output.say(
          "epoch %d is prepared; copy replica-I/epoch-%d to the replicas".formatted(epoch, epoch));
      for (int i : next.newcomers()) {
        output.say("replica %d is new: copy replica-%d.new to its machine".formatted(i, i));
      }
      output.report(Output.object().put("epoch", epoch).put("prepared", true));
      return;
    }
    if (earlier != null) {
      output.say(
          "epoch %d with %d replicas was prepared before: going on with that"
              .formatted(epoch, next.manifest().members().size()));
    }
    List<Integer> newcomers = next.newcomers();
    awaitCarriers(next.manifest().keys().rule());
    try (StatusPage pages = new StatusPage(next.manifest())) {
      if (!ask(next)) {
        settle(next, pages);
      }
      newcomers.forEach(this::awaitEndOfPredecessor);
      next.putInForce();
      report(next, newcomers, awaitAll(next, newcomers, pages));
    }
  }

  private NextEpoch prepare() {
    ReconfigureCommand.Change change = wishes.change();
    Integer replaced = change.replace();
    Integer added = change.add();
    if (change.rotate()) {
      return NextEpoch.rotate(folder);
    }
    if (replaced != null) {
      return NextEpoch.replace(folder, replaced, change.place());
    }
    if (added != null) {
      return NextEpoch.add(folder, added, change.place());
    }
    if (change.remove().isEmpty()) {
      throw Failure.usage(
          "say what is to change: --rotate, --replace I, --add K or --remove I[,I...]");
    }
    return NextEpoch.remove(folder, change.remove());
  }

  /**
   * A present member that is catching up itself carries nobody. Those that do not answer get the
   * benefit of the doubt: their pages may be for their own machines only.
   */
  private void awaitCarriers(QuorumRule next) {
    int present = folder.keys().rule().n();
    if (next.n() <= present) {
      return;
    }
    try (StatusPage pages = new StatusPage(folder.manifest())) {
      while (true) {
        List<Integer> behind =
            pages.trees().entrySet().stream()
                .filter(page -> page.getValue().path("catchingUp").asBoolean())
                .map(Map.Entry::getKey)
                .toList();
        if (present - behind.size() >= next.quorum()) {
          return;
        }
        if (!pause()) {
          throw Failure.run(
              "replicas %s are catching up, and without them there would be no quorum; try again"
                  .formatted(behind));
        }
      }
    }
  }

  /**
   * A replica whose folder another one takes must not write there any more. It ends by itself when
   * the order tells it.
   */
  private void awaitEndOfPredecessor(int newcomer) {
    Path taken = ClusterFolder.replicaFolder(folder.path(), newcomer);
    while (Files.exists(taken) && PidFile.read(taken).isPresent()) {
      if (!pause()) {
        throw Failure.run(
            "the epoch was ordered, and the old replica %d still runs in %s; stop it and run the command again"
                .formatted(newcomer, taken));
      }
    }
  }

  /** True: it was ordered and took effect. False: it was without effect. */
  private boolean ask(NextEpoch next) {
    ClientOptions options =
        ClientOptions.DEFAULT.withDeadline(Duration.ofSeconds(wishes.timeoutSeconds()));
    try (DestinyClient client = Clusters.administrators(folder, options)) {
      Answer answer = client.session(0).submit(List.of(next.command().encode())).join();
      if (answer instanceof Answer.Success success) {
        return Arrays.equals(success.results().getFirst(), Reconfiguration.result(true));
      }
      throw Failure.run(
          "it is not known whether epoch %d begins; run the command again to find out: %s"
              .formatted(next.manifest().epoch(), answer.describe()));
    }
  }

  /**
   * Without effect: because an earlier attempt brought this very epoch about, or because another
   * one is in force. f+1 replicas that say the same hold a correct one.
   */
  private void settle(NextEpoch next, StatusPage pages) {
    long epoch = next.manifest().epoch();
    int weak = folder.keys().rule().weak();
    int weakThen = next.manifest().keys().rule().weak();
    while (true) {
      SortedMap<Integer, Seen> seen = look(next, pages);
      if (seen.values().stream().filter(Seen::ours).count() >= weakThen) {
        return;
      }
      if (seen.values().stream().filter(s -> s.epoch >= epoch && !s.ours).count() >= weak) {
        next.discard();
        throw Failure.run(
            "refused: another change was ordered first, and epoch %d is not the one asked for here;"
                    .formatted(epoch)
                + " bring cluster.yaml up to date and try again");
      }
      if (!pause()) {
        throw Failure.run(
            "the order refused epoch %d, and which one is in force is not known;".formatted(epoch)
                + " run the command again when the replicas answer");
      }
    }
  }

  private boolean pause() {
    LockSupport.parkNanos(POLL_NANOS);
    return System.nanoTime() - deadline < 0 && !Thread.currentThread().isInterrupted();
  }

  private static SortedMap<Integer, Seen> look(NextEpoch next, StatusPage pages) {
    String digest = Digest.of(next.manifestBytes()).toHex();
    SortedMap<Integer, Seen> all = new TreeMap<>();
    for (var page : pages.trees().entrySet()) {
      JsonNode status = page.getValue();
      boolean ours = digest.equals(status.path("manifest").asText());
      all.put(
          page.getKey(),
          new Seen(status.path("epoch").asLong(), ours, status.path("healthy").asBoolean()));
    }
    return all;
  }

  /** What the replicas say once all that answer are in the epoch and well, or when time is up. */
  private SortedMap<Integer, Seen> awaitAll(
      NextEpoch next, List<Integer> newcomers, StatusPage pages) {
    SortedMap<Integer, Seen> seen = look(next, pages);
    int quorum = next.manifest().keys().rule().quorum();
    // Nobody has started the new ones.
    int members = next.manifest().members().size() - newcomers.size();
    // One that is on its way over does not answer for a moment: it may be there the next time.
    long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    while (!settled(seen, quorum) || (seen.size() < members && System.nanoTime() - patience < 0)) {
      if (!pause()) {
        break;
      }
      seen = look(next, pages);
    }
    return seen;
  }

  private static boolean settled(SortedMap<Integer, Seen> seen, int quorum) {
    return seen.size() >= quorum && seen.values().stream().allMatch(s -> s.ours && s.healthy);
  }

  private void report(NextEpoch next, List<Integer> newcomers, SortedMap<Integer, Seen> seen) {
    long epoch = next.manifest().epoch();
    int members = next.manifest().members().size();
    ObjectNode report =
        Output.object().put("epoch", epoch).put("prepared", false).put("replicas", members);
    int there = 0;
    for (int i = 0; i < members; i++) {
      Seen s = seen.get(i);
      there += s != null && s.ours ? 1 : 0;
      boolean waits = s == null && newcomers.contains(i);
      output.say(
          "replica %d: %s"
              .formatted(i, waits ? "new; start it, and it fetches the state" : describe(s)));
      report
          .withArray("/members")
          .addObject()
          .put("replica", i)
          .put("answers", s != null)
          .put("epoch", s == null ? -1 : s.epoch)
          .put("healthy", s != null && s.healthy);
    }
    output.say(
        "epoch %d is in force; %d of %d replicas are in it".formatted(epoch, there, members));
    output.report(report.put("there", there));
    if (there < next.manifest().keys().rule().quorum()) {
      throw Failure.run(
          "epoch %d was ordered, and %d of %d replicas are in it, which is no quorum"
              .formatted(epoch, there, members));
    }
  }

  private static String describe(@Nullable Seen seen) {
    if (seen == null) {
      return "does not answer";
    }
    return "epoch " + seen.epoch + (seen.healthy ? ", well" : ", not well yet");
  }
}
