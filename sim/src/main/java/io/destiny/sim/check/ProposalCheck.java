package io.destiny.sim.check;

import io.destiny.core.crypto.Result;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.world.TraceListener;
import java.util.HashMap;
import java.util.Map;

/**
 * A correct replica votes only for what the view's leader proposed (S3): the leader's trusted
 * subsystem signed the very statement before (linear-hybster.md §1: a Prepare is its leader's
 * share).
 */
public final class ProposalCheck implements TraceListener {
  private record Place(int replica, int instance, long value) {}

  private final Scope scope;
  private final Scope.Count s3;
  private final int orderPrimary;
  private final Map<Place, Digest> signed = new HashMap<>();

  /**
   * @param orderPrimary leads the O-instance in view 0, and every other pillar
   */
  public ProposalCheck(Scope scope, int orderPrimary) {
    this.scope = scope;
    this.s3 = scope.count("S3");
    this.orderPrimary = orderPrimary;
  }

  /** leader(v) of an instance, worked out once more. */
  private int leader(int instance, long view) {
    long offset = Instances.orders(instance) ? orderPrimary : instance;
    return (int) ((offset + view) % scope.n());
  }

  @Override
  public void trusted(int replica, TrustedCall call, Result result) {
    if (!(call instanceof TrustedCall.Independent f1)
        || f1.counter() != Counters.ORDER
        || !(result instanceof Result.Certified)) {
      return;
    }
    int leader = leader(f1.instance(), Counters.view(f1.value()));
    if (replica == leader) {
      signed.put(new Place(leader, f1.instance(), f1.value()), f1.message());
      return;
    }
    if (!scope.correct(replica)) {
      return;
    }
    s3.checked++;
    Digest proposed = signed.get(new Place(leader, f1.instance(), f1.value()));
    if (!f1.message().equals(proposed)) {
      throw new Violation(
          "S3",
          "R%d votes in slot %d of %s for what R%d, its leader, did not propose"
              .formatted(
                  replica, Counters.slot(f1.value()), Instances.name(f1.instance()), leader));
    }
  }
}
