package io.destiny.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One at a time changes the epochs of a cluster's folder. */
final class FolderLock {
  private static final String LOCK = "reconfigure.lock";

  private FolderLock() {}

  /** What is done alone. */
  interface Change {
    void run() throws IOException;
  }

  static void with(Path folder, Change change) throws IOException {
    Path file = folder.resolve(LOCK);
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        throw underWay();
      }
      change.run();
    } catch (OverlappingFileLockException e) {
      throw underWay();
    }
  }

  private static Failure underWay() {
    return Failure.run("another reconfiguration or recovery of this folder is under way");
  }
}
