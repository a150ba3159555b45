package io.destiny.core.kit;

import io.destiny.core.machine.Settings;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Who collects the votes of one instance. By view (linear-hybster.md §2; sbft.md §2, setting {@code
 * primary}): the leader, which saves a hop, and then R others in an order that the view seeds. By
 * slot (sbft.md §2, setting {@code permuted}): R+1 others in an order that view and slot seed, and
 * the leader as the last resort.
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

  /** Those of a slot, which are those of its view unless the setting is {@code permuted}. */
  public int[] of(long view, long slot, int leader) {
    if (!settings.tuning().permuted()) {
      return of(view, leader);
    }
    int[] order =
        Collectors.order(
            settings.domain(),
            settings.n(),
            leader,
            instance,
            view,
            slot,
            Collectors.Purpose.COMMIT);
    int others = Math.min(order.length - 1, settings.tuning().collectors() + 1);
    int[] collectors = Arrays.copyOfRange(order, 1, others + 2);
    collectors[others] = leader;
    return collectors;
  }

  /** Whether a replica is one of those of a slot. */
  public boolean has(long view, long slot, int leader, int replica) {
    return among(of(view, slot, leader), replica);
  }

  /** Whether a replica is one of those of a view. */
  public boolean has(long view, int leader, int replica) {
    return among(of(view, leader), replica);
  }

  private static boolean among(int[] collectors, int replica) {
    return Arrays.stream(collectors).anyMatch(c -> c == replica);
  }
}
