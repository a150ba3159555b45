package io.destiny.core.kit;

import io.destiny.core.crypto.Work;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Keeps what a kit object asks of the world. */
final class RecordingTurn implements Turn {
  final List<Effect> effects = new ArrayList<>();
  final Map<Long, Work> jobs = new LinkedHashMap<>();
  long now;
  private long lastJob;
  private final RandomGenerator random = new SplittableRandom(1);

  @Override
  public long now() {
    return now;
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  @Override
  public void emit(Effect effect) {
    effects.add(effect);
  }

  @Override
  public long compute(Work work) {
    jobs.put(++lastJob, work);
    return lastJob;
  }

  /** The last job asked for. */
  long job() {
    return lastJob;
  }

  <T extends Effect> List<T> all(Class<T> kind) {
    return effects.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  List<Message> sentTo(int replica) {
    return all(Effect.Send.class).stream()
        .filter(s -> s.to() == replica)
        .map(Effect.Send::message)
        .toList();
  }

  boolean halted() {
    return !all(Effect.Halt.class).isEmpty();
  }
}
