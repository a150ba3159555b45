package io.destiny.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.node.toy.Eventually;
import io.destiny.node.toy.ToyCluster;
import io.destiny.node.toy.ToyProtocol;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees. */
class AdminTest {
  @TempDir private Path folder;

  private static ToyProtocol noting() {
    return new ToyProtocol(
        (input, step) -> {
          if (input instanceof Input.Started) {
            step.emit(note(new Effect.Event.Dropped(DropReason.OLD, 2, "Prepare")));
            step.emit(note(new Effect.Event.Dropped(DropReason.OLD, 2, "Prepare")));
            step.emit(note(new Effect.Event.Ordered(1, 5, 9, 200)));
            step.emit(note(new Effect.Event.Evidence(1, "two proposals")));
            step.emit(note(new Effect.Event.Probation(2, 4, 3, 999)));
            step.emit(note(new Effect.Event.Count("certificates", 3)));
            step.emit(note(new Effect.Event.Gauge("window", 17)));
            for (int i = 0; i < 1000; i++) {
              step.emit(note(new Effect.Event.Dropped(DropReason.INVALID, 1, "kind" + i)));
            }
          }
        });
  }

  private static Effect note(Effect.Event event) {
    return new Effect.Note(event);
  }

  @Test
  void statusIsTheJsonThatScriptsRead() throws IOException {
    try (ToyReplica a = ToyReplica.start(new ToyCluster(folder, 1), 0, ToyProtocol.silent())) {
      var page = Pages.get(a.node, "/status");
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.headers().firstValue("Content-Type"))
          .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
      assertThat(page.body())
          .startsWith("{\"replica\":0,\"replicas\":1,\"protocol\":\"toy\",\"cluster\":\"6120")
          .contains("\"epoch\":5", "\"trusted\":\"provisioned\"", "\"healthy\":true")
          .contains("\"observer\":false")
          .contains("\"view\":{\"O\":3}", "\"executed\":7", "\"commands\":8", "\"checkpoint\":9")
          .contains("\"pending\":0", "\"catchingUp\":false")
          .containsPattern("\"stateDigest\":\"[0-9a-f]{64}\"");
    }
  }

  /** Of a protocol without trusted subsystems: what its log has to say is all that there is. */
  @Test
  void anObserverSaysSoAndWhy() throws IOException {
    NodeConfig config = new ToyCluster(folder, 1).config(0);
    ToyProtocol protocol = ToyProtocol.silent();
    try (ToyReplica a = ToyReplica.start(config, protocol, new Witness.OwnLog("its log is gone"))) {
      Eventually.until("the start", () -> !protocol.inputs(Input.Started.class).isEmpty());
      Input.Started started = protocol.inputs(Input.Started.class).getFirst();
      assertThat(started.counters().read(0, 0)).isEqualTo(-1);
      assertThat(Pages.get(a.node, "/status").body())
          .contains("\"trusted\":\"none\"", "\"observer\":true")
          .contains("\"observerReason\":\"its log is gone\"", "\"healthy\":true");
      assertThat(Pages.get(a.node, "/metrics").body())
          .contains("destiny_observer 1.0", "destiny_trusted{state=\"none\"} 1.0");
    }
    ToyProtocol voter = ToyProtocol.silent();
    try (ToyReplica a = ToyReplica.start(config, voter, new Witness.OwnLog(null))) {
      Eventually.until("the start", () -> !voter.inputs(Input.Started.class).isEmpty());
      Input.Started started = voter.inputs(Input.Started.class).getFirst();
      assertThat(started.counters().read(0, 0)).isZero();
      assertThat(Pages.get(a.node, "/status").body())
          .contains("\"trusted\":\"none\"", "\"observer\":false")
          .doesNotContain("observerReason");
      assertThat(Pages.get(a.node, "/metrics").body()).contains("destiny_observer 0.0");
    }
  }

  @Test
  void metricsCountWhatTheProtocolNotesWithBoundedLabels() throws IOException {
    try (ToyReplica a = ToyReplica.start(new ToyCluster(folder, 1), 0, noting())) {
      Eventually.until(
          "the notes", () -> Pages.metric(a.node, "destiny_ordered_commands_total") == 200);
      String metrics = Pages.get(a.node, "/metrics").body();
      assertThat(metrics)
          .contains("destiny_dropped_total{from=\"2\",kind=\"Prepare\",reason=\"old\"} 2.0")
          .contains("destiny_evidence_total{replica=\"1\"} 1.0")
          .contains("destiny_protocol_events_total{name=\"certificates\"} 3.0")
          .contains("destiny_protocol_value{name=\"window\"} 17.0")
          .contains("destiny_protocol_value{name=\"probation_D2\"} 3.0")
          .contains("destiny_position 9.0")
          .contains("destiny_healthy 1.0", "destiny_status_commands 8.0")
          .contains("destiny_trusted{state=\"provisioned\"} 1.0")
          .contains("destiny_trusted{state=\"unreachable\"} 0.0")
          .contains("jvm_memory_used_bytes");
      assertThat(metrics.lines().filter(line -> line.startsWith("destiny_dropped_total")).count())
          .isLessThan(70);
    }
  }

  @Test
  void healthNeedsAQuorumAndALivingLoop() throws IOException {
    ToyCluster cluster = new ToyCluster(folder, 2);
    try (ToyReplica a = ToyReplica.start(cluster, 0, ToyProtocol.silent())) {
      var alone = Pages.get(a.node, "/healthz");
      assertThat(alone.statusCode()).isEqualTo(503);
      assertThat(alone.body()).isEqualTo("connected to 0 other replicas, which is no quorum\n");
      try (ToyReplica b = ToyReplica.start(cluster, 1, ToyProtocol.silent())) {
        Eventually.until("the quorum", () -> Pages.get(a.node, "/healthz").statusCode() == 200);
        assertThat(b.node.stopped()).isNotDone();
      }
      Eventually.until("the loss", () -> Pages.get(a.node, "/healthz").statusCode() == 503);
    }
  }
}
