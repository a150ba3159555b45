package io.destiny.core.kit;

import io.destiny.core.crypto.Work;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import java.util.random.RandomGenerator;

/** What a composer hands to a kit object for one turn. */
public interface Turn {
  long now();

  RandomGenerator random();

  void emit(Effect effect);

  /** Runs a job whose answer the composer brings back to the same object. */
  long compute(Work work);

  /** A message of {@code from} is refused; {@code kind} is what it was. */
  default void drop(DropReason reason, int from, String kind) {
    emit(new Effect.Note(new Effect.Event.Dropped(reason, from, kind)));
  }
}
