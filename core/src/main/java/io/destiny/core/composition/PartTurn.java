package io.destiny.core.composition;

import io.destiny.core.crypto.Work;
import io.destiny.core.kit.Turn;
import io.destiny.core.machine.Effect;
import java.util.random.RandomGenerator;

/**
 * A turn as a part sees it that is not an instance.
 *
 * @param owner what the part's jobs carry, so that their answers come back to it
 */
record PartTurn(Frame frame, int owner) implements Turn {
  @Override
  public long now() {
    return frame.step().now();
  }

  @Override
  public RandomGenerator random() {
    return frame.step().random();
  }

  @Override
  public void emit(Effect effect) {
    frame.emit(effect);
  }

  @Override
  public long compute(Work work) {
    return frame.compute(owner, work);
  }
}
