package io.destiny.sim.check;

import io.destiny.core.machine.Effect;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.TraceListener;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What a client believes is what the reference executor gives where its request took effect (S10);
 * every reply of a correct replica to a request that took effect, also to one that came again, says
 * what the first one said (S7); and a correct client's only request with a timestamp is never
 * called stale unless it took effect (S8).
 */
public final class ReplyCheck implements TraceListener {
  /** Longer results are not kept for those who ask again (00-system-model §6). */
  private static final int MOST_KEPT = 16 << 10;

  private record Call(long client, long timestamp) {}

  private final Scope scope;
  private final ExecutionCheck execution;
  private final Scope.Count s7;
  private final Scope.Count s8;
  private final Scope.Count s10;
  private final Map<Call, Digest> issued = new HashMap<>();

  /** A client that lies may sign several requests with one timestamp. */
  private final Set<Call> ambiguous = new HashSet<>();

  public ReplyCheck(Scope scope, ExecutionCheck execution) {
    this.scope = scope;
    this.execution = execution;
    this.s7 = scope.count("S7");
    this.s8 = scope.count("S8");
    this.s10 = scope.count("S10");
  }

  @Override
  public void issued(ClientStub client, Request request) {
    Call call = new Call(request.client(), request.timestamp());
    Digest known = issued.putIfAbsent(call, request.digest());
    if (known != null && !known.equals(request.digest())) {
      ambiguous.add(call);
    }
  }

  @Override
  public void released(int replica, long number, Effect effect) {
    if (effect instanceof Effect.Answer(Reply reply) && scope.correct(replica)) {
      answered(replica, reply.client(), reply.timestamp(), reply.result());
    }
  }

  void answered(int replica, long client, long timestamp, byte[] outcome) {
    ExecutionCheck.Effected effected = execution.effected(client, timestamp);
    if (effected == null || ambiguous.contains(new Call(client, timestamp))) {
      return;
    }
    s7.checked++;
    boolean excused =
        (Told.stale(outcome) && execution.last(client) > timestamp)
            || (Told.notKept(outcome) && length(effected) > MOST_KEPT);
    if (!excused && !Told.is(outcome, effected.results())) {
      throw new Violation(
          "S7", "R%d answers %x/%d otherwise than at first".formatted(replica, client, timestamp));
    }
  }

  private static long length(ExecutionCheck.Effected effected) {
    long length = 3;
    for (byte[] result : effected.results()) {
      length += 4 + result.length;
    }
    return length;
  }

  @Override
  public void accepted(ClientStub client, ClientStub.Accepted answer) {
    if (client.administers()) {
      return; // RECONFIG is the order's own; what it brings about is looked at by itself
    }
    long timestamp = answer.request().timestamp();
    ExecutionCheck.Effected effected = execution.effected(client.id(), timestamp);
    s8.checked++;
    s10.checked++;
    if (effected == null && Told.stale(answer.outcome())) {
      throw new Violation(
          "S8", "request %x/%d is stale and never took effect".formatted(client.id(), timestamp));
    }
    if (effected != null && (Told.stale(answer.outcome()) || Told.notKept(answer.outcome()))) {
      return; // ordered twice, or too long to be kept
    }
    if (effected == null || !Told.is(answer.outcome(), effected.results())) {
      throw new Violation(
          "S10",
          "client %x believes a result of %d that the reference does not give"
              .formatted(client.id(), timestamp));
    }
  }
}
