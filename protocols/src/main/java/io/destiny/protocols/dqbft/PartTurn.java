package io.destiny.protocols.dqbft;

import io.destiny.core.crypto.Work;
import io.destiny.core.kit.Turn;
import io.destiny.core.machine.Effect;
import java.util.random.RandomGenerator;

/**
 * A turn as a part sees it that is not an instance.
 *
 * @param owner what the part's jobs carry, so that their answers come back to it
 */
record PartTurn(Dqbft dqbft, int owner) implements Turn {
  @Override
  public long now() {
    return dqbft.step().now();
  }

  @Override
  public RandomGenerator random() {
    return dqbft.step().random();
  }

  @Override
  public void emit(Effect effect) {
    dqbft.step().emit(effect);
  }

  @Override
  public long compute(Work work) {
    return dqbft.compute(owner, work);
  }
}
