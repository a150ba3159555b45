package io.destiny.cli;

import io.destiny.server.ClusterFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that this process uses alone on this machine: two that used one session at a time would
 * make each other's requests stale. Session s is byte s of a file, locked as long as the lease
 * lives; the system releases it when the process ends, however it ends.
 */
final class SessionLease implements AutoCloseable {
  private static final String FILE = "client.sessions";

  /** How many sessions a single command tries before it gives up. */
  private static final int TRIES = 256;

  private final int first;
  private final FileChannel channel;
  private final FileLock lock;

  private SessionLease(int first, FileChannel channel, FileLock lock) {
    this.first = first;
    this.channel = channel;
    this.lock = lock;
  }

  /** The first session of the lease. */
  int first() {
    return first;
  }

  /** Sessions {@code first} to {@code first + count - 1}. */
  static SessionLease of(ClusterFolder folder, int first, int count) {
    int max = folder.keys().maxSessions();
    if (first < 0 || count < 1 || first > max - count) {
      throw Failure.usage(
          "the cluster has sessions 0 to %d, not %d to %d"
              .formatted(max - 1, first, first + count - 1));
    }
    SessionLease lease = tryOf(folder, first, count);
    if (lease == null) {
      throw Failure.run(
          count == 1
              ? "session " + first + " is in use by another process"
              : "some of the sessions %d to %d are in use by another process"
                  .formatted(first, first + count - 1));
    }
    return lease;
  }

  /** A session that nobody uses, from the highest downwards: load takes the low ones. */
  static SessionLease any(ClusterFolder folder) {
    int max = folder.keys().maxSessions();
    for (int session = max - 1; session >= Math.max(0, max - TRIES); session--) {
      SessionLease lease = tryOf(folder, session, 1);
      if (lease != null) {
        return lease;
      }
    }
    throw Failure.run("no session is free; end some of the other clients");
  }

  private static @Nullable SessionLease tryOf(ClusterFolder folder, int first, int count) {
    try {
      FileChannel channel =
          FileChannel.open(
              folder.path().resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        FileLock lock = channel.tryLock(first, count, false);
        if (lock != null) {
          return new SessionLease(first, channel, lock);
        }
      } catch (OverlappingFileLockException e) {
        // this very process uses it
      }
      channel.close();
      return null;
    } catch (IOException e) {
      throw Failure.run(folder.path().resolve(FILE) + " cannot be locked: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    try {
      lock.release();
      channel.close();
    } catch (IOException e) {
      throw Failure.run("a session's lock cannot be released: " + e.getMessage());
    }
  }
}
