package io.destiny.crypto.trusted;

import io.destiny.core.trusted.ThreshSign;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Finds, ends and replaces replicas' trusted processes. */
public final class TrustedProcesses {
  private static final long PATIENCE_SECONDS = 10;
  private static final byte[] NO_NONCE = {};

  private TrustedProcesses() {}

  /** The running trusted process of a replica's folder. */
  public static Optional<ProcessHandle> find(Path folder) {
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
  public static boolean stop(Path folder) {
    Optional<ProcessHandle> process = find(folder);
    process.ifPresent(ProcessHandle::destroy);
    process.ifPresent(p -> await(p, PATIENCE_SECONDS));
    return process.isPresent();
  }

  /**
   * A connection to the folder's trusted process of an epoch. One of an earlier epoch is ended
   * first: its counters concern nobody any more. Without keys for the epoch the process that
   * answers refuses everything (rule R1).
   *
   * @param provision where the epoch's keys are as long as nobody took them; it may be missing
   * @throws IOException if it cannot be started, one of an earlier epoch cannot be ended, or one of
   *     a later epoch answers
   */
  public static TrustedProcessClient forEpoch(
      Path folder, Path provision, long epoch, List<String> jvmCommandPrefix) throws IOException {
    if (!serves(folder, epoch, Files.exists(provision))) {
      Optional<ProcessHandle> old = find(folder);
      if (!stop(folder) || old.map(ProcessHandle::isAlive).orElse(true)) {
        throw new IOException("the trusted process of an earlier epoch in " + folder + " goes on");
      }
    }
    Path once = folder.resolve(Provisioning.ONCE);
    if (Files.exists(provision) && !provision.equals(once)) {
      new DurableFile(provision).moveTo(once);
    }
    return TrustedProcessLauncher.ensureRunning(folder, jvmCommandPrefix);
  }

  /** False if a process answers that has to go; true also if none answers. */
  private static boolean serves(Path folder, long epoch, boolean keysWait) throws IOException {
    TrustedProcessClient answering;
    try {
      answering = TrustedProcessClient.connect(folder.resolve(TrustedSocket.NAME));
    } catch (IOException none) {
      return true;
    }
    try (TrustedProcessClient running = answering) {
      ThreshSign.Quote quote = running.attest(NO_NONCE);
      if (quote.provisioned() && quote.epoch() > epoch) {
        throw new IOException(
            "the trusted process in %s serves epoch %d already, and the replica is in epoch %d"
                .formatted(folder, quote.epoch(), epoch));
      }
      return quote.provisioned() ? quote.epoch() == epoch : !keysWait;
    } catch (IllegalStateException e) {
      throw new IOException("the trusted process in " + folder + " does not answer", e);
    }
  }

  /** The epoch whose keys the folder's trusted process has; empty if none answers or has any. */
  public static OptionalLong provisionedEpoch(Path folder) {
    try (TrustedProcessClient running =
        TrustedProcessClient.connect(folder.resolve(TrustedSocket.NAME))) {
      ThreshSign.Quote quote = running.attest(NO_NONCE);
      return quote.provisioned() ? OptionalLong.of(quote.epoch()) : OptionalLong.empty();
    } catch (IOException | IllegalStateException e) {
      return OptionalLong.empty();
    }
  }

  /** Waits for a process to end; false if it does not. */
  public static boolean await(ProcessHandle process, long seconds) {
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
