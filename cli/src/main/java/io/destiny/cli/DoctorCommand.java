package io.destiny.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code destiny doctor}. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description =
        "What a running cluster waits for: of each instance the view, who voted, what is missing"
            + " from whom, the oldest slot that is not ordered, and the oldest that is ordered and"
            + " not executed. Looks twice, a second apart, and marks what did not move.",
    footer = {"", "Example: destiny doctor --dir cluster"})
final class DoctorCommand implements Runnable {
  @Mixin private DirOption dir;
  @Mixin private Output output;

  @Override
  public void run() {
    // a class of its own: it loads the network
    new DoctorRun(dir.open().manifest(), output).run();
  }
}
