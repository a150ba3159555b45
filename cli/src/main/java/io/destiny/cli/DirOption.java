package io.destiny.cli;

import io.destiny.server.ClusterFolder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The cluster's folder. */
final class DirOption {
  @Option(
      names = "--dir",
      paramLabel = "D",
      description = "The cluster's folder, as `destiny init` writes it.")
  private @Nullable Path dir; // checked here, so that `kv put --help` works without it

  /** The folder, its manifest checked. */
  ClusterFolder open() {
    if (dir == null) {
      throw Failure.usage("the option --dir D is missing");
    }
    return ClusterFolder.open(dir);
  }
}
