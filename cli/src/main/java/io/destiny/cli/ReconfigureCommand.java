package io.destiny.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code destiny reconfigure}. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
    name = "reconfigure",
    mixinStandardHelpOptions = true,
    description = {
      "Begin the next epoch of a running cluster by an ordered change.",
      "Needs provisioner.yaml. An attempt whose end is not known is taken up by the next one."
    },
    footer = {"", "Example: destiny reconfigure --dir cluster --rotate"})
final class ReconfigureCommand implements Runnable {
  @Mixin private DirOption dir;

  @Option(
      names = "--rotate",
      description = {
        "Fresh ordering, attestation and execution keys for all replicas. Also the way back into the",
        "vote for replicas whose trusted processes ended. TLS and client keys stay."
      })
  private boolean rotate;

  @Option(
      names = "--replace",
      paramLabel = "I",
      description = {
        "Exchange replica I for a new one at the same address, with a folder and a TLS key of its",
        "own; all other keys are fresh, too. The old folder is kept as replica-I.until-E."
      })
  private @Nullable Integer replace;

  @Option(
      names = "--prepare",
      description =
          "Only make the keys: copy the folders replica-I/epoch-E to their machines, then run the"
              + " command again without this.")
  private boolean prepare;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "Give up waiting after this time (default: ${DEFAULT-VALUE}).")
  private int timeout;

  @Mixin private Output output;

  /** What is asked for. */
  record Wishes(boolean rotate, @Nullable Integer replace, boolean prepare, int timeoutSeconds) {}

  @Override
  public void run() {
    if (timeout < 1) {
      throw Failure.usage("--timeout is at least one second");
    }
    // a class of its own: it loads the network
    new ReconfigureRun(dir.open(), new Wishes(rotate, replace, prepare, timeout), output).run();
  }
}
