package io.destiny.protocols.dqbft;

import io.destiny.core.engine.EngineFactory;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Step;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Command;
import io.destiny.core.model.Instances;
import io.destiny.core.model.ReplyRule;
import java.util.ArrayDeque;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Drives a replica that is alone in the world: what it wants to execute is executed, what it would
 * say, sign or write is not. So the order is carried out by the code that does it in a live run.
 */
final class Replay implements Step {
  /** What executes. */
  @FunctionalInterface
  interface Executor {
    List<byte[]> apply(long position, long timeMillis, List<Command> commands);
  }

  /** Means nothing to a replica that proposes nothing, but is a turn. */
  private static final TimerKey TURN = new TimerKey(Instances.ORDER, TimerKind.ORDER_BATCH, 0);

  private final Dqbft replica;
  private final Executor executor;
  private final ArrayDeque<Effect.Execute> waiting = new ArrayDeque<>();
  private Effect.@Nullable TakeSnapshot last;

  Replay(Settings settings, EngineFactory engines, Executor executor) {
    this.replica = new Dqbft(settings, ReplyRule.AGGREGATED, engines);
    this.executor = executor;
  }

  /** Goes on from a checkpoint, null for the beginning, until nothing follows. */
  void run(Input.@Nullable SavedCheckpoint base) {
    replica.on(new Input.Started(List.of(), (instance, counter) -> -1, base, List.of()), this);
    long lists;
    do {
      lists = replica.order().next();
      while (!waiting.isEmpty()) {
        Effect.Execute e = waiting.remove();
        List<byte[]> results = executor.apply(e.position(), e.timeMillis(), e.commands());
        replica.on(new Input.Executed(e.position(), results), this);
      }
      // A turn carries out so much, up to the next checkpoint or the one after it.
      replica.on(new Input.Fired(TURN), this);
    } while (!waiting.isEmpty() || replica.order().next() > lists);
  }

  GlobalOrder order() {
    return replica.order();
  }

  /** The last snapshot that was asked for; null if none was. */
  Effect.@Nullable TakeSnapshot snapshot() {
    return last;
  }

  @Override
  public void emit(Effect effect) {
    if (effect instanceof Effect.Execute e) {
      waiting.add(e);
    } else if (effect instanceof Effect.TakeSnapshot s) {
      last = s;
    }
  }

  @Override
  public long now() {
    return 0;
  }

  @Override
  public long wallMillis() {
    return 0;
  }

  /** Chance decides whom a replica talks to, and this one talks to nobody. */
  @Override
  public RandomGenerator random() {
    return () -> 0;
  }
}
