package io.destiny.cli;

import io.destiny.server.Place;
import java.util.List;
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
        "vote for observers: whose trusted process ended or, in the BFT model, whose log was lost.",
        "TLS and client keys stay."
      })
  private boolean rotate;

  @Option(
      names = "--replace",
      paramLabel = "I",
      description = {
        "Exchange replica I for a new one, at the same address unless another is given, with a folder",
        "and a TLS key of its own. The old folder is kept as replica-I.until-E."
      })
  private @Nullable Integer replace;

  @Option(
      names = "--add",
      paramLabel = "K",
      description = {
        "K more replicas at the end. Each observes until it has the state; meanwhile the present ones",
        "go on alone, which limits K: N-1, fewer with f < N/3."
      })
  private @Nullable Integer add;

  @Option(
      names = "--remove",
      paramLabel = "I",
      split = ",",
      description = {
        "Without replica I, the last one; several, as in 3,4, if they are the last ones. A removed",
        "replica ends by itself, its folder stays."
      })
  private List<Integer> remove = List.of();

  @Option(
      names = "--host",
      paramLabel = "H",
      description = "Where a new replica is reached (default: as the others, or the replaced one).")
  private @Nullable String host;

  @Option(
      names = "--base-port",
      paramLabel = "B",
      description =
          "Its ports B to B+2, the next one's B+3 to B+5 (default: after the last one's).")
  private @Nullable Integer basePort;

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
  record Wishes(Change change, boolean prepare, int timeoutSeconds) {}

  /**
   * The one of the changes that was named, if one was.
   *
   * @param remove empty: none
   * @param place of new replicas
   */
  record Change(
      boolean rotate,
      @Nullable Integer replace,
      @Nullable Integer add,
      List<Integer> remove,
      Place place) {
    int named() {
      return (rotate ? 1 : 0)
          + (replace == null ? 0 : 1)
          + (add == null ? 0 : 1)
          + (remove.isEmpty() ? 0 : 1);
    }
  }

  @Override
  public void run() {
    if (timeout < 1) {
      throw Failure.usage("--timeout is at least one second");
    }
    Change change = new Change(rotate, replace, add, remove, new Place(host, basePort));
    if (change.named() > 1) {
      throw Failure.usage("one change at a time: --rotate, --replace, --add or --remove");
    }
    if ((host != null || basePort != null) && add == null && replace == null) {
      throw Failure.usage("--host and --base-port are for --add and --replace");
    }
    // a class of its own: it loads the network
    new ReconfigureRun(dir.open(), new Wishes(change, prepare, timeout), output).run();
  }
}
