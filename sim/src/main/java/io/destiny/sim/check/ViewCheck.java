package io.destiny.sim.check;

import io.destiny.core.machine.Effect;
import io.destiny.core.model.Instances;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.world.TraceListener;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A correct replica asks for no new signature in a view that it has left, also after a crash (S14),
 * and enters no view below one that it has left or entered; an entry counts after a crash if it was
 * durable before, since nothing leaves earlier. What it asks its trusted subsystem is looked at,
 * not what that grants.
 */
public final class ViewCheck implements TraceListener {
  private record Place(int replica, int instance) {}

  private static final class Promise {
    /** It has left every view below. */
    long left;

    /** The view that it entered last, and the one of which its log knows. */
    long entered;

    long durable;

    /** The record that the entry rests on. */
    long barrier;

    /** The highest value that it asked to sign: what is not above is asked for once more. */
    long asked;
  }

  private final Scope scope;
  private final Scope.Count s14;
  private final Map<Place, Promise> promises = new HashMap<>();

  /** Per replica: its last record that others wait for, and up to where it is durable. */
  private final Map<Integer, Long> written = new HashMap<>();

  private final Map<Integer, Long> synced = new HashMap<>();

  public ViewCheck(Scope scope) {
    this.scope = scope;
    this.s14 = scope.count("S14");
  }

  private Promise promise(int replica, int instance) {
    return promises.computeIfAbsent(new Place(replica, instance), p -> new Promise());
  }

  /** Which views it entered was on the disk; what it signed in binds it still. */
  @Override
  public void wiped(int replica) {
    each(
        replica,
        promise -> {
          promise.entered = 0;
          promise.durable = 0;
        });
  }

  @Override
  public void crashed(int replica) {
    each(replica, promise -> promise.entered = promise.durable);
  }

  @Override
  public void synced(int replica, long upTo) {
    synced.put(replica, upTo);
    each(
        replica,
        promise -> promise.durable = promise.barrier <= upTo ? promise.entered : promise.durable);
  }

  private void each(int replica, Consumer<Promise> action) {
    promises.forEach(
        (place, promise) -> {
          if (place.replica == replica) {
            action.accept(promise);
          }
        });
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    if (!scope.correct(replica)) {
      return;
    }
    switch (effect) {
      case Effect.Trusted t when t.call().counter() == Counters.ORDER -> asked(replica, t.call());
      case Effect.Persist p when !p.lazily() -> written.put(replica, number);
      case Effect.Note(Effect.Event.Entered e) -> entered(replica, e);
      default -> {}
    }
  }

  private void asked(int replica, TrustedCall call) {
    Promise promise = promise(replica, call.instance());
    long view = Counters.view(call.value());
    s14.checked++;
    if (view < promise.left && call.value() > promise.asked) {
      throw new Violation(
          "S14",
          "R%d signs in view %d of %s after it has left for view %d"
              .formatted(replica, view, Instances.name(call.instance()), promise.left));
    }
    if (call instanceof TrustedCall.Continuing) {
      promise.left = Math.max(promise.left, view);
    } else {
      promise.asked = Math.max(promise.asked, call.value());
    }
  }

  private void entered(int replica, Effect.Event.Entered e) {
    Promise promise = promise(replica, e.instance());
    s14.checked++;
    if (e.view() < promise.entered) {
      throw new Violation(
          "S14",
          "R%d enters view %d of %s after view %d"
              .formatted(replica, e.view(), Instances.name(e.instance()), promise.entered));
    }
    promise.entered = e.view();
    promise.barrier = written.getOrDefault(replica, 0L);
    if (promise.barrier <= synced.getOrDefault(replica, 0L)) {
      promise.durable = e.view();
    }
  }
}
