package io.destiny.core.machine;

/** Checks of what only this replica's own code can break. Always on. */
public final class Invariant {
  private Invariant() {}

  /** Throws unless {@code condition} holds. Never to be used on what a peer or client can cause. */
  public static void check(boolean condition, String rule) {
    if (!condition) {
      throw new InvariantViolation(rule);
    }
  }
}
