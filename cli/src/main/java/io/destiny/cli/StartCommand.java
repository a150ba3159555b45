package io.destiny.cli;

import io.destiny.crypto.trusted.TrustedProcesses;
import io.destiny.server.ClusterFolder;
import io.destiny.server.DestinyReplica;
import io.destiny.server.NoMemberException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code destiny start}. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
    name = "start",
    mixinStandardHelpOptions = true,
    description = "Run one replica in the foreground until SIGTERM; logs go to standard error.",
    footer = {"", "Example: destiny start --dir cluster --replica 0"})
final class StartCommand implements Runnable {
  private static final Logger LOG = Logger.getLogger("io.destiny.cli");

  @Mixin private DirOption dir;

  @Option(names = "--replica", required = true, paramLabel = "I", description = "Its number.")
  private int replica;

  @Option(
      names = "--owner",
      hidden = true,
      paramLabel = "PID",
      description = "Stop, together with the trusted process, when this process is gone.")
  private @Nullable Long owner;

  @Override
  public void run() {
    ClusterFolder cluster = dir.open();
    Path folder = folder(cluster);
    try {
      PidFile.write(folder, replica);
    } catch (IOException e) {
      throw Failure.run(folder + " cannot be written: " + e.getMessage());
    }
    try (DestinyReplica running = DestinyReplica.builder().folder(cluster, replica).start()) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> shutDown(running, folder)));
      watchOwner(folder);
      LOG.log(
          Level.INFO,
          "replica {0} serves clients at port {1}, its status is at port {2}",
          new Object[] {
            replica, String.valueOf(running.clientPort()), String.valueOf(running.adminPort())
          });
      running.stopped().get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (cause instanceof NoMemberException) {
        leave(folder, cause.getMessage());
        return;
      }
      throw Failure.run("replica " + replica + " stopped itself: " + cause.getMessage());
    } catch (NoMemberException e) {
      leave(folder, e.getMessage());
    } catch (IOException e) {
      throw Failure.run(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      PidFile.remove(folder);
    }
  }

  /** One that left the cluster still has a folder, and what there is to say of it. */
  private Path folder(ClusterFolder cluster) {
    Path folder = ClusterFolder.replicaFolder(cluster.path(), replica);
    return Files.exists(folder) ? folder : cluster.replicaFolder(replica);
  }

  /** Its keys concern nobody any more. */
  private static void leave(Path folder, @Nullable String why) {
    TrustedProcesses.stop(folder);
    LOG.log(Level.INFO, "{0}", why);
  }

  /** On SIGTERM: the JVM ends when this returns. */
  private static void shutDown(DestinyReplica running, Path folder) {
    running.close();
    PidFile.remove(folder);
  }

  private void watchOwner(Path folder) {
    if (owner == null) {
      return;
    }
    long pid = owner;
    Runnable end =
        () -> {
          LOG.info("the process that started this replica is gone");
          TrustedProcesses.stop(folder);
          System.exit(Failure.RUN);
        };
    ProcessHandle.of(pid)
        .ifPresentOrElse(
            process -> {
              var _ = process.onExit().thenRunAsync(end);
            },
            end);
  }
}
