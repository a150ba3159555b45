package io.destiny.cli;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.model.Instances;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Supplier;

/** Remembers the last things that happened in a world; in words only when somebody asks. */
final class TraceTail implements TraceListener {
  private record Entry(long at, Supplier<String> words) {}

  private final World world;
  private final int most;
  private final ArrayDeque<Entry> entries = new ArrayDeque<>();

  TraceTail(World world, int most) {
    this.world = world;
    this.most = most;
  }

  /** Oldest first. */
  List<String> lines() {
    return entries.stream().map(e -> "%.6f s  %s".formatted(e.at / 1e9, e.words.get())).toList();
  }

  private void add(Supplier<String> words) {
    if (entries.size() == most) {
      entries.removeFirst();
    }
    entries.addLast(new Entry(world.now(), words));
  }

  private static String timer(TimerKey key) {
    return key.kind() + " of " + Instances.name(key.instance()) + " for " + key.subject();
  }

  private static String message(Message m) {
    return Instances.name(m.instance()) + "." + m.kind() + " s" + m.sequence();
  }

  @Override
  public void delivered(int from, int to, Frame frame) {
    add(
        () ->
            "R%d <- R%d  %s v%d s%d%s"
                .formatted(
                    to,
                    from,
                    frame.name(),
                    frame.view(),
                    frame.sequence(),
                    frame.isForged() ? " (forged)" : ""));
  }

  /** A received message is a line already when it is delivered. */
  @Override
  public void input(int replica, Input input) {
    if (!(input instanceof Input.Received)) {
      add(() -> "R" + replica + "     " + words(input));
    }
  }

  private static String words(Input input) {
    return switch (input) {
      case Input.Started i -> "begins with " + i.records().size() + " records";
      case Input.Received i -> "takes " + message(i.message());
      case Input.Submitted i ->
          "takes request t" + i.request().timestamp() + " of client " + i.request().client();
      case Input.Fired i -> "timer fires: " + timer(i.timer());
      case Input.Computed i -> "job " + i.job() + " is done: " + name(i.result());
      case Input.Executed i -> "has executed #" + i.position();
      case Input.Snapshot i -> "snapshot: " + name(i.event());
    };
  }

  private static String name(Object what) {
    return what.getClass().getSimpleName();
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    add(() -> "R" + replica + "     " + words(effect));
  }

  private static String words(Effect effect) {
    return switch (effect) {
      case Effect.Send e -> "-> R" + e.to() + "  " + message(e.message());
      case Effect.Broadcast e -> "-> all  " + message(e.message());
      case Effect.Answer e ->
          "answers t" + e.reply().timestamp() + " of client " + e.reply().client();
      case Effect.StartTimer e ->
          "starts timer %s, %.1f ms".formatted(timer(e.timer()), e.delayNanos() / 1e6);
      case Effect.StopTimer e -> "stops timer " + timer(e.timer());
      case Effect.Persist e -> "persists " + e.records().size() + " records";
      case Effect.Compute e -> "job " + e.job() + ": " + name(e.work());
      case Effect.Trusted e -> "job " + e.job() + " of the trusted subsystem: " + name(e.call());
      case Effect.Execute e ->
          "executes #" + e.position() + ", " + e.commands().size() + " commands";
      case Effect.EndEpoch e ->
          "ends its epoch at " + e.slot() + "; epoch " + e.next().epoch() + " follows";
      case Effect.BeginAgain e -> "begins again";
      case Effect.Halt e -> "stops itself: " + e.reason();
      case Effect.Note e -> "notes " + e.event();
      default -> name(effect);
    };
  }

  @Override
  public void crashed(int replica) {
    add(() -> "R" + replica + "     crashes");
  }

  @Override
  public void wiped(int replica) {
    add(() -> "R" + replica + "     loses its disk");
  }

  @Override
  public void accepted(ClientStub client, ClientStub.Accepted answer) {
    add(
        () ->
            "client %d believes the answer to t%d by %s"
                .formatted(client.id(), answer.request().timestamp(), answer.form()));
  }
}
