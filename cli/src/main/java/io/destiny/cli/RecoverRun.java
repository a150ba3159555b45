package io.destiny.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.crypto.trusted.TrustedProcesses;
import io.destiny.server.ClusterFolder;
import io.destiny.server.ClusterRecovery;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.function.Function;

/** Recovers a cluster that stands still, out of the folders of its replicas. */
final class RecoverRun {
  private final ClusterFolder folder;
  private final SortedSet<Integer> without;
  private final boolean force;
  private final Output output;
  private final Function<Path, OptionalLong> provisionedEpoch;

  RecoverRun(ClusterFolder folder, SortedSet<Integer> without, boolean force, Output output) {
    this(folder, without, force, output, TrustedProcesses::provisionedEpoch);
  }

  /**
   * @param provisionedEpoch the epoch that a folder's trusted process has keys of
   */
  RecoverRun(
      ClusterFolder folder,
      SortedSet<Integer> without,
      boolean force,
      Output output,
      Function<Path, OptionalLong> provisionedEpoch) {
    this.provisionedEpoch = provisionedEpoch;
    this.folder = folder;
    this.without = without;
    this.force = force;
    this.output = output;
  }

  void run() {
    try {
      FolderLock.with(folder.path(), this::runAlone);
    } catch (IOException e) {
      throw Failure.run(String.valueOf(e.getMessage()));
    }
  }

  private void runAlone() throws IOException {
    ClusterRecovery.checkRecoverable(folder.manifest());
    int n = folder.keys().rule().n();
    for (int i = 0; i < n; i++) {
      Optional<ProcessHandle> running = PidFile.read(folder.replicaFolder(i));
      if (running.isPresent()) {
        throw Failure.run(
            "replica %d runs, as process %d; stop all replicas first: destiny stop --trusted"
                .formatted(i, running.get().pid()));
      }
    }
    long finished = ClusterRecovery.finish(folder);
    if (finished >= 0) {
      output.say(
          "epoch %d is in force: an earlier attempt had prepared all of it".formatted(finished));
      output.report(Output.object().put("epoch", finished).put("finished", true));
      return;
    }
    checkOrderingIsOver();
    try (ClusterRecovery recovery = ClusterRecovery.open(folder, without)) {
      for (int i : without) {
        output.say("going on without replica %d: what it alone held is lost".formatted(i));
      }
      report(recovery.run());
    }
  }

  /** As far as the trusted processes of this machine tell. */
  private void checkOrderingIsOver() {
    ClusterRecovery.LiveQuorum quorum = ClusterRecovery.liveQuorum(folder, provisionedEpoch);
    if (quorum != null && !force) {
      throw Failure.run(
          ("%d of %d trusted processes still have their keys, which is enough to order a change:"
                  + " start the replicas and use destiny reconfigure --rotate, which loses nothing"
                  + " (--force: all the same)")
              .formatted(quorum.live(), quorum.n()));
    }
  }

  private void report(ClusterRecovery.Report r) {
    output.say(
        "epoch %d: carried on from %s, %d lists with %d batches, up to O-slot %d, position %d"
            .formatted(
                r.from(),
                r.base() == 0 ? "the beginning" : "the checkpoint at O-slot " + r.base(),
                r.lists(),
                r.slots(),
                r.slot(),
                r.position()));
    if (r.beyond() > 0) {
      output.say(
          ("%d committed lists could not be carried out, since no replica here has what they name;"
                  + " if clients were told of it, it is lost")
              .formatted(r.beyond()));
    }
    ObjectNode report =
        Output.object()
            .put("epoch", r.epoch())
            .put("finished", false)
            .put("from", r.from())
            .put("base", r.base())
            .put("lists", r.lists())
            .put("slots", r.slots())
            .put("beyond", r.beyond())
            .put("slot", r.slot())
            .put("position", r.position())
            .put("stateDigest", r.state().toHex());
    report.putArray("missing");
    for (ClusterRecovery.Member m : r.members()) {
      member(m, report);
    }
    output.say(
        "epoch %d is in force; start the replicas, each with its cluster.yaml, data and epoch-%d"
            .formatted(r.epoch(), r.epoch()));
    output.report(report);
  }

  private void member(ClusterRecovery.Member m, ObjectNode report) {
    ObjectNode member =
        report
            .withArray("/members")
            .addObject()
            .put("replica", m.replica())
            .put("tookPart", m.tookPart())
            .put("epoch", m.epoch())
            .put("contributed", m.contributed());
    m.rejected().forEach(member.putArray("rejected")::add);
    if (!m.tookPart()) {
      report.withArray("/missing").add(m.replica());
      output.say("replica %d took no part; it joins when it is started".formatted(m.replica()));
      return;
    }
    output.say(
        "replica %d: was in epoch %d, has %d of what was carried out%s"
            .formatted(
                m.replica(),
                m.epoch(),
                m.contributed(),
                m.rejected().isEmpty() ? "" : "; not counted: " + String.join(", ", m.rejected())));
  }
}
