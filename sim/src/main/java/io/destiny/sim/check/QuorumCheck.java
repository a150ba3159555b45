package io.destiny.sim.check;

import io.destiny.core.crypto.Result;
import io.destiny.core.machine.Effect;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.Domain;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.world.TraceListener;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * A correct replica takes a slot for committed only if the trusted subsystems of a quorum have
 * signed it in one view (S3), whatever the certificate looks like.
 */
public final class QuorumCheck implements TraceListener {
  private record Place(int instance, long slot) {}

  private record Signed(long view, Digest statement) {}

  private final Scope scope;
  private final Scope.Count s3;
  private final Domain domain;

  /** Who signed what. */
  private final Map<Place, Map<Signed, BitSet>> votes = new HashMap<>();

  public QuorumCheck(Scope scope, Domain domain) {
    this.scope = scope;
    this.domain = domain;
    this.s3 = scope.count("S3");
  }

  @Override
  public void trusted(int replica, TrustedCall call, Result result) {
    if (call instanceof TrustedCall.Independent f1
        && f1.counter() == Counters.ORDER
        && result instanceof Result.Certified) {
      votes
          .computeIfAbsent(
              new Place(f1.instance(), Counters.slot(f1.value())), p -> new HashMap<>(2))
          .computeIfAbsent(
              new Signed(Counters.view(f1.value()), f1.message()), s -> new BitSet(scope.n()))
          .set(replica);
    }
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    if (effect instanceof Effect.Note(Effect.Event.Committed c) && scope.correct(replica)) {
      s3.checked++;
      if (!backed(c)) {
        throw new Violation(
            "S3",
            "R%d takes slot %d of %s for committed, which no quorum has signed"
                .formatted(replica, c.slot(), Instances.name(c.instance())));
      }
    }
  }

  private boolean backed(Effect.Event.Committed c) {
    return votes.getOrDefault(new Place(c.instance(), c.slot()), Map.of()).entrySet().stream()
        .filter(e -> e.getValue().cardinality() >= scope.quorum())
        .anyMatch(
            e ->
                domain
                    .proposal(c.instance(), e.getKey().view(), c.slot(), c.value())
                    .equals(e.getKey().statement()));
  }
}
