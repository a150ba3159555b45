package io.destiny.core.kit;

import io.destiny.core.machine.Settings;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Who collects the votes of one instance (linear-hybster.md §2; sbft.md §2, setting {@code
 * primary}): the leader of the view, which saves a hop, and then R others in an order that the view
 * seeds.
 */
public final class CollectorOrder {
  private final Settings settings;
  private final int instance;

  /** Made when it is needed, which is rare: each replica has N+1 instances. */
  private int @Nullable [] made;

  private long madeFor;

  public CollectorOrder(Settings settings, int instance) {
    this.settings = settings;
    this.instance = instance;
  }

  /** Those of a view, its leader first. */
  public int[] of(long view, int leader) {
    int[] known = made;
    if (known == null || madeFor != view) {
      int[] order =
          Collectors.order(
              settings.domain(), settings.n(), leader, instance, view, Collectors.Purpose.COMMIT);
      known = Arrays.copyOf(order, Math.min(order.length, settings.tuning().collectors() + 1));
      made = known;
      madeFor = view;
    }
    return known;
  }

  /** Whether a replica is one of them. */
  public boolean has(long view, int leader, int replica) {
    for (int c : of(view, leader)) {
      if (c == replica) {
        return true;
      }
    }
    return false;
  }
}
