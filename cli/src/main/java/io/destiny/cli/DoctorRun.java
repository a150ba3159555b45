package io.destiny.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.core.model.QuorumRule;
import io.destiny.server.ClusterManifest;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Asks all replicas of a running cluster twice, and says what stands between. */
final class DoctorRun {
  private static final long BETWEEN_LOOKS = TimeUnit.SECONDS.toNanos(1);

  private final ClusterManifest manifest;
  private final Output output;

  DoctorRun(ClusterManifest manifest, Output output) {
    this.manifest = manifest;
    this.output = output;
  }

  void run() {
    QuorumRule rule = manifest.keys().rule();
    Diagnosis first;
    Diagnosis last;
    SortedMap<Integer, JsonNode> answers;
    try (StatusPage pages = new StatusPage(manifest)) {
      first = new Diagnosis(rule, pages.trees());
      LockSupport.parkNanos(BETWEEN_LOOKS);
      answers = pages.trees();
      last = new Diagnosis(rule, answers);
    }
    output.say(
        "%s: %d replicas, f = %d, %d answer"
            .formatted(manifest.protocol(), rule.n(), rule.f(), answers.size()));
    ObjectNode report =
        Output.object()
            .put("protocol", manifest.protocol())
            .put("replicas", rule.n())
            .put("f", rule.f())
            .put("replicasAnswering", answers.size());
    ArrayNode replicas = report.putArray("answers");
    for (int i = 0; i < rule.n(); i++) {
      JsonNode answer = answers.get(i);
      output.say("R%d: %s".formatted(i, answer == null ? "does not answer" : replica(answer)));
      if (answer != null) {
        replicas.add(answer);
      }
    }
    ArrayNode instances = report.putArray("instances");
    int standing = 0;
    for (Diagnosis.Instance i : last.instances()) {
      output.say(i.line());
      ObjectNode node = instances.addObject();
      i.write(node);
      standing += findings(i.findings(), first, node.putArray("waitsFor"));
    }
    output.say(last.replicas().isEmpty() ? "all replicas are well" : "replicas:");
    standing += findings(last.replicas(), first, report.putArray("findings"));
    report.put("standing", standing);
    output.say(standing == 0 ? "nothing stands still" : "did not move for a second: " + standing);
    output.report(report);
    if (answers.isEmpty()) {
      throw Failure.run("no replica answers; are they started, and is this their machine?");
    }
  }

  /** How many of them were there at the first look. */
  private int findings(List<Diagnosis.Finding> findings, Diagnosis first, ArrayNode to) {
    int standing = 0;
    for (Diagnosis.Finding f : findings) {
      boolean stood = first.has(f);
      standing += stood ? 1 : 0;
      output.say("  " + f.text() + (stood ? " (for more than a second)" : ""));
      to.addObject()
          .put("what", f.kind().toString())
          .put("slot", f.slot())
          .put("text", f.text())
          .put("standing", stood);
    }
    return standing;
  }

  private static String replica(JsonNode a) {
    String state = a.path("healthy").asBoolean() ? "well" : a.path("reason").asText("unwell");
    String trusted = a.path("trusted").asText();
    String standing =
        a.path("observer").asBoolean() ? "observer: " + a.path("observerReason").asText() : "votes";
    return "%s; executed %d, %d commands; checkpoint %d; %d requests and %d slots held; %s; %s%s"
        .formatted(
            state,
            a.path("executed").asLong(),
            a.path("commands").asLong(),
            a.path("checkpoint").asLong(),
            a.path("pending").asLong(),
            a.path("slots").asLong(),
            "connected to " + a.path("connectedPeers").asInt() + " others",
            trusted.equals("none") ? "" : "trusted subsystem " + trusted + "; ",
            standing);
  }
}
