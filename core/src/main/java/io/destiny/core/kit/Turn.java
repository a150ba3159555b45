package io.destiny.core.kit;

import io.destiny.core.crypto.Work;
import io.destiny.core.machine.Effect;
import java.util.random.RandomGenerator;

/** What a composer hands to a kit object for one turn. */
public interface Turn {
  long now();

  RandomGenerator random();

  void emit(Effect effect);

  /** Runs a job whose answer the composer brings back to the same object. */
  long compute(Work work);
}
