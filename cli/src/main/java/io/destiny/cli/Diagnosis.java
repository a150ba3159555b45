package io.destiny.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.core.model.Instances;
import io.destiny.core.model.QuorumRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the replicas' status pages say together of each instance, and what it waits for. */
final class Diagnosis {
  private static final String ORDER = Instances.name(Instances.ORDER);

  private final QuorumRule rule;
  private final List<Instance> instances = new ArrayList<>();
  private final List<Finding> replicas = new ArrayList<>();

  /** What something waits for. */
  enum Kind {
    REPLICA,
    OBSERVER,
    REQUESTS,
    VIEW,
    PROPOSAL,
    VOTES,
    DECISION,
    ORDER,
    EXECUTION
  }

  /**
   * One thing that is waited for.
   *
   * @param subject the instance, and the replica if it concerns one
   */
  record Finding(String subject, Kind kind, long slot, String text) {
    boolean same(Finding other) {
      return subject.equals(other.subject) && kind == other.kind && slot == other.slot;
    }
  }

  /**
   * An instance.
   *
   * @param view the highest that a replica is in
   * @param undecided the oldest slot that is not decided everywhere, or 0
   * @param voted who voted on it
   * @param missing who did not, while it is not committed
   * @param unordered the oldest slot that is decided and not ordered, or 0
   * @param blocked the oldest slot that is ordered and not executed, or 0
   */
  record Instance(
      String name,
      long view,
      int leader,
      long decided,
      long ordered,
      long executed,
      long undecided,
      SortedSet<Integer> voted,
      SortedSet<Integer> missing,
      long unordered,
      long blocked,
      List<Finding> findings) {
    String line() {
      String line =
          "%s: view %d, led by R%d; decided to %d, ".formatted(name, view, leader, decided);
      if (!name.equals(ORDER)) {
        line += "ordered to %d, ".formatted(ordered);
      }
      line += "executed to %d".formatted(executed);
      if (undecided > 0) {
        line +=
            "; slot %d: voted %s, missing %s".formatted(undecided, names(voted), names(missing));
      }
      return line;
    }

    void write(ObjectNode node) {
      node.put("name", name)
          .put("view", view)
          .put("leader", leader)
          .put("decided", decided)
          .put("ordered", ordered)
          .put("executed", executed)
          .put("oldestUndecided", undecided)
          .put("oldestUnordered", unordered)
          .put("oldestBlocked", blocked);
      voted.forEach(node.putArray("voted")::add);
      missing.forEach(node.putArray("missing")::add);
    }
  }

  /**
   * @param pages of the replicas that answer
   */
  Diagnosis(QuorumRule rule, SortedMap<Integer, JsonNode> pages) {
    this.rule = rule;
    // in the order of the pages
    Map<String, SortedMap<Integer, JsonNode>> byName = new LinkedHashMap<>();
    pages.forEach(
        (replica, page) ->
            page.path("instances")
                .forEach(
                    i ->
                        byName
                            .computeIfAbsent(i.path("name").asText(), n -> new TreeMap<>())
                            .put(replica, i)));
    SortedMap<Integer, JsonNode> ordering = byName.getOrDefault(ORDER, new TreeMap<>());
    JsonNode newest = newest(ordering);
    int orderPrimary = newest == null ? -1 : newest.path("leader").asInt();
    byName.forEach((name, views) -> instances.add(instance(name, views, byName, orderPrimary)));
    for (int i = 0; i < rule.n(); i++) {
      replica(i, pages.get(i));
    }
  }

  List<Instance> instances() {
    return instances;
  }

  /** What is found of replicas as a whole. */
  List<Finding> replicas() {
    return replicas;
  }

  private void replica(int replica, @Nullable JsonNode page) {
    String name = "R" + replica;
    if (page == null) {
      replicas.add(new Finding(name, Kind.REPLICA, 0, name + " does not answer"));
      return;
    }
    if (!page.path("healthy").asBoolean(true)) {
      String text = "%s is not well: %s".formatted(name, page.path("reason").asText());
      replicas.add(new Finding(name, Kind.REPLICA, 0, text));
    }
    if (page.path("observer").asBoolean()) {
      String text =
          "%s is an observer, which counts as one of the f = %d: %s"
              .formatted(name, rule.f(), page.path("observerReason").asText());
      replicas.add(new Finding(name, Kind.OBSERVER, 0, text));
    }
    if (page.path("pending").asLong() > 0) {
      // The same again while nothing is executed.
      long executed = page.path("executed").asLong();
      String text =
          "%s holds %d requests that are not executed"
              .formatted(name, page.path("pending").asLong());
      replicas.add(new Finding(name, Kind.REQUESTS, executed, text));
    }
  }

  /** Whether the same was found here, whatever its text. */
  boolean has(Finding finding) {
    return replicas.stream().anyMatch(finding::same)
        || instances.stream().flatMap(i -> i.findings.stream()).anyMatch(finding::same);
  }

  private static @Nullable JsonNode newest(SortedMap<Integer, JsonNode> views) {
    JsonNode newest = null;
    for (JsonNode i : views.values()) {
      if (newest == null || i.path("view").asLong() > newest.path("view").asLong()) {
        newest = i;
      }
    }
    return newest;
  }

