package io.destiny.sim.fault;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.Step;
import java.util.random.RandomGenerator;

/** A replica whose replies to clients pass through a liar. */
record ToldReplies(Protocol inner, Tampering liar) implements Protocol {
  @Override
  public void on(Input input, Step step) {
    inner.on(input, new Telling(step, liar));
  }

  @Override
  public Status status() {
    return inner.status();
  }

  private record Telling(Step step, Tampering liar) implements Step {
    @Override
    public long now() {
      return step.now();
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
      if (effect instanceof Effect.Answer a) {
        liar.answer(a.reply()).forEach(told -> step.emit(new Effect.Answer(told)));
      } else {
        step.emit(effect);
      }
    }
  }
}
