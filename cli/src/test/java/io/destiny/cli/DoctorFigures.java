package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.destiny.server.ClusterManifest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whatever a replica's status page says, and `doctor` reads nothing else, is in its `/metrics` with
 * the same value; so a new figure needs its metric. To be asked of an idle cluster.
 */
final class DoctorFigures {
  private static final int TRIES = 20;

  /**
   * What is no figure: who and where it is, and texts. Views are figures of the instances; what may
   * ail a replica is in healthy, catching_up and connected_peers.
   */
  private static final Set<String> NO_FIGURES =
      Set.of(
          "replica",
          "replicas",
          "protocol",
          "cluster",
          "epoch",
          "stateDigest",
          "reason",
          "observerReason",
          "manifest",
          "view",
          "instances");

  /** Those whose metric is not named {@code status_} or {@code instance_} and as they are. */
  private static final Map<String, String> NAMES =
      Map.of(
          "connectedPeers", "connected_peers",
          "healthy", "healthy",
          "trusted", "trusted",
          "observer", "observer",
          "catchingUp", "status_catching_up",
          "proposed", "instance_open_proposed",
          "payload", "instance_open_payload",
          "committed", "instance_open_committed",
          "votes", "instance_open_vote");

  private final ClusterManifest manifest;
  private final List<String> missing = new ArrayList<>();
  private int found;

  DoctorFigures(ClusterManifest manifest) {
    this.manifest = manifest;
  }

  void areMetrics() throws IOException {
    for (int i = 0; i < manifest.members().size(); i++) {
      look(i);
      // what moved between the two pages is looked at again
      for (int tries = 1; !missing.isEmpty() && tries < TRIES; tries++) {
        look(i);
      }
      assertThat(missing).as("figures of R%d that are no metrics", i).isEmpty();
      assertThat(found).isGreaterThan(50);
    }
  }

  private void look(int replica) throws IOException {
    missing.clear();
    found = 0;
    String metrics = get(replica, "metrics");
    JsonNode page = Output.JSON.readTree(get(replica, "status"));
    for (Map.Entry<String, JsonNode> e : page.properties()) {
      if (!NO_FIGURES.contains(e.getKey())) {
        String name = NAMES.getOrDefault(e.getKey(), "status_" + e.getKey());
        boolean text = e.getValue().isTextual();
        expect(metrics, name, text ? label("state", e.getValue()) : "", number(e.getValue()));
      }
    }
    for (JsonNode instance : page.path("instances")) {
      String label = label("instance", instance.path("name"));
      for (Map.Entry<String, JsonNode> e : instance.properties()) {
        String name = NAMES.getOrDefault(e.getKey(), "instance_" + e.getKey());
        if (e.getValue().isArray()) {
          e.getValue().forEach(v -> expect(metrics, name, label + "," + label("voter", v), 1));
        } else if (!e.getValue().isTextual()) {
          expect(metrics, name, label, number(e.getValue()));
        }
      }
    }
  }

  private static String label(String name, JsonNode value) {
    return name + "=\"" + value.asText() + "\"";
  }

  /** A text is a label, whose metric is 1. */
  private static double number(JsonNode value) {
    return value.isNumber() ? value.asDouble() : value.isTextual() || value.asBoolean() ? 1 : 0;
  }

  private void expect(String metrics, String name, String labels, double value) {
    String key = "destiny_" + name + (labels.isEmpty() ? "" : "{" + labels + "}") + " ";
    boolean there =
        metrics
            .lines()
            .filter(line -> line.startsWith(key))
            .anyMatch(line -> Double.parseDouble(line.substring(key.length())) == value);
    if (there) {
      found++;
    } else {
      missing.add(key + value);
    }
  }

  private String get(int replica, String name) throws IOException {
    ClusterManifest.Member m = manifest.members().get(replica);
    URI address = URI.create("http://%s:%d/%s".formatted(m.host(), m.adminPort(), name));
    try (InputStream in = address.toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
