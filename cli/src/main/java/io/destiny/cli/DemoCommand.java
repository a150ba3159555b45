package io.destiny.cli;

import io.destiny.core.model.QuorumRule;
import io.destiny.protocols.catalog.ProtocolEntry;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code destiny demo}. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description =
        "Start a real cluster of separate processes on this machine, load it, kill the replica that"
            + " leads the ordering half way and restart it, check that every proof verifies and"
            + " that all replicas agree, and remove it.",
    footer = {"", "Example: destiny demo --replicas 3 --clients 64 --seconds 10"})
final class DemoCommand implements Runnable {
  @Option(
      names = "--protocol",
      paramLabel = "P",
      defaultValue = Protocols.DEFAULT,
      description = "Protocol, see `destiny protocols` (default: ${DEFAULT-VALUE}).")
  private String protocol;

  @Option(
      names = "--replicas",
      paramLabel = "N",
      description = "Number of replicas (default: the smallest of the protocol).")
  private @Nullable Integer replicas;

  @Option(
      names = "--clients",
      paramLabel = "C",
      defaultValue = "64",
      description = "Closed-loop clients (default: ${DEFAULT-VALUE}).")
  private int clients;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "10",
      description = "Seconds of load (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(names = "--no-kill", description = "Kill no replica half way.")
  private boolean noKill;

  @Mixin private Output output;

  @Override
  public void run() {
    ProtocolEntry entry = Protocols.named(protocol);
    QuorumRule rule = Protocols.rule(entry, replicas);
    Load.Shape shape = new Load.Shape(clients, 1, 512, 10_000, 1, seconds);
    // a class of its own: it loads the network
    new DemoRun(protocol, rule, shape, !noKill, output).run();
  }
}
