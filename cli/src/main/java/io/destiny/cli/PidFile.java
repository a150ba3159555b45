package io.destiny.cli;

import io.destiny.server.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * {@code replica.pid}: the process that runs a replica, with the time of its start, so that another
 * process that got the same number later is left alone.
 */
final class PidFile {
  static final String NAME = "replica.pid";

  /** The operating system's clock of process starts may be adjusted by so much. */
  private static final long TOLERANCE_MILLIS = 5_000;

  private PidFile() {}

  /** The running process that the file names. */
  static Optional<ProcessHandle> read(Path folder) {
    try {
      List<String> words = List.of(Files.readString(folder.resolve(NAME)).strip().split(" ", -1));
      long pid = Long.parseLong(words.getFirst());
      long start = Long.parseLong(words.get(1));
      return ProcessHandle.of(pid)
          .filter(ProcessHandle::isAlive)
          .filter(p -> Math.abs(startOf(p) - start) <= TOLERANCE_MILLIS);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      throw new ConfigException(
          folder.resolve(NAME) + " is damaged; remove it if the replica does not run", e);
    }
  }

  private static long startOf(ProcessHandle process) {
    return process.info().startInstant().map(i -> i.toEpochMilli()).orElse(0L);
  }

  /** Claims the folder for this process. */
  static void write(Path folder, int replica) throws IOException {
    Optional<ProcessHandle> running = read(folder);
    if (running.isPresent() && running.get().pid() != ProcessHandle.current().pid()) {
      throw Failure.run(
          "replica %d runs already, as process %d".formatted(replica, running.get().pid()));
    }
    ProcessHandle self = ProcessHandle.current();
    Files.writeString(folder.resolve(NAME), self.pid() + " " + startOf(self) + "\n");
  }

  static void remove(Path folder) {
    try {
      Files.deleteIfExists(folder.resolve(NAME));
    } catch (IOException e) {
      // the folder is gone, or a stale file stays, which the next reader sees through
    }
  }
}
