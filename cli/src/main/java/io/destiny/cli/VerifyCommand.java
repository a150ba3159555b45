package io.destiny.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.client.Receipt;
import io.destiny.core.statement.MalformedException;
import io.destiny.server.ClusterFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code destiny verify}. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description =
        "Check a receipt with nothing but cluster.yaml, or the manifest of its epoch in earlier/;"
            + " exit 1 if it does not hold.",
    footer = {"", "Example: destiny verify --dir cluster --receipt put.json"})
final class VerifyCommand implements Runnable {
  private static final long MAX_BYTES = 64 << 20;

  @Mixin private DirOption dir;

  @Option(
      names = "--receipt",
      required = true,
      paramLabel = "F",
      description = "The receipt, as `kv --receipt` writes it.")
  private Path receipt;

  @Mixin private Output output;

  @Override
  public void run() {
    ClusterFolder cluster = dir.open();
    Receipt read;
    try {
      read = Receipt.fromJson(text());
    } catch (MalformedException e) {
      throw invalid("FORM", String.valueOf(e.getMessage()));
    }
    Optional<Receipt.Check> failed = read.verify(cluster.knownKeys());
    if (failed.isPresent()) {
      throw invalid(failed.get().name(), failed.get().failure());
    }
    output.say("valid");
    output.report(
        Output.object()
            .put("valid", true)
            .put("position", read.position())
            .put("client", read.client())
            .put("timestamp", read.timestamp()));
  }

  private Failure invalid(String check, String why) {
    ObjectNode report = Output.object().put("valid", false);
    output.report(report.put("failedCheck", check).put("reason", why));
    return Failure.run("not valid, check " + check + " failed: " + why);
  }

  private String text() {
    try {
      if (Files.size(receipt) > MAX_BYTES) {
        throw Failure.usage(receipt + " is too large for a receipt");
      }
      return Files.readString(receipt);
    } catch (IOException e) {
      throw Failure.usage(receipt + " cannot be read: " + reason(e));
    }
  }

  private static String reason(IOException e) {
    return e instanceof NoSuchFileException ? "no such file" : String.valueOf(e.getMessage());
  }
}
