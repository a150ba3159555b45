package io.destiny.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.crypto.trusted.TrustedProcesses;
import io.destiny.server.ClusterFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code destiny stop}. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
    name = "stop",
    mixinStandardHelpOptions = true,
    description = "Stop replicas of this machine cleanly.",
    footer = {"", "Example: destiny stop --dir cluster --replica 1"})
final class StopCommand implements Runnable {
  private static final long PATIENCE_SECONDS = 30;

  @Mixin private DirOption dir;

  @Option(
      names = "--replica",
      paramLabel = "I",
      description = "Which replica (default: all of the folder).")
  private @Nullable Integer replica;

  @Option(
      names = "--trusted",
      description =
          "Also end their trusted processes, if the protocol has any. Their counters are then lost:"
              + " such a replica comes back as an observer.")
  private boolean trusted;

  @Mixin private Output output;

  @Override
  public void run() {
    ClusterFolder cluster = dir.open();
    List<Integer> numbers = new ArrayList<>();
    if (replica != null) {
      numbers.add(replica);
    } else {
      for (int i = 0; i < cluster.keys().rule().n(); i++) {
        numbers.add(i);
      }
    }
    List<Path> folders = numbers.stream().map(i -> folder(cluster, i)).toList();
    List<Optional<ProcessHandle>> processes = folders.stream().map(PidFile::read).toList();
    processes.forEach(p -> p.ifPresent(ProcessHandle::destroy));
    ObjectNode report = Output.object();
    for (int i = 0; i < numbers.size(); i++) {
      boolean ran = processes.get(i).isPresent();
      if (ran && !TrustedProcesses.await(processes.get(i).get(), PATIENCE_SECONDS)) {
        throw Failure.run(
            "replica %d (process %d) does not stop"
                .formatted(numbers.get(i), processes.get(i).get().pid()));
      }
      boolean trustedRan = trusted && TrustedProcesses.stop(folders.get(i));
      output.say(
          "replica %d %s%s"
              .formatted(
                  numbers.get(i),
                  ran ? "stopped" : "was not running",
                  trustedRan ? ", its trusted process too" : ""));
      report
          .withArray("/replicas")
          .addObject()
          .put("replica", numbers.get(i))
          .put("stopped", ran)
          .put("trustedStopped", trustedRan);
    }
    output.report(report);
  }

  /** Also of one that is no member any more. */
  private static Path folder(ClusterFolder cluster, int replica) {
    Path folder = ClusterFolder.replicaFolder(cluster.path(), replica);
    return Files.exists(folder) ? folder : cluster.replicaFolder(replica);
  }
}
