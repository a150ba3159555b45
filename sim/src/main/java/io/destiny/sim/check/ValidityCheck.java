package io.destiny.sim.check;

import io.destiny.core.machine.Effect;
import io.destiny.core.model.Command;
import io.destiny.core.model.Request;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.TraceListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Every command that is applied was signed by its client, unchanged and as a whole group (S6). */
public final class ValidityCheck implements TraceListener {
  private record Call(long client, long timestamp) {}

  private final Scope scope;
  private final Scope.Count s6;

  /** A client that lies may sign several requests with one timestamp. */
  private final Map<Call, List<Request>> issued = new HashMap<>();

  private final Map<Long, List<Command>> judged = new HashMap<>();

  public ValidityCheck(Scope scope) {
    this.scope = scope;
    this.s6 = scope.count("S6");
  }

  @Override
  public void issued(ClientStub client, Request request) {
    issued(request);
  }

  void issued(Request request) {
    issued
        .computeIfAbsent(new Call(request.client(), request.timestamp()), k -> new ArrayList<>(1))
        .add(request);
  }

  @Override
  public void released(int replica, long number, Effect effect) {
    if (effect instanceof Effect.Execute e
        && scope.correct(replica)
        && judged.putIfAbsent(e.position(), e.commands()) == null) {
      int i = 0;
      while (i < e.commands().size()) {
        i += group(replica, e.commands(), i);
      }
    }
  }

  /** Judges the request that begins at command {@code from}; how many commands it has. */
  private int group(int replica, List<Command> commands, int from) {
    Command first = commands.get(from);
    s6.checked++;
    for (Request r : issued.getOrDefault(new Call(first.client(), first.timestamp()), List.of())) {
      if (matches(r, commands, from)) {
        return r.commands().size();
      }
    }
    throw new Violation(
        "S6",
        "R%d applies %x/%d, which its client did not sign"
            .formatted(replica, first.client(), first.timestamp()));
  }

  private static boolean matches(Request r, List<Command> commands, int from) {
    if (from + r.commands().size() > commands.size()) {
      return false;
    }
    for (int i = 0; i < r.commands().size(); i++) {
      Command c = commands.get(from + i);
      if (c.client() != r.client()
          || c.timestamp() != r.timestamp()
          || !Arrays.equals(c.operation(), r.commands().get(i))) {
        return false;
      }
    }
    return true;
  }
}