  private Instance instance(
      String name,
      SortedMap<Integer, JsonNode> views,
      Map<String, SortedMap<Integer, JsonNode>> all,
      int orderPrimary) {
    JsonNode newest = newest(views);
    if (newest == null) {
      throw new IllegalStateException("an instance is there since a replica named it");
    }
    long view = newest.path("view").asLong();
    int leader = newest.path("leader").asInt();
    List<Finding> findings = new ArrayList<>();
    views.forEach((replica, i) -> view(name, replica, i, view, findings));

    long undecided = oldest(views, "open");
    SortedSet<Integer> voted = new TreeSet<>();
    SortedSet<Integer> missing = new TreeSet<>();
    if (undecided > 0) {
      undecided(name, views, undecided, leader, voted, missing, findings);
    }
    long unordered = 0;
    long blocked = 0;
    for (Map.Entry<Integer, JsonNode> e : views.entrySet()) {
      JsonNode i = e.getValue();
      long decided = i.path("decided").asLong();
      long ordered = i.path("ordered").asLong();
      long executed = i.path("executed").asLong();
      if (decided > ordered && (unordered == 0 || ordered + 1 < unordered)) {
        unordered = ordered + 1;
      }
      if (i.path("demanded").asLong() > executed) {
        blocked = blocked == 0 ? executed + 1 : Math.min(blocked, executed + 1);
        findings.add(blocked(name, e.getKey(), i, all));
      }
    }
    if (unordered > 0) {
      String text =
          "slot %d is committed and not ordered: waits for R%d, which leads %s"
              .formatted(unordered, orderPrimary, ORDER);
      findings.add(new Finding(name, Kind.ORDER, unordered, text));
    }
    return new Instance(
        name,
        view,
        leader,
        least(views, "decided"),
        least(views, "ordered"),
        least(views, "executed"),
        undecided,
        voted,
        missing,
        unordered,
        blocked,
        findings);
  }

  private static void view(
      String name, int replica, JsonNode i, long newest, List<Finding> findings) {
    long view = i.path("view").asLong();
    if (!i.path("entered").asBoolean()) {
      String text =
          "R%d has left a view and waits for the NEW-VIEW of R%d for view %d"
              .formatted(replica, i.path("leader").asInt(), view);
      findings.add(new Finding(name + " R" + replica, Kind.VIEW, 0, text));
    } else if (view < newest) {
      String text = "R%d is still in view %d".formatted(replica, view);
      findings.add(new Finding(name + " R" + replica, Kind.VIEW, 0, text));
    }
  }

  /** Who has what of the oldest slot that is not decided everywhere. */
  private void undecided(
      String name,
      SortedMap<Integer, JsonNode> views,
      long slot,
      int leader,
      SortedSet<Integer> voted,
      SortedSet<Integer> missing,
      List<Finding> findings) {
    boolean committed = false;
    boolean proposed = false;
    SortedSet<Integer> lacking = new TreeSet<>();
    for (Map.Entry<Integer, JsonNode> e : views.entrySet()) {
      JsonNode i = e.getValue();
      if (i.path("open").asLong() == slot) {
        committed |= i.path("committed").asBoolean();
        proposed |= i.path("proposed").asBoolean();
        i.path("votes").forEach(v -> voted.add(v.asInt()));
      } else {
        committed |= i.path("decided").asLong() >= slot;
      }
      if (i.path("decided").asLong() < slot) {
        lacking.add(e.getKey());
      }
    }
    if (committed) {
      for (int replica : lacking) {
        JsonNode i = views.getOrDefault(replica, Output.object());
        boolean commit = i.path("open").asLong() == slot && i.path("committed").asBoolean();
        String text =
            "slot %d is committed: R%d waits for its %s"
                .formatted(slot, replica, commit ? "payload" : "commit");
        findings.add(new Finding(name + " R" + replica, Kind.DECISION, slot, text));
      }
      return;
    }
    for (int i = 0; i < rule.n(); i++) {
      if (!voted.contains(i)) {
        missing.add(i);
      }
    }
    if (!proposed) {
      String text = "slot %d waits for the proposal of R%d".formatted(slot, leader);
      findings.add(new Finding(name, Kind.PROPOSAL, slot, text));
    } else {
      String text =
          "slot %d waits for votes: %d of %d, missing %s"
              .formatted(slot, voted.size(), rule.quorum(), names(missing));
      findings.add(new Finding(name, Kind.VOTES, slot, text));
    }
  }

  private static Finding blocked(
      String name, int replica, JsonNode instance, Map<String, SortedMap<Integer, JsonNode>> all) {
    long slot = instance.path("executed").asLong() + 1;
    String cause = "its own decision";
    if (instance.path("decided").asLong() >= slot) {
      cause = "execution";
      for (Map.Entry<String, SortedMap<Integer, JsonNode>> e : all.entrySet()) {
        JsonNode other = e.getValue().get(replica);
        if (other != null && other.path("demanded").asLong() > other.path("decided").asLong()) {
          cause = "slot %d of %s".formatted(other.path("decided").asLong() + 1, e.getKey());
        }
      }
    }
    String text =
        "slot %d is ordered and not executed at R%d: waits for %s".formatted(slot, replica, cause);
    return new Finding(name + " R" + replica, Kind.EXECUTION, slot, text);
  }

  private static long oldest(SortedMap<Integer, JsonNode> views, String field) {
    return views.values().stream()
        .mapToLong(i -> i.path(field).asLong())
        .filter(slot -> slot > 0)
        .min()
        .orElse(0);
  }

  private static long least(SortedMap<Integer, JsonNode> views, String field) {
    return views.values().stream().mapToLong(i -> i.path(field).asLong()).min().orElse(0);
  }

  private static String names(SortedSet<Integer> replicas) {
    return replicas.isEmpty()
        ? "nobody"
        : String.join(" ", replicas.stream().map(r -> "R" + r).toList());
  }
}
