package io.destiny.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.model.Instances;
import io.destiny.sim.world.World;
import java.util.List;

/** What can be seen of a simulated world that stands still: each replica, and what came last. */
final class Inspection {
  private final World world;
  private final TraceTail tail;

  /**
   * @param world before it starts
   */
  Inspection(World world, int lines) {
    this.world = world;
    this.tail = new TraceTail(world, lines);
    world.listen(tail);
  }

  private List<String> timers(int replica) {
    return world.timers(replica).stream().map(Inspection::timer).toList();
  }

  private static String timer(TimerKey key) {
    return key.kind() + " of " + Instances.name(key.instance()) + " for " + key.subject();
  }

  private String state(int replica) {
    String halted = world.halted(replica);
    if (halted != null) {
      return "stopped itself: " + halted;
    }
    return world.up(replica) ? "up" : "down";
  }

  void say(Output output) {
    output.say("stopped at %.6f simulated s".formatted(world.now() / 1e9));
    for (int i = 0; i < world.options().rule().n(); i++) {
      output.say(
          "R%d is %s; log %d records, %d snapshots"
              .formatted(i, state(i), world.logSize(i), world.snapshots(i)));
      if (world.up(i)) {
        Status s = world.status(i);
        output.say(
            "  views %s; executed %d, %d commands; checkpoint %d; %d requests, %d slots held%s"
                .formatted(
                    s.views(),
                    s.executed(),
                    s.commands(),
                    s.checkpoint(),
                    s.pending(),
                    s.slots(),
                    s.catchingUp() ? "; transferring state" : ""));
        output.say("  timers: " + String.join(", ", timers(i)));
      }
    }
    output.say("what came last:");
    tail.lines().forEach(line -> output.say("  " + line));
  }

  void report(ObjectNode report) {
    ArrayNode states = report.putArray("inspection");
    for (int i = 0; i < world.options().rule().n(); i++) {
      ObjectNode node = states.addObject().put("replica", i).put("state", state(i));
      node.put("logRecords", world.logSize(i)).put("snapshots", world.snapshots(i));
      ArrayNode running = node.putArray("timers");
      timers(i).forEach(running::add);
      if (world.up(i)) {
        Status s = world.status(i);
        s.views().forEach(node.putObject("view")::put);
        node.put("executed", s.executed())
            .put("commands", s.commands())
            .put("checkpoint", s.checkpoint())
            .put("stateDigest", s.stateDigest().toHex())
            .put("pending", s.pending())
            .put("slots", s.slots())
            .put("catchingUp", s.catchingUp());
      }
    }
    ArrayNode trace = report.putArray("trace");
    tail.lines().forEach(trace::add);
  }
}
