package io.destiny.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code destiny protocols}. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
    name = "protocols",
    mixinStandardHelpOptions = true,
    description = "The catalogue: what has been shown of each protocol by the fault suite.",
    footer = {"", "Example: destiny protocols --json protocols.json"})
final class ProtocolsCommand implements Runnable {
  static final String EVIDENCE = "catalog-evidence.json";
  private static final String[] SHOWN = {
    "viewChange", "checkpoint", "stateTransfer", "restart", "server"
  };

  @Mixin private Output output;

  /** The committed evidence. */
  static ObjectNode evidence() {
    try (InputStream in = ProtocolsCommand.class.getResourceAsStream(EVIDENCE)) {
      return (ObjectNode) Output.JSON.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException("a resource of this program can be read", e);
    }
  }

  @Override
  public void run() {
    ObjectNode evidence = evidence();
    output.say(
        "%-16s%-8s%4s%8s  %-12s%-12s%-15s%-9s%-8s%8s%8s  %s"
            .formatted(
                "protocol",
                "model",
                "N",
                "quorum",
                "view change",
                "checkpoint",
                "state transfer",
                "restart",
                "server",
                "seeds",
                "failed",
                "seeded bugs killed"));
    for (JsonNode p : evidence.path("protocols")) {
      output.say(
          "%-16s%-8s%4d%8d  %-12s%-12s%-15s%-9s%-8s%,8d%8d  %d of %d"
              .formatted(
                  p.path("name").asText(),
                  p.path("faultModel").asText(),
                  p.path("n").asInt(),
                  p.path("quorum").asInt(),
                  shown(p, 0),
                  shown(p, 1),
                  shown(p, 2),
                  shown(p, 3),
                  shown(p, 4),
                  p.path("seeds").asInt(),
                  p.path("seedsFailed").asInt(),
                  p.path("bugsKilled").asInt(),
                  p.path("bugs").asInt()));
    }
    output.report(evidence);
  }

  private static String shown(JsonNode protocol, int column) {
    return protocol.path(SHOWN[column]).asBoolean() ? "yes" : "not yet";
  }
}
