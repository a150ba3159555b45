package io.destiny.sim.check;

import io.destiny.core.model.Outcome;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.TraceListener;
import java.util.Arrays;

/**
 * What a client believes is what the reference executor gives where its request took effect (S10),
 * and a correct client's only request with a timestamp is never called stale unless it took effect
 * (S8).
 */
public final class ReplyCheck implements TraceListener {
  private final ExecutionCheck execution;
  private final Scope.Count s8;
  private final Scope.Count s10;

  public ReplyCheck(Scope scope, ExecutionCheck execution) {
    this.execution = execution;
    this.s8 = scope.count("S8");
    this.s10 = scope.count("S10");
  }

  @Override
  public void accepted(ClientStub client, ClientStub.Accepted answer) {
    long timestamp = answer.request().timestamp();
    ExecutionCheck.Effected effected = execution.effected(client.id(), timestamp);
    s8.checked++;
    s10.checked++;
    if (effected == null && Outcome.isStale(answer.outcome())) {
      throw new Violation(
          "S8", "request %x/%d is stale and never took effect".formatted(client.id(), timestamp));
    }
    if (effected != null
        && (Outcome.isStale(answer.outcome()) || Outcome.isNotKept(answer.outcome()))) {
      return; // ordered twice, or too long to be kept
    }
    if (effected == null || !Arrays.equals(Outcome.encode(effected.results()), answer.outcome())) {
      throw new Violation(
          "S10",
          "client %x believes a result of %d that the reference does not give"
              .formatted(client.id(), timestamp));
    }
  }
}
