package io.destiny.sim.world;

import io.destiny.core.app.SnapshotSink;
import io.destiny.core.app.StateMachine;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.model.Digest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A copy of what is durable on a replica's disk, for who has no replica to run on it. */
public final class DiskImage {
  private final List<LogRecord> records;
  private final List<Input.SavedCheckpoint> snapshots;
  private final Map<Digest, byte[]> chunks = new HashMap<>();

  private DiskImage(Disk disk) {
    this.records = disk.records();
    this.snapshots = disk.complete().stream().map(Disk.Saved::checkpoint).toList();
    for (Disk.Saved saved : disk.complete()) {
      saved.application().forEach(chunk -> chunks.put(Digest.of(chunk), chunk));
    }
  }

  /** As the disk is now. */
  public static DiskImage of(World world, int replica) {
    return new DiskImage(world.hosts.get(replica).disk);
  }

  public List<LogRecord> records() {
    return records;
  }

  /** Oldest first. */
  public List<Input.SavedCheckpoint> snapshots() {
    return snapshots;
  }

  /** Puts an application into the state of one of the snapshots. */
  public void load(Input.SavedCheckpoint snapshot, StateMachine application) {
    SnapshotSink sink = application.restore();
    for (Digest digest : snapshot.application()) {
      byte[] chunk = chunks.get(digest);
      if (chunk == null) {
        throw new IllegalArgumentException("a snapshot of another disk");
      }
      sink.accept(chunk);
    }
    sink.finish();
  }
}
