package io.destiny.core.machine;

import java.util.List;

/**
 * A replica's protocol as a deterministic state machine: the same inputs with the same steps lead
 * to the same effects. Single-threaded. All that the simulator and the node ever drive.
 */
public interface Protocol {
  /**
   * Takes one turn. No input that a peer or client can cause makes it throw.
   *
   * @throws InvariantViolation if the replica's own code broke a rule
   */
  void on(Input input, Step step);

  /** What an operator sees; read between turns. */
  Status status();

  /** The same of each of its instances; read between turns. */
  default List<InstanceStatus> instances() {
    return List.of();
  }
}
