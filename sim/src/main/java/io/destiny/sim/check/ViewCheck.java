package io.destiny.sim.check;

import io.destiny.core.crypto.Result;
import io.destiny.core.machine.Effect;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.TraceListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A correct replica asks for no new signature in a view that it has left, also after a crash (S14),
 * and enters no view below one that it has left or entered: what it asks its trusted subsystem is
 * looked at, not what that grants. No new view conceals what was committed before it (S13,
 * hybster.md §5.3): its checkpoint or its re-proposals reach that far. After GST an instance whose
 * leaders have no owner changes its view f+1 times at most (L2).
 */
public final class ViewCheck implements TraceListener {
  /** What one replica is held to. */
  private static final class Held {
    final Map<Integer, Promise> promises = new HashMap<>();

    /** Those that the next syncs may bind it to. */
    final List<Promise> pending = new ArrayList<>();

    /** Its last record that others wait for, and up to where it is durable. */
    long written;

    long synced;

    Promise promise(int instance) {
      return promises.computeIfAbsent(instance, i -> new Promise());
    }

    void settle() {
      for (Promise promise : pending) {
        promise.settle(synced);
      }
      pending.removeIf(Promise::settled);
    }

    void settle(Promise promise) {
      promise.settle(synced);
      if (!promise.settled()) {
        pending.add(promise);
      }
    }
  }

  private static final class Promise {
    /**
     * It has left every view below: it asked to, and a crash undoes that unless the record of it is
     * on the disk or its counter has moved.
     */
    long left;

    long bound;

    /** The record that what it asked last rests on. */
    long leftBarrier;

    /** The view that it entered last, and the one of which its log knows. */
    long entered;

    long durable;

    /** The record that the entry rests on: without it nothing has left, and a crash undoes it. */
    long barrier;

    /** What it asked to sign at which value: the same may be asked for again. */
    final Map<Long, Digest> asked = new HashMap<>();

    void settle(long synced) {
      durable = barrier <= synced ? entered : durable;
      bound = leftBarrier <= synced ? left : bound;
    }

    boolean settled() {
      return durable == entered && bound == left;
    }
  }

  private final Scope scope;
  private final Scope.Count s14;
  private final Scope.Count s13;
  private final Scope.Count l2;
  private final Map<Integer, Held> replicas = new HashMap<>();

  /** Per instance: the highest slot that a correct replica saw committed. */
  private final Map<Integer, Long> committed = new HashMap<>();

  /** Per instance: the highest view that a correct replica entered, and that one's at GST. */
  private final Map<Integer, Long> newest = new HashMap<>();

  /** The highest view of O, or another pillar, that a correct replica left another one for. */
  private long orderLeftFor;

  /** The highest one that a correct replica entered. */
  private long orderNewest;

  private long orderViewAtGst = -1;
  private int orderViews;

  public ViewCheck(Scope scope) {
    this.scope = scope;
    this.s14 = scope.count("S14");
    this.s13 = scope.count("S13");
    this.l2 = scope.count("L2");
  }

  /**
   * Faults are over: from now on views change for a reason only. A view change that is under way
   * has its reason from before.
   */
  void gst() {
    orderViewAtGst = Math.max(orderLeftFor, orderNewest);
    l2.checked++;
  }

  private Held held(int replica) {
    return replicas.computeIfAbsent(replica, r -> new Held());
  }

  /** Which views it entered was on the disk; what it signed in binds it still. */
  @Override
  public void wiped(int replica) {
    for (Promise promise : held(replica).promises.values()) {
      promise.entered = 0;
      promise.durable = 0;
    }
  }

  @Override
  public void crashed(int replica) {
    Held held = held(replica);
    for (Promise promise : held.promises.values()) {
      promise.entered = promise.durable;
      promise.left = promise.bound;
    }
    held.pending.clear();
  }

  @Override
  public void synced(int replica, long upTo) {
    Held held = held(replica);
    held.synced = upTo;
    held.settle();
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    if (!scope.correct(replica)) {
      return;
    }
    switch (effect) {
      case Effect.Trusted t when t.call().counter() == Counters.ORDER -> asked(replica, t.call());
      case Effect.Persist p when !p.lazily() -> held(replica).written = number;
      case Effect.Note(Effect.Event.Entered e) -> entered(replica, e);
      case Effect.Note(Effect.Event.Committed c) ->
          committed.merge(c.instance(), c.slot(), Math::max);
      default -> {}
    }
  }

  /** Without trusted counters a view is left when the VIEW-CHANGE is sent. */
  @Override
  public void sent(int from, int to, Frame frame) {
    if (!scope.hybrid() && scope.correct(from) && frame.name().equals("O.ViewChange")) {
      orderLeftFor = Math.max(orderLeftFor, frame.view());
    }
  }

  private void asked(int replica, TrustedCall call) {
    Held held = held(replica);
    Promise promise = held.promise(call.instance());
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
      promise.leftBarrier = held.written;
      held.settle(promise);
      if (Instances.orders(call.instance())) {
        orderLeftFor = Math.max(orderLeftFor, view);
      }
    }
  }

  /** What its counter was moved for it cannot take back. */
  @Override
  public void trusted(int replica, TrustedCall call, Result result) {
    if (scope.correct(replica)
        && call instanceof TrustedCall.Continuing
        && call.counter() == Counters.ORDER
        && result instanceof Result.Continued) {
      Promise promise = held(replica).promise(call.instance());
      promise.bound = Math.max(promise.bound, Counters.view(call.value()));
      promise.left = Math.max(promise.left, promise.bound);
    }
  }

  private void entered(int replica, Effect.Event.Entered e) {
    Held held = held(replica);
    Promise promise = held.promise(e.instance());
    s14.checked++;
    if (e.view() < promise.entered) {
      throw new Violation(
          "S14",
          "R%d enters view %d of %s after view %d"
              .formatted(replica, e.view(), Instances.name(e.instance()), promise.entered));
    }
    promise.entered = e.view();
    promise.barrier = held.written;
    held.settle(promise);
    if (e.view() > newest.getOrDefault(e.instance(), 0L)) {
      newest.put(e.instance(), e.view());
      first(replica, e);
    }
  }

  /**
   * The first correct replica enters a view that is above all others: nothing of it is committed.
   */
  private void first(int replica, Effect.Event.Entered e) {
    s13.checked++;
    long slot = committed.getOrDefault(e.instance(), 0L);
    if (slot > Math.max(e.base(), e.max())) {
      throw new Violation(
          "S13",
          "R%d enters view %d of %s, which ends at slot %d, and slot %d was committed"
              .formatted(replica, e.view(), Instances.name(e.instance()), e.max(), slot));
    }
    if (!Instances.orders(e.instance()) || e.view() <= orderNewest) {
      return;
    }
    // All pillars go there: the view is one.
    orderNewest = e.view();
    if (orderViewAtGst >= 0 && e.view() > orderViewAtGst) {
      l2.checked++;
      if (++orderViews > scope.f() + 1) {
        throw new Violation(
            "L2",
            "view %d of O is the %dth since GST, where it was %d"
                .formatted(e.view(), orderViews, orderViewAtGst));
      }
    }
  }
}
