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
  private final Fault fault;
  private final long perMille;
  private final Injected injected;

  /**
   * @param fault its delay is the drift in per mille, negative: timers run late
   */
  DriftingClock(Protocol inner, Fault fault, Injected injected) {
    this.inner = inner;
    this.fault = fault;
    this.perMille = perMille(fault);
    this.injected = injected;
  }

  /**
   * How far the clock comes while another comes a thousand.
   *
   * @throws IllegalArgumentException if it would stand still or run backwards
   */
  static long perMille(Fault fault) {
    if (fault.delayNanos() <= -1000) {
      throw new IllegalArgumentException(
          "a clock that runs slow by %d per mille stands still".formatted(-fault.delayNanos()));
    }
    return 1000 + fault.delayNanos();
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
        injected.count(fault);
        step.emit(new Effect.StartTimer(t.timer(), t.delayNanos() * 1000 / perMille));
      } else {
        step.emit(effect);
      }
    }
  }
}
