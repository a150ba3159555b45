package io.destiny.core.model;

/**
 * Numbers of consensus instances: 0..N-1 are the D-instances, {@link #ORDER} is the O-instance. An
 * engine alone may have further ones beside it, its pillars (hybster.md §3); the O-instance is the
 * first of them.
 */
public final class Instances {
  /** The O-instance (00-system-model §5). */
  public static final int ORDER = 0xFFFF;

  /** Most pillars. */
  public static final int MOST_PILLARS = 8;

  /** Pillar p has this number and p, but for the first one. */
  private static final int PILLARS = 0xFF00;

  private Instances() {}

  /** The number of pillar {@code p}. */
  public static int pillar(int p) {
    return p == 0 ? ORDER : PILLARS + p;
  }

  /** Which pillar an instance is that {@link #orders}. */
  public static int pillarOf(int instance) {
    return instance == ORDER ? 0 : instance - PILLARS;
  }

  /** Whether it is the O-instance or another pillar, and no D-instance. */
  public static boolean orders(int instance) {
    return instance == ORDER || (instance > PILLARS && instance < PILLARS + MOST_PILLARS);
  }

  /** {@code O}, {@code O2} for pillar 2, or {@code D3} for instance 3. */
  public static String name(int instance) {
    if (orders(instance)) {
      return instance == ORDER ? "O" : "O" + pillarOf(instance);
    }
    return "D" + instance;
  }

  /** True iff {@code instance} exists in a cluster of {@code n} replicas with so many pillars. */
  public static boolean exists(int instance, int n, int pillars) {
    return orders(instance) ? pillarOf(instance) < pillars : instance >= 0 && instance < n;
  }
}
