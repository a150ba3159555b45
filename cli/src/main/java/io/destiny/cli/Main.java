package io.destiny.cli;

import io.destiny.server.ConfigException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Entry point of the {@code destiny} command. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
    name = "destiny",
    description = "A Byzantine fault-tolerant replication engine.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      DemoCommand.class,
      InitCommand.class,
      StartCommand.class,
      StopCommand.class,
      KvCommand.class,
      VerifyCommand.class,
      BenchCommand.class,
      DoctorCommand.class,
      ReconfigureCommand.class,
      RecoverCommand.class,
      SimCommand.class,
      FuzzCommand.class,
      ExperimentCommand.class,
      ProtocolsCommand.class
    },
    footer = {"", "Example: destiny demo --replicas 3 --seconds 10"})
public final class Main implements Runnable {
  private static final String LOG_FORMAT = "%1$tF %1$tT.%1$tL %4$-7s %3$s: %5$s%6$s%n";

  @Spec private CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show stack traces and more of the log.")
  private boolean verbose;

  private Main() {}

  /** Runs the command line and ends the JVM with the command's exit code. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** Runs the command line in this JVM: 0, or 1 for a failed run, or 2 for bad usage. */
  static int run(String... args) {
    // before the first logger: it is read once
    if (System.getProperty("java.util.logging.SimpleFormatter.format") == null) {
      System.setProperty("java.util.logging.SimpleFormatter.format", LOG_FORMAT);
    }
    Main main = new Main();
    CommandLine commandLine =
        new CommandLine(main)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setParameterExceptionHandler(Main::badUsage)
            .setExecutionExceptionHandler((e, command, parsed) -> main.failed(e, command))
            .setExitCodeExceptionMapper(Main::exitCode);
    return commandLine.execute(args);
  }

  private static int badUsage(CommandLine.ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    command
        .getErr()
        .println(
            name + ": " + oneLine(String.valueOf(e.getMessage())) + "; see " + name + " --help");
    return Failure.USAGE;
  }

  private int failed(Exception e, CommandLine command) {
    PrintWriter err = command.getErr();
    String message = e.getMessage();
    boolean expected = e instanceof Failure || e instanceof ConfigException;
    String line = message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
    if (!expected && !(e instanceof IOException || e instanceof UncheckedIOException)) {
      line = "unexpected: " + line + (verbose ? "" : "; --verbose shows where");
    }
    err.println(command.getCommandSpec().qualifiedName() + ": " + oneLine(line));
    if (verbose) {
      e.printStackTrace(err);
    }
    err.flush();
    return exitCode(e);
  }

  private static String oneLine(String text) {
    return String.join(" ", text.strip().lines().map(String::strip).toList());
  }

  private static int exitCode(Throwable e) {
    if (e instanceof Failure f) {
      return f.exitCode();
    }
    return e instanceof ConfigException ? Failure.USAGE : Failure.RUN;
  }

  /** A command is needed. */
  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
  }
}
