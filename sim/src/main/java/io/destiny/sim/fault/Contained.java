package io.destiny.sim.fault;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.Step;

/**
 * A replica that lies behind its own code's back may break that code's invariants: then it stops,
 * which is its own fault and no finding.
 */
final class Contained implements Protocol {
  private final Protocol inner;

  Contained(Protocol inner) {
    this.inner = inner;
  }

  @Override
  public void on(Input input, Step step) {
    try {
      inner.on(input, step);
    } catch (RuntimeException e) {
      step.emit(new Effect.Halt("a Byzantine replica tripped over its own lies: " + e));
    }
  }

  @Override
  public Status status() {
    return inner.status();
  }
}
