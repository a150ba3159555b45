package io.destiny.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.destiny.core.model.Instances;
import io.destiny.server.ClusterManifest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads replicas' admin pages. */
final class StatusPage implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final List<ClusterManifest.Member> members;
  private final int firstOrderPrimary;

  /**
   * What a replica says of itself.
   *
   * @param view of each instance by its name, such as D0 or O
   * @param executed the global position
   * @param checkpoint the O-slot of the last stable checkpoint
   * @param digest the state digest at the last checkpoint taken
   */
  record Status(Map<String, Long> view, long executed, long checkpoint, String digest) {
    /** How many view changes there were. */
    long viewChanges() {
      return view.values().stream().mapToLong(v -> v).sum();
    }

    /** Whether both replicas are at one place with one state. */
    boolean agrees(Status other) {
      return executed == other.executed
          && checkpoint == other.checkpoint
          && digest.equals(other.digest);
    }
  }

  StatusPage(ClusterManifest manifest) {
    this.members = manifest.members();
    this.firstOrderPrimary = manifest.tuning().orderPrimary();
  }

  /** How many replicas there are to ask. */
  int members() {
    return members.size();
  }

  /** Empty if the replica does not answer. */
  Optional<Status> status(int replica) {
    return page(replica, "status", 200).map(StatusPage::parse);
  }

  private static Status parse(String json) {
    JsonNode page = tree(json);
    Map<String, Long> view = new TreeMap<>();
    page.path("view").properties().forEach(e -> view.put(e.getKey(), e.getValue().asLong()));
    return new Status(
        view,
        page.path("executed").asLong(),
        page.path("checkpoint").asLong(),
        page.path("stateDigest").asText());
  }

  private static JsonNode tree(String json) {
    try {
      return Output.JSON.readTree(json);
    } catch (IOException e) {
      throw Failure.run("a status page is no JSON: " + e.getMessage());
    }
  }

  /** The whole page of each replica that answers, by its number. */
  SortedMap<Integer, JsonNode> trees() {
    SortedMap<Integer, JsonNode> trees = new TreeMap<>();
    for (int i = 0; i < members.size(); i++) {
      int replica = i;
      page(i, "status", 200).ifPresent(json -> trees.put(replica, tree(json)));
    }
    return trees;
  }

  boolean healthy(int replica) {
    return page(replica, "healthz", 200).isPresent();
  }

  /** Of all replicas that answer. */
  List<Status> all() {
    List<Status> all = new ArrayList<>();
    for (int i = 0; i < members.size(); i++) {
      status(i).ifPresent(all::add);
    }
    return all;
  }

  /** The replica that leads the ordering, as those that answer see it. */
  int orderPrimary() {
    long view = 0;
    for (Status s : all()) {
      view = Math.max(view, s.view().getOrDefault(Instances.name(Instances.ORDER), 0L));
    }
    return (int) ((firstOrderPrimary + view) % members.size());
  }

  private Optional<String> page(int replica, String name, int expected) {
    ClusterManifest.Member m = members.get(replica);
    URI address = URI.create("http://%s:%d/%s".formatted(m.host(), m.adminPort(), name));
    try {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(address).timeout(PATIENCE).build(),
              HttpResponse.BodyHandlers.ofString());
      return response.statusCode() == expected ? Optional.of(response.body()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
