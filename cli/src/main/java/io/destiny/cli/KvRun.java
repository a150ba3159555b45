package io.destiny.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.client.Answer;
import io.destiny.client.ClientOptions;
import io.destiny.client.DestinyClient;
import io.destiny.client.Receipt;
import io.destiny.core.statement.MalformedException;
import io.destiny.server.ClusterFolder;
import io.destiny.server.KeyValueOperation;
import io.destiny.server.KeyValueResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One operation through the client library. */
final class KvRun {
  private final ClusterFolder folder;
  private final KvCommand.Wishes wishes;
  private final Output output;

  KvRun(ClusterFolder folder, KvCommand.Wishes wishes, Output output) {
    this.folder = folder;
    this.wishes = wishes;
    this.output = output;
  }

  void run(KeyValueOperation operation) {
    Integer wanted = wishes.session();
    try (SessionLease lease =
            wanted == null ? SessionLease.any(folder) : SessionLease.of(folder, wanted, 1);
        DestinyClient client =
            Clusters.connect(
                folder,
                ClientOptions.DEFAULT
                    .withSessions(0, 0)
                    .withDeadline(Duration.ofSeconds(wishes.timeoutSeconds())))) {
      Answer answer = client.session(lease.first()).submit(List.of(operation.encode())).join();
      if (!(answer instanceof Answer.Success success)) {
        throw Failure.run(answer.describe());
      }
      finish(operation, success);
    }
  }

  private void finish(KeyValueOperation operation, Answer.Success success) {
    KeyValueResult result;
    try {
      result = KeyValueResult.decode(success.results().getFirst());
    } catch (MalformedException e) {
      throw Failure.run("the cluster does not run the key-value store: " + e.getMessage());
    }
    Receipt proof = success.receipt();
    keep(proof);
    output.say(describe(result));
    output.say(
        proof == null
            ? "f+1 replicas said the same; the proof was gone"
            : "position %d, proof verified".formatted(proof.position()));
    output.report(report(operation, result, proof));
    if (result instanceof KeyValueResult.Rejected r) {
      throw Failure.run("the operation was rejected: " + r.reason());
    }
  }

  private void keep(@Nullable Receipt proof) {
    Path file = wishes.receipt();
    if (file == null) {
      return;
    }
    if (proof == null) {
      throw Failure.run("executed, but there is no proof to keep: the replicas had dropped it");
    }
    try {
      Files.writeString(file, proof.toJson() + "\n");
    } catch (IOException e) {
      throw Failure.run("executed, but " + file + " cannot be written: " + e.getMessage());
    }
  }

  private static String text(byte[] value) {
    return new String(value, StandardCharsets.UTF_8);
  }

  private static String describe(KeyValueResult result) {
    return switch (result) {
      case KeyValueResult.Done d -> "done";
      case KeyValueResult.Found f -> text(f.value());
      case KeyValueResult.Absent a -> "(no such key)";
      case KeyValueResult.Different d ->
          d.actual() == null
              ? "(not swapped: no such key)"
              : "(not swapped: it holds " + text(d.actual()) + ")";
      case KeyValueResult.Rejected r -> "(rejected: " + r.reason() + ")";
    };
  }

  private static ObjectNode report(
      KeyValueOperation operation, KeyValueResult result, @Nullable Receipt proof) {
    ObjectNode report =
        Output.object()
            .put("operation", operation.getClass().getSimpleName())
            .put("key", text(operation.key()))
            .put("result", result.getClass().getSimpleName());
    byte[] value =
        switch (result) {
          case KeyValueResult.Found f -> f.value();
          case KeyValueResult.Different d -> d.actual();
          default -> null;
        };
    if (value != null) {
      report.put("value", text(value));
    }
    if (proof != null) {
      report.put("position", proof.position());
    }
    return report.put("proofVerified", proof != null);
  }
}
