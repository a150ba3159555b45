package io.destiny.cli;

import io.destiny.crypto.trusted.TrustedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Finds and ends replicas' trusted processes. */
final class TrustedProcesses {
  private static final long PATIENCE_SECONDS = 10;

  private TrustedProcesses() {}

  /** The running trusted process of a replica's folder. */
  static Optional<ProcessHandle> find(Path folder) {
    try {
      long pid = Long.parseLong(Files.readString(folder.resolve(TrustedProcess.PID)).strip());
      return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(p -> isOurs(p, folder));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** The number may have gone to another process since the file was written. */
  private static boolean isOurs(ProcessHandle process, Path folder) {
    String line = commandLine(process.pid()).or(process.info()::commandLine).orElse("");
    return line.contains(TrustedProcess.class.getName())
        && line.contains(folder.toAbsolutePath().toString());
  }

  /** Where the system tells it: the JVM cuts command lines at a page. */
  private static Optional<String> commandLine(long pid) {
    try {
      Path file = Path.of("/proc", Long.toString(pid), "cmdline");
      return Optional.of(Files.readString(file).replace('\0', ' '));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Ends it, if it runs; true if it ran. */
  static boolean stop(Path folder) {
    Optional<ProcessHandle> process = find(folder);
    process.ifPresent(ProcessHandle::destroy);
    process.ifPresent(p -> await(p, PATIENCE_SECONDS));
    return process.isPresent();
  }

  /** Waits for a process to end; false if it does not. */
  static boolean await(ProcessHandle process, long seconds) {
    try {
      process.onExit().get(seconds, TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
