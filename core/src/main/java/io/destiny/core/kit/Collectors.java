package io.destiny.core.kit;

import io.destiny.core.model.Digest;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.StatementKind;

/**
 * Who collects, in which order (linear-hybster.md §2): a first replica, then a permutation of the
 * others seeded by H(epoch, instance, number, purpose).
 */
public final class Collectors {
  private Collectors() {}

  /** What is collected. */
  public enum Purpose {
    /** "C": commit shares; seeded by the view. */
    COMMIT(1),
    /** "E": execution shares; seeded by the slot. */
    EXECUTION(2),
    /** Checkpoint shares; seeded by the O-slot. */
    CHECKPOINT(3);

    private final int code;

    Purpose(int code) {
      this.code = code;
    }
  }

  /** {@code first} and then all other replicas in their seeded order. */
  public static int[] order(
      Domain domain, int n, int first, int instance, long number, Purpose purpose) {
    return order(domain, n, first, instance, 0, number, purpose);
  }

  /** The same where the view seeds the order too. */
  public static int[] order(
      Domain domain, int n, int first, int instance, long view, long number, Purpose purpose) {
    Digest seed =
        Digest.of(
            domain
                .begin(StatementKind.COLLECTORS, instance, view, number)
                .u8(purpose.code)
                .toBytes());
    int[] order = new int[n];
    order[0] = first;
    int at = 1;
    for (int i = 0; i < n; i++) {
      if (i != first) {
        order[at++] = i;
      }
    }
    // Fisher-Yates over positions 1..n-1, driven by SplitMix64 from the seed.
    long state = seed.prefix();
    for (int i = n - 1; i > 1; i--) {
      state += 0x9E3779B97F4A7C15L;
      int j = 1 + (int) Long.remainderUnsigned(mix(state), i);
      int swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
    return order;
  }

  private static long mix(long z) {
    long y = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    y = (y ^ (y >>> 27)) * 0x94D049BB133111EBL;
    return y ^ (y >>> 31);
  }
}
