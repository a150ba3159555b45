package io.destiny.core.machine;

/**
 * This replica's own code broke a rule: the simulator fails the seed, the node stops the replica.
 */
public final class InvariantViolation extends RuntimeException {

  public InvariantViolation(String rule) {
    super(rule);
  }
}
