package io.destiny.core.model;

/** Numbers of consensus instances: 0..N-1 are the D-instances, {@link #ORDER} is the O-instance. */
public final class Instances {
  /** The O-instance (00-system-model §5). */
  public static final int ORDER = 0xFFFF;

  private Instances() {}

  /** {@code O}, or {@code D3} for instance 3. */
  public static String name(int instance) {
    return instance == ORDER ? "O" : "D" + instance;
  }

  /** True iff {@code instance} exists in a cluster of {@code n} replicas. */
  public static boolean exists(int instance, int n) {
    return instance == ORDER || (instance >= 0 && instance < n);
  }
}
