package io.destiny.protocols.single;

import io.destiny.core.composition.Backlog;
import io.destiny.core.composition.Batcher;
import io.destiny.core.composition.Intake;
import io.destiny.core.crypto.Result;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.kit.ClientTable;
import io.destiny.core.kit.KitMessage;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Assignment;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Request;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The commands of a pillar's clients that are known here and not executed, at most one a client
 * (00-system-model §6): the primary proposes them, all others pass them on to it and watch that it
 * does (T_prop).
 */
final class Requests implements Intake.Holder {
  /** Most requests passed on within T_resend. */
  private static final int MOST_FORWARDED = 256;

  /** How far a request has come. */
  private enum State {
    /** The primary's to propose; T_prop runs. */
    WAITING,
    /** To be proposed here. */
    QUEUED,
    /** Proposed in a view that stands. */
    PROPOSED,
    /** Nothing takes it away any more. */
    COMMITTED
  }

  /** A request held: the highest t of its client. */
  static final class Held implements Batcher.Held {
    private final Request request;
    private State state = State.WAITING;

    /** How much of T_prop has passed, and when that was counted. */
    private long waited;

    private long counted;

    private Held(Request request, long now) {
      this.request = request;
      this.counted = now;
    }

    @Override
    public Request request() {
      return request;
    }

    @Override
    public boolean queued() {
      return state == State.QUEUED;
    }
  }

  private final Settings settings;
  private final Single single;
  private final Pillar pillar;
  private final Batcher<Held> batcher;
  private final Intake intake;
  private final Backlog<Held> pending = new Backlog<>();

  /** What is WAITING, in the order in which to look at it; and some that no longer is. */
  private final ArrayDeque<Held> waiting = new ArrayDeque<>();

  Requests(Settings settings, Single single, Pillar pillar, Batcher<Held> batcher) {
    this.settings = settings;
    this.single = single;
    this.pillar = pillar;
    this.batcher = batcher;
    this.intake =
        new Intake(single.frame(), () -> single.order().clients(), single.certifier(), this);
  }

  int size() {
    return pending.size();
  }

  private boolean leads() {
    return pillar.engine().primary() == settings.self();
  }

  // ---- requests come

  /** REQUEST from a client, its signature verified. */
  void submitted(Request request) {
    if (Assignment.asks(request.client())) {
      // There is one primary: nothing to be assigned to.
      intake.drop(DropReason.UNEXPECTED, -1);
    } else {
      intake.submitted(request);
    }
  }

  /** A request relayed by a replica: as good as its client's signature. */
  void relayed(int from, Request request) {
    if (leads() && !Assignment.asks(request.client())) {
      intake.relayed(from, request);
    } else {
      intake.drop(DropReason.UNEXPECTED, from);
    }
  }

  @Override
  public @Nullable Request held(long client) {
    Held held = pending.get(client);
    return held == null ? null : held.request;
  }

  void onComputed(long job, Result result) {
    intake.onComputed(job, result);
  }

  @Override
  public void hold(Request request) {
    DropReason refused = pending.refuses(request);
    Held before = pending.get(request.client());
    if (refused != null) {
      intake.drop(refused, -1);
    } else {
      if (before != null) {
        remove(before);
      }
      Held held = new Held(request, single.frame().step().now());
      pending.put(held);
      place(held);
      if (held.state == State.WAITING) {
        forward(held);
      }
    }
  }

  // ---- where a request stands

  private void set(Held held, State state) {
    if (held.state == State.QUEUED) {
      batcher.removed(held.request);
    }
    held.state = state;
  }

  private void remove(Held held) {
    set(held, State.COMMITTED);
    pending.remove(held);
  }

  private void place(Held held) {
    if (leads()) {
      held.state = State.QUEUED;
      batcher.add(held);
    } else {
      waiting.add(held);
    }
  }

  /** This replica proposes it. */
  void proposing(Held held) {
    set(held, State.PROPOSED);
  }

  /**
   * A view was entered. What was proposed and is not committed can be proposed afresh, unless the
   * view takes it over, which is told next; T_prop starts again.
   */
  void viewEntered() {
    batcher.clear();
    waiting.clear();
    for (Held held : pending.all()) {
      if (held.state != State.COMMITTED) {
        held.state = State.WAITING;
        held.waited = 0;
        held.counted = single.frame().step().now();
        place(held);
      }
    }
  }

  /** A batch is proposed, or committed. */
  void seen(Batch batch, boolean committed) {
    for (Request request : batch.requests()) {
      Held held = pending.upTo(request.client(), request.timestamp());
      if (held == null) {
        continue;
      }
      if (committed) {
        set(held, State.COMMITTED);
      } else if (held.state != State.COMMITTED) {
        set(held, State.PROPOSED);
      }
    }
  }

  /** A request of this client was executed, or its state transferred. */
  void executed(long client, long timestamp) {
    Held held = pending.upTo(client, timestamp);
    if (held != null) {
      remove(held);
    }
  }

  /** After state transfer: what the table has executed is not pending. */
  void forgetExecuted() {
    ClientTable clients = single.order().clients();
    for (Long client : pending.clients()) {
      executed(client, clients.lastTimestamp(client));
    }
  }

  // ---- T_resend and T_prop

  private void forward(Held held) {
    int to = pillar.engine().primary();
    if (to != settings.self()) {
      single.frame().emit(new Effect.Send(to, new KitMessage.Relay(held.request)));
    }
  }

  /** Every T_resend: passes on again what is not proposed, and suspects the primary. */
  void tick() {
    boolean silent = false;
    for (int left = Math.min(waiting.size(), MOST_FORWARDED); left > 0; left--) {
      Held held = waiting.remove();
      if (held.state == State.WAITING && pending.has(held)) {
        waiting.add(held);
        forward(held);
        silent |= expired(held);
      }
    }
    if (silent) {
      pillar.suspect(Suspicion.PROPOSAL);
    }
  }

  /** T_prop, which stands still while the primary cannot act (00-system-model §8). */
  private boolean expired(Held held) {
    long now = single.frame().step().now();
    long elapsed = now - held.counted;
    held.counted = now;
    if (pillar.still()) {
      return false;
    }
    held.waited += elapsed;
    return held.waited >= settings.tuning().proposalTimeout();
  }
}
