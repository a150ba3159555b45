package io.destiny.node.loop;

import io.destiny.core.crypto.Result;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.trusted.ThreshSign;
import io.destiny.core.trusted.TrustedCall;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;

/**
 * Calls the trusted subsystem, in order: one call into it carries all that waits. That keeps every
 * (instance, counter) lane first-in first-out.
 */
final class TrustedLane {
  private final ThreshSign trusted;
  private final Inbox inbox;
  private final Failure failure;
  private final ExecutorService executor;

  // guarded by this
  private List<Effect.Trusted> waiting = new ArrayList<>();

  TrustedLane(ThreshSign trusted, Inbox inbox, ThreadStarter threads) {
    this.trusted = trusted;
    this.inbox = inbox;
    this.failure = threads.failure();
    this.executor = threads.lane("trusted");
  }

  synchronized void submit(Effect.Trusted call) {
    waiting.add(call);
    if (waiting.size() == 1) {
      executor.execute(failure.guard(this::callAll));
    }
  }

  private synchronized List<Effect.Trusted> takeAll() {
    List<Effect.Trusted> taken = waiting;
    waiting = new ArrayList<>();
    return taken;
  }

  private void callAll() {
    List<Effect.Trusted> batch = takeAll();
    List<TrustedCall> calls = batch.stream().map(Effect.Trusted::call).toList();
    List<Result> results = trusted.call(calls);
    if (results.size() != batch.size()) {
      throw new IllegalStateException(
          "the trusted subsystem gave %d answers to %d calls"
              .formatted(results.size(), batch.size()));
    }
    for (int i = 0; i < results.size(); i++) {
      inbox.own(new Input.Computed(batch.get(i).job(), results.get(i)));
    }
  }

  void close() {
    ThreadStarter.close(executor);
  }
}
