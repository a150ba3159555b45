package io.destiny.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code destiny recover}. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
    name = "recover",
    mixinStandardHelpOptions = true,
    description = {
      "Begin a new epoch when more than f trusted processes are gone, as after a power cut, and",
      "nothing can be ordered any more. Needs provisioner.yaml, and the folders replica-I of all",
      "replicas that can be reached, copied here, while none of them runs. Protocols of the BFT model",
      "have no trusted processes: after a power cut their replicas are simply started again.",
      "",
      "The order is carried on as far as the logs of these replicas lead. Signatures that a dead",
      "trusted process made and nobody has testify to nothing: AN ACKNOWLEDGED COMMAND SURVIVES",
      "ONLY IF A CORRECT REPLICA THAT HELD IT TAKES PART. Let all take part.",
      "",
      "Afterwards copy cluster.yaml, and of each replica-I its cluster.yaml, data and epoch-E, to the",
      "replicas' machines, and start them. What was in data before stays in data.until-E. An attempt",
      "that was interrupted is finished by the next one."
    },
    footer = {"", "Example: destiny recover --dir cluster --without 2"})
final class RecoverCommand implements Runnable {
  @Mixin private DirOption dir;

  @Option(
      names = "--without",
      paramLabel = "I",
      description = {
        "Go on without replica I, which cannot be reached; may be repeated. Commands that only it",
        "held are lost, acknowledged ones too. It gets keys as the others, and joins when it is back."
      })
  private List<Integer> without = new ArrayList<>();

  @Option(
      names = "--force",
      description =
          "Also if enough trusted processes of this machine still answer to order the change, which"
              + " is `destiny reconfigure --rotate` and loses nothing.")
  private boolean force;

  @Mixin private Output output;

  @Override
  public void run() {
    // a class of its own: it loads the database
    new RecoverRun(dir.open(), new TreeSet<>(without), force, output).run();
  }
}
