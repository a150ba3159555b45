package io.destiny.cli;

import io.destiny.server.ClusterFolder;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The cluster's folder. */
@SuppressWarnings("NullAway.Init") // picocli sets the field
final class DirOption {
  @Option(
      names = "--dir",
      required = true,
      paramLabel = "D",
      description = "The cluster's folder, as `destiny init` writes it.")
  private Path dir;

  Path path() {
    return dir;
  }

  /** The folder, its manifest checked. */
  ClusterFolder open() {
    return ClusterFolder.open(dir);
  }
}
