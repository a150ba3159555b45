package io.destiny.sim.check;

import io.destiny.core.model.Outcome;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.TraceListener;
import java.util.Arrays;
import java.util.List;

/** What a client believes is what was executed (G4, S10). */
public final class ReplyCheck implements TraceListener {
  private final ExecutionCheck execution;

  public ReplyCheck(ExecutionCheck execution) {
    this.execution = execution;
  }

  @Override
  public void accepted(ClientStub client, ClientStub.Accepted answer) {
    long timestamp = answer.request().timestamp();
    List<byte[]> results = execution.outcome(client.id(), timestamp);
    if (Outcome.isStale(answer.outcome())) {
      return; // ordered twice, and this is the answer of the second place
    }
    if (Outcome.isNotKept(answer.outcome()) && results != null) {
      return; // executed, and too long to be kept
    }
    if (results == null || !Arrays.equals(Outcome.encode(results), answer.outcome())) {
      throw new Violation(
          "reply",
          "client %x believes a result of %d that was not executed"
              .formatted(client.id(), timestamp));
    }
  }
}
