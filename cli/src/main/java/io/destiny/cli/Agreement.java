package io.destiny.cli;

import io.destiny.client.Answer;
import io.destiny.client.DestinyClient;
import io.destiny.client.Session;
import io.destiny.server.ClusterManifest;
import io.destiny.server.KeyValueOperation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Brings a cluster to where its replicas' states can be compared. A state digest is that of a
 * checkpoint, so a few more reads are ordered until a checkpoint covers all that came before.
 */
final class Agreement {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int READS_BETWEEN_LOOKS = 32;

  private final StatusPage pages;
  private final int replicas;
  private final int checkpointInterval;

  Agreement(ClusterManifest manifest, StatusPage pages) {
    this.pages = pages;
    this.replicas = manifest.keys().rule().n();
    this.checkpointInterval = manifest.tuning().checkpointInterval();
  }

  /** Orders reads until a checkpoint taken from now on is stable. */
  void seal(DestinyClient client, int session) {
    // one checkpoint may be taken already and become stable later: the second is surely new
    long wanted = newest() + 2L * checkpointInterval;
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    Session reader = client.session(session);
    byte[] read =
        new KeyValueOperation.Get("key-00000000".getBytes(StandardCharsets.US_ASCII)).encode();
    for (int i = 0; System.nanoTime() - deadline < 0; i++) {
      if (i % READS_BETWEEN_LOOKS == 0 && newest() >= wanted) {
        return;
      }
      Answer answer = reader.submit(List.of(read)).join();
      if (!(answer instanceof Answer.Success)) {
        throw Failure.run("the cluster does not go on after the load: " + answer.describe());
      }
    }
  }

  private long newest() {
    return pages.all().stream().mapToLong(StatusPage.Status::checkpoint).max().orElse(0);
  }

  /** The statuses once all replicas agree, or as they are when patience ends. */
  List<StatusPage.Status> await() {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    List<StatusPage.Status> statuses = pages.all();
    while (!agreed(statuses) && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(POLL_NANOS);
      statuses = pages.all();
    }
    return statuses;
  }

  private boolean agreed(List<StatusPage.Status> statuses) {
    return statuses.size() == replicas && statuses.stream().allMatch(statuses.getFirst()::agrees);
  }
}
