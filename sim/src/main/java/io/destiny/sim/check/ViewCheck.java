package io.destiny.sim.check;

import io.destiny.core.machine.Effect;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.world.TraceListener;
import java.util.HashMap;
import java.util.Map;

/**
 * A correct replica asks for no new signature in a view that it has left, also after a crash (S14),
 * and enters no view below one that it has left or entered. What it asks its trusted subsystem is
 * looked at, not what that grants.
 */
public final class ViewCheck implements TraceListener {
  private record Place(int replica, int instance) {}

  private static final class Promise {
    /** It has left every view below. */
    long left;

    long entered;

    /** What it asked to sign: the same after a crash is nothing new. */
    final Map<Long, Digest> asked = new HashMap<>();
  }

  private final Scope scope;
  private final Scope.Count s14;
  private final Map<Place, Promise> promises = new HashMap<>();

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
    promises.forEach(
        (place, promise) -> promise.entered = place.replica == replica ? 0 : promise.entered);
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    if (!scope.correct(replica)) {
      return;
    }
    switch (effect) {
      case Effect.Trusted t when t.call().counter() == Counters.ORDER -> asked(replica, t.call());
      case Effect.Note(Effect.Event.Entered e) -> entered(replica, e);
      default -> {}
    }
  }

  private void asked(int replica, TrustedCall call) {
    Promise promise = promise(replica, call.instance());
    long view = Counters.view(call.value());
    s14.checked++;
    Digest known = promise.asked.putIfAbsent(call.value(), call.message());
    if (view < promise.left && !call.message().equals(known)) {
      throw new Violation(
          "S14",
          "R%d signs in view %d of %s after it has left for view %d"
              .formatted(replica, view, Instances.name(call.instance()), promise.left));
    }
    if (call instanceof TrustedCall.Continuing) {
      promise.left = Math.max(promise.left, view);
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
    promise.entered = Math.max(promise.entered, e.view());
  }
}
