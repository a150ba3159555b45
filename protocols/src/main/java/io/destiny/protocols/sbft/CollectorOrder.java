package io.destiny.protocols.sbft;

import io.destiny.core.kit.Collectors;
import io.destiny.protocols.threephase.ThreePhaseEngine;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * C-collectors (sbft.md §2, setting {@code primary}): the primary, which saves a hop, and then R
 * others in an order that the view seeds.
 */
final class CollectorOrder {
  private final ThreePhaseEngine engine;

  /** Made when it is needed, which is rare: each replica may have N+1 instances. */
  private int @Nullable [] made;

  CollectorOrder(ThreePhaseEngine engine) {
    this.engine = engine;
  }

  /** Another view has others. */
  void entered() {
    made = null;
  }

  int first(long slot) {
    return engine.proposer();
  }

  int[] all(long slot) {
    int[] known = made;
    if (known == null) {
      int[] order =
          Collectors.order(
              engine.settings().domain(),
              engine.settings().n(),
              engine.proposer(),
              engine.instance(),
              engine.installed(),
              Collectors.Purpose.COMMIT);
      known =
          Arrays.copyOf(order, Math.min(order.length, engine.settings().tuning().collectors() + 1));
      made = known;
    }
    return known;
  }

  boolean has(long slot, int replica) {
    return Arrays.stream(all(slot)).anyMatch(c -> c == replica);
  }
}
