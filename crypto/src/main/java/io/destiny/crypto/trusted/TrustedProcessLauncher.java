package io.destiny.crypto.trusted;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Starts a replica's trusted process unless one answers. */
public final class TrustedProcessLauncher {
  /**
   * For a process that signs and does nothing else: little memory, the quick compiler only, and no
   * way in for debuggers of the same user through the JVM's own door.
   */
  private static final List<String> JVM_FLAGS =
      List.of(
          "-Xmx48m",
          "-Xms8m",
          "-Xss512k",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:ReservedCodeCacheSize=16m",
          "-XX:+DisableAttachMechanism",
          "--enable-native-access=ALL-UNNAMED");

  /**
   * A session of its own and ignored signals, so that neither the terminal's interrupt nor the
   * replica's end reaches the process; files for the owner only.
   */
  private static final String DETACH =
      "umask 077; trap '' INT HUP; "
          + "if command -v setsid >/dev/null; then exec setsid \"$@\"; else exec \"$@\"; fi";

  private static final String LOG = "trusted.log";

  /** A busy machine starts it slowly; that it ended is seen at once. */
  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  private static final long POLL_NANOS = 20_000_000;

  private TrustedProcessLauncher() {}

  /**
   * A connection to the folder's trusted process, which is started first if none answers. It goes
   * on when this JVM ends, and ends by itself within ten seconds after the folder is gone.
   *
   * @param jvmCommandPrefix a JVM with its class path, such as {@code java -cp x.jar}
   * @throws IOException if it cannot be started; its output is in {@code trusted.log}
   */
  public static TrustedProcessClient ensureRunning(
      Path replicaFolder, List<String> jvmCommandPrefix) throws IOException {
    Path socket = replicaFolder.resolve(TrustedSocket.NAME);
    try {
      return TrustedProcessClient.connect(socket);
    } catch (IOException none) {
      return await(start(replicaFolder, jvmCommandPrefix), socket, replicaFolder);
    }
  }

  private static Process start(Path folder, List<String> jvmCommandPrefix) throws IOException {
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", DETACH, "sh"));
    command.addAll(jvmCommandPrefix);
    command.addAll(JVM_FLAGS);
    command.add(TrustedProcess.class.getName());
    command.add(folder.toAbsolutePath().toString());
    return new ProcessBuilder(command)
        .redirectInput(new File("/dev/null"))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve(LOG).toFile()))
        .start();
  }

  private static TrustedProcessClient await(Process process, Path socket, Path folder)
      throws IOException {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (System.nanoTime() < deadline) {
      if (!process.isAlive() && process.exitValue() != TrustedProcess.ALREADY_RUNNING) {
        throw new IOException(
            "the trusted process ended with status "
                + process.exitValue()
                + ", see "
                + folder.resolve(LOG));
      }
      try {
        return TrustedProcessClient.connect(socket);
      } catch (IOException notYet) {
        LockSupport.parkNanos(POLL_NANOS);
      }
      if (Thread.interrupted()) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while the trusted process starts");
      }
    }
    throw new IOException("the trusted process does not answer, see " + folder.resolve(LOG));
  }
}
