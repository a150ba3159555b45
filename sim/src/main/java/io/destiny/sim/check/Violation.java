package io.destiny.sim.check;

/** A run broke what must always hold. */
public final class Violation extends RuntimeException {
  private final String rule;

  /**
   * @param rule the short name of what was broken, such as {@code agreement}
   */
  public Violation(String rule, String what) {
    super(rule + ": " + what);
    this.rule = rule;
  }

  public String rule() {
    return rule;
  }
}
