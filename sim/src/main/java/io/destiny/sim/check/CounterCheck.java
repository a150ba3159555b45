package io.destiny.sim.check;

import io.destiny.core.crypto.Result;
import io.destiny.core.model.Digest;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.world.TraceListener;
import java.util.HashMap;
import java.util.Map;

/**
 * A trusted counter's value binds at most one message (S12, T1, T4), and new values never fall
 * (T2). It keeps its own record and does not ask the subsystem.
 *
 * <p>A continuing certificate (F4) says where its counter stood: at the highest value signed
 * before, so that the ranges of successive ones neither overlap nor hide anything (T3). A correct
 * replica knows that place: it is never refused one.
 */
public final class CounterCheck implements TraceListener {
  private record Counter(int replica, int instance, int counter) {}

  private record Value(Counter counter, long value) {}

  private final Scope scope;
  private final Scope.Count s12;
  private final Map<Value, Digest> messages = new HashMap<>();
  private final Map<Counter, Long> highest = new HashMap<>();

  public CounterCheck(Scope scope) {
    this.scope = scope;
    this.s12 = scope.count("S12");
  }

  @Override
  public void trusted(int replica, TrustedCall call, Result result) {
    // Also of Byzantine hosts: the subsystem itself is trusted.
    s12.checked++;
    boolean advances =
        switch (call) {
          case TrustedCall.Independent f1 -> result instanceof Result.Certified;
          case TrustedCall.Continuing f4 ->
              result instanceof Result.Continued && f4.value() > f4.expected();
        };
    if (!advances) {
      if (call instanceof TrustedCall.Continuing f4
          && result instanceof Result.Refused(Result.Refusal reason, long current)
          && reason == Result.Refusal.COUNTER
          && scope.correct(replica)) {
        throw new Violation(
            "S12", "R%d asks for %s, but the counter stands at %d".formatted(replica, f4, current));
      }
      return;
    }
    Counter counter = new Counter(replica, call.instance(), call.counter());
    Digest known = messages.putIfAbsent(new Value(counter, call.value()), call.message());
    if (known != null && !known.equals(call.message())) {
      throw new Violation("S12", "%s signs two messages at %d".formatted(counter, call.value()));
    }
    long before = highest.getOrDefault(counter, 0L);
    if (known == null && call.value() <= before) {
      throw new Violation("S12", "%s falls from %d to %d".formatted(counter, before, call.value()));
    }
    if (known == null && call instanceof TrustedCall.Continuing f4 && f4.expected() != before) {
      throw new Violation(
          "S12",
          "%s certifies to have stood at %d, not at %d".formatted(counter, f4.expected(), before));
    }
    highest.put(counter, Math.max(before, call.value()));
  }
}
