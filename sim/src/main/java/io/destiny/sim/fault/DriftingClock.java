package io.destiny.sim.fault;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.Step;
import java.util.random.RandomGenerator;

/** A replica whose monotonic clock and timers run fast or slow. */
final class DriftingClock implements Protocol {
  private final Protocol inner;
  private final long perMille;
  private final Injected injected;

  /**
   * @param fault its delay is the drift in per mille, negative: timers run late
   */
  DriftingClock(Protocol inner, Fault fault, Injected injected) {
    this.inner = inner;
    this.perMille = 1000 + fault.delayNanos();
    this.injected = injected;
  }

  @Override
  public void on(Input input, Step step) {
    inner.on(input, new Drifting(step));
  }

  @Override
  public Status status() {
    return inner.status();
  }

  private final class Drifting implements Step {
    private final Step step;

    Drifting(Step step) {
      this.step = step;
    }

    @Override
    public long now() {
      return step.now() / 1000 * perMille;
    }

    @Override
    public long wallMillis() {
      return step.wallMillis();
    }

    @Override
    public RandomGenerator random() {
      return step.random();
    }

    @Override
    public void emit(Effect effect) {
      if (effect instanceof Effect.StartTimer t) {
        injected.count(Fault.Kind.CLOCK_DRIFT.word());
        step.emit(new Effect.StartTimer(t.timer(), t.delayNanos() * 1000 / perMille));
      } else {
        step.emit(effect);
      }
    }
  }
}
