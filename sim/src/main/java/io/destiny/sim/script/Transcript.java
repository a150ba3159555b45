package io.destiny.sim.script;

import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Reply;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.TraceListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes down what happens, in the notation of the scripts. */
final class Transcript implements TraceListener {
  record Drop(DropReason reason, int by, String kind) {}

  private final List<String> lines = new ArrayList<>();
  private final List<Drop> drops = new ArrayList<>();
  private final Map<Integer, Map<Long, String>> executed = new TreeMap<>();
  private boolean quiet;
  private String next = "";

  void add(String line) {
    lines.add(line);
  }

  /** A line about a message on its way. */
  void travels(String line) {
    if (!quiet) {
      add(line);
    }
  }

  /** Leaves out what travels; keeps what it leads to. */
  void quiet(boolean on) {
    quiet = on;
  }

  /** What was written since the last call. */
  List<String> take() {
    List<String> all = List.copyOf(lines);
    lines.clear();
    return all;
  }

  List<Drop> drops() {
    return drops;
  }

  /** Executed slots by place. */
  Map<Long, String> executed(int replica) {
    return executed.getOrDefault(replica, Map.of());
  }

  private void effect(String line) {
    lines.add("  " + line);
  }

  @Override
  public void delivered(int from, int to, Frame frame) {
    if (!quiet) {
      add(arrow(from, "->", to, frame.name()) + (frame.isForged() ? "  (forged)" : ""));
    }
  }

  static String arrow(int from, String arrow, int to, String name) {
    return "R" + from + " " + arrow + " R" + to + "  " + name;
  }

  @Override
  public void released(int replica, long number, Effect effect) {
    switch (effect) {
      case Effect.Send e -> next = "R" + e.to();
      case Effect.Broadcast e -> next = "*";
      case Effect.Answer e ->
          effect(
              "R%d replies %s t%d %s"
                  .formatted(
                      replica, client(e.reply().client()), e.reply().timestamp(), form(e.reply())));
      default -> {}
    }
  }

  /** A broadcast enters many links, and is one line. */
  @Override
  public void sent(int from, int to, Frame frame) {
    if (!quiet && !next.isEmpty()) {
      effect(
          "R%d => %s  %s v%d s%d"
              .formatted(from, next, frame.name(), frame.view(), frame.sequence()));
    }
    next = "";
  }

  static String client(long id) {
    int session = (int) id;
    return "c" + (id >>> 32) + (session == 0 ? "" : "." + session);
  }

  private static String form(Reply reply) {
    return switch (reply.evidence()) {
      case Reply.Proof p -> "proof";
      case Reply.Vote v -> "vote";
      case Reply.Plain p -> "plain";
    };
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    if (effect instanceof Effect.Note(Effect.Event event)) {
      switch (event) {
        case Effect.Event.Dropped e -> {
          drops.add(new Drop(e.reason(), replica, e.kind()));
          effect("R%d drops %s %s".formatted(replica, e.kind(), e.reason()));
        }
        case Effect.Event.Evidence e ->
            effect("R%d accuses R%d %s".formatted(replica, e.replica(), e.what()));
        case Effect.Event.Committed e -> {}
        case Effect.Event.Ordered e -> ordered(replica, e);
        case Effect.Event.Entered e -> {
          if (e.view() > 0) {
            effect(
                "R%d enters %s v%d, base %d, max %d"
                    .formatted(replica, Instances.name(e.instance()), e.view(), e.base(), e.max()));
          }
        }
        case Effect.Event.Probation e -> {}
        case Effect.Event.Count e -> {}
        case Effect.Event.Gauge e -> {}
      }
    }
  }

  private void ordered(int replica, Effect.Event.Ordered e) {
    String slot = Instances.name(e.instance()) + "/" + e.slot();
    executed.computeIfAbsent(replica, r -> new TreeMap<>()).put(e.position(), slot);
    effect(
        "R%d executes #%d %s %d %s"
            .formatted(
                replica,
                e.position(),
                slot,
                e.commands(),
                e.commands() == 1 ? "command" : "commands"));
  }

  @Override
  public void input(int replica, Input input) {
    switch (input) {
      case Input.Fired i -> add("R%d fires %s".formatted(replica, timer(i.timer())));
      case Input.Snapshot(Input.SnapshotEvent.Durable(long slot)) ->
          effect("R%d has checkpoint %d".formatted(replica, slot));
      case Input.Snapshot(Input.SnapshotEvent.Installed(long slot)) ->
          effect("R%d installs checkpoint %d".formatted(replica, slot));
      default -> {}
    }
  }

  static String timer(TimerKey key) {
    return key.kind() + " " + Instances.name(key.instance()) + " " + key.subject();
  }

  @Override
  public void crashed(int replica) {
    add("R" + replica + " crashes");
  }

  @Override
  public void started(int replica) {
    add("R" + replica + " starts");
  }

  @Override
  public void halted(int replica, String reason) {
    effect("R" + replica + " halts: " + reason);
  }

  @Override
  public void accepted(ClientStub client, ClientStub.Accepted answer) {
    StringBuilder line = new StringBuilder();
    line.append(client(client.id())).append(" accepts t").append(answer.request().timestamp());
    if (answer.results().isEmpty()) {
      line.append(" stale");
    }
    for (int i = 0; i < answer.results().size(); i++) {
      line.append(i == 0 ? " " : ", ").append(answer.text(i));
    }
    effect(line.toString());
  }

  @Override
  public void rejected(ClientStub client, int from, Reply reply) {
    effect("%s rejects t%d of R%d".formatted(client(client.id()), reply.timestamp(), from));
  }
}
