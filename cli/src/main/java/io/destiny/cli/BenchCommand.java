package io.destiny.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code destiny bench}. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Closed-loop load on a running cluster, every reply's proof verified.",
    footer = {
      "",
      "Example: destiny bench --dir cluster --clients 256 --group 50 --seconds 30 --json -"
    })
final class BenchCommand implements Runnable {
  @Mixin private DirOption dir;

  @Option(
      names = "--clients",
      paramLabel = "C",
      defaultValue = "64",
      description = "Closed-loop clients, sessions 0 to C-1 (default: ${DEFAULT-VALUE}).")
  private int clients;

  @Option(
      names = "--group",
      paramLabel = "G",
      defaultValue = "1",
      description = "Commands under one client signature (default: ${DEFAULT-VALUE}).")
  private int group;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "10",
      description = "Measured time (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--payload",
      paramLabel = "BYTES",
      defaultValue = "512",
      description = "Bytes of a command, key and value together (default: ${DEFAULT-VALUE}).")
  private int payload;

  @Option(
      names = "--warm-up",
      paramLabel = "S",
      defaultValue = "3",
      description = "Seconds before the measured time (default: ${DEFAULT-VALUE}).")
  private int warmUp;

  @Option(
      names = "--keys",
      paramLabel = "K",
      defaultValue = "10000",
      description = "Size of the key space (default: ${DEFAULT-VALUE}).")
  private int keys;

  @Mixin private Output output;

  @Override
  public void run() {
    Load.Shape shape = new Load.Shape(clients, group, payload, keys, warmUp, seconds);
    // a class of its own: it loads the network
    new BenchRun(dir.open(), shape, output).run();
  }
}
