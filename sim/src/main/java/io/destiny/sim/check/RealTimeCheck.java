package io.destiny.sim.check;

import io.destiny.core.model.Request;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.TraceListener;
import java.util.HashMap;
import java.util.Map;

/**
 * Linearizability with the order as its witness (S9): a request that was signed after another was
 * answered takes effect after it. With one order (S5) and its results (S10) that is all it takes.
 */
public final class RealTimeCheck implements TraceListener {
  private record Call(long client, long timestamp) {}

  private final ExecutionCheck execution;
  private final Scope.Count s9;

  /** Per request not answered: the highest place answered before it was signed. */
  private final Map<Call, Long> floors = new HashMap<>();

  private long answered;

  public RealTimeCheck(Scope scope, ExecutionCheck execution) {
    this.execution = execution;
    this.s9 = scope.count("S9");
  }

  @Override
  public void issued(ClientStub client, Request request) {
    issued(request.client(), request.timestamp());
  }

  void issued(long client, long timestamp) {
    floors.putIfAbsent(new Call(client, timestamp), answered);
  }

  @Override
  public void accepted(ClientStub client, ClientStub.Accepted answer) {
    answered(client.id(), answer.request().timestamp());
  }

  void answered(long client, long timestamp) {
    Long floor = floors.remove(new Call(client, timestamp));
    ExecutionCheck.Effected effected = execution.effected(client, timestamp);
    if (floor == null || effected == null) {
      return;
    }
    s9.checked++;
    if (effected.position() < floor) {
      throw new Violation(
          "S9",
          "request %x/%d takes effect at %d, but was signed after %d was answered"
              .formatted(client, timestamp, effected.position(), floor));
    }
    answered = Math.max(answered, effected.position());
  }
}
