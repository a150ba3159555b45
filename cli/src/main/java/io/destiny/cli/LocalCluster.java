package io.destiny.cli;

import io.destiny.crypto.trusted.TrustedProcesses;
import io.destiny.server.ClusterFolder;
import io.destiny.server.JvmCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Replicas of one cluster as processes of this machine. Closing it ends them and their trusted
 * processes; they also end when this process is gone.
 */
final class LocalCluster implements AutoCloseable {
  static final String LOG = "replica.log";

  /** Modest, and with few helper threads: several replicas share this machine's cores. */
  private static final List<String> JVM_FLAGS =
      List.of("-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:CICompilerCount=2", "-Xshare:auto");

  private static final long STOP_SECONDS = 20;
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int FIRST_SPARE_PORT = 20_000;

  /** Below those that a system gives to outgoing connections. */
  private static final int SPARE_PORTS = 12_000;

  private static final int PORT_TRIES = 100;

  private final Path folder;
  private final Map<Integer, Process> processes = new HashMap<>();

  /** All that ever ran: their trusted processes may go on. */
  private final Set<Integer> started = new TreeSet<>();

  LocalCluster(ClusterFolder folder) {
    this.folder = folder.path();
  }

  private Path replicaFolder(int replica) {
    return ClusterFolder.replicaFolder(folder, replica);
  }

  /** A base port with 3N free ports: {@code preferred} if they are. */
  static int freePorts(int preferred, int replicas) {
    SplittableRandom random = new SplittableRandom();
    int base = preferred;
    for (int i = 0; i < PORT_TRIES; i++) {
      if (free(base, 3 * replicas)) {
        return base;
      }
      base = FIRST_SPARE_PORT + random.nextInt(SPARE_PORTS);
    }
    throw Failure.run("no range of " + 3 * replicas + " free ports was found");
  }

  private static boolean free(int base, int count) {
    for (int port = base; port < base + count; port++) {
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      } catch (IOException e) {
        return false;
      }
    }
    return true;
  }

  /** Starts a replica as a process of its own. */
  synchronized void start(int replica) {
    List<String> command = new ArrayList<>(JvmCommand.prefix());
    command.addAll(1, JVM_FLAGS);
    command.add(Main.class.getName());
    command.addAll(
        List.of(
            "start",
            "--dir",
            folder.toString(),
            "--replica",
            Integer.toString(replica),
            "--owner",
            Long.toString(ProcessHandle.current().pid())));
    Path log = replicaFolder(replica).resolve(LOG);
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      processes.put(replica, process);
      started.add(replica);
    } catch (IOException e) {
      throw new UncheckedIOException("a replica cannot be started", e);
    }
  }

  /** Waits until all started replicas say that they are well. */
  void awaitHealthy(StatusPage pages, long seconds) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    for (int replica : List.copyOf(processes.keySet())) {
      while (!pages.healthy(replica)) {
        if (!alive(replica)) {
          throw Failure.run("replica " + replica + " ended at its start: " + lastLine(replica));
        }
        if (System.nanoTime() - deadline >= 0 || Thread.currentThread().isInterrupted()) {
          throw Failure.run(
              "replica %d is not ready after %d s: %s"
                  .formatted(replica, seconds, lastLine(replica)));
        }
        LockSupport.parkNanos(POLL_NANOS);
      }
    }
  }

  synchronized boolean alive(int replica) {
    Process process = processes.get(replica);
    return process != null && process.isAlive();
  }

  /** Ends a replica at once, as a power failure would. */
  void kill(int replica) {
    Process process = remove(replica);
    process.destroyForcibly();
    TrustedProcesses.await(process.toHandle(), STOP_SECONDS);
  }

  /** Stops a replica cleanly; false if it had to be killed. */
  boolean stop(int replica) {
    Process process = remove(replica);
    process.destroy();
    boolean clean = TrustedProcesses.await(process.toHandle(), STOP_SECONDS);
    if (!clean) {
      process.destroyForcibly();
    }
    return clean;
  }

  /** The exit code of a replica that ends by itself. */
  int awaitEnd(int replica, long seconds) {
    Process process = remove(replica);
    if (!TrustedProcesses.await(process.toHandle(), seconds)) {
      process.destroyForcibly();
      throw Failure.run("replica " + replica + " does not end: " + lastLine(replica));
    }
    return process.exitValue();
  }

  private synchronized Process remove(int replica) {
    Process process = processes.remove(replica);
    if (process == null) {
      throw new IllegalStateException("replica " + replica + " was not started");
    }
    return process;
  }

  private String lastLine(int replica) {
    try {
      List<String> lines = Files.readAllLines(replicaFolder(replica).resolve(LOG));
      return lines.isEmpty() ? "its log is empty" : lines.getLast();
    } catch (IOException e) {
      return "it has no log";
    }
  }

  @Override
  public synchronized void close() {
    processes.values().forEach(Process::destroy);
    for (Process process : processes.values()) {
      if (!TrustedProcesses.await(process.toHandle(), STOP_SECONDS)) {
        process.destroyForcibly();
        TrustedProcesses.await(process.toHandle(), STOP_SECONDS);
      }
    }
    processes.clear();
    started.forEach(replica -> TrustedProcesses.stop(replicaFolder(replica)));
  }

  /** Removes a folder with all it holds; what is gone already does not matter. */
  static void delete(Path folder) {
    try (Stream<Path> content = Files.walk(folder)) {
      for (Path path : content.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (NoSuchFileException e) {
      // another hand was quicker
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be removed", e);
    }
  }
}
