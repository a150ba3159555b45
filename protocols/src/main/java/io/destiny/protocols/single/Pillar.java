package io.destiny.protocols.single;

import io.destiny.core.composition.Batcher;
import io.destiny.core.composition.Frame;
import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKind;

/**
 * One pillar (hybster.md §3): an instance, the requests of its clients, and whether its primary
 * does its work. An engine alone is one pillar.
 */
final class Pillar {
  private final Settings settings;
  private final Single single;
  private final int instance;
  private final ConsensusEngine engine;
  private final Port port;
  private final Batcher<Requests.Held> batcher;
  private final Requests requests;
  private final Progress progress;

  /** T_idle runs, or has just passed. */
  private boolean waiting;

  private boolean due;

  Pillar(Settings settings, Single single, int instance) {
    Frame frame = single.frame();
    this.settings = settings;
    this.single = single;
    this.instance = instance;
    this.engine = frame.engine(instance);
    this.port = frame.port(instance);
    this.batcher =
        new Batcher<>(
            settings,
            engine,
            port,
            held -> requests().proposing(held),
            batch -> TimedBatch.of(settings, frame.step().wallMillis(), batch));
    this.requests = new Requests(settings, single, this, batcher);
    this.progress = new Progress(settings, single, this);
  }

  int instance() {
    return instance;
  }

  ConsensusEngine engine() {
    return engine;
  }

  Port port() {
    return port;
  }

  Requests requests() {
    return requests;
  }

  /** Whether nobody can act, or this replica cannot judge whether the primary does. */
  boolean still() {
    return !engine.entered()
        || single.recovery().joining()
        || single.recovery().behind()
        || single.recovery().transfer().active()
        || engine.highest() >= engine.stable() + settings.tuning().orderWindow();
  }

  // ---- proposals

  /** T_batch. */
  void batchIsDue() {
    batcher.onTimer();
  }

  /** T_idle. */
  void idled() {
    waiting = false;
    due = true;
  }

  /** Proposes what is to be proposed, and after T_idle no-ops where other pillars are ahead. */
  void propose() {
    batcher.propose();
    boolean behind =
        engine.leading()
            && !engine.windowFull()
            && batcher.idle()
            && engine.highest() < single.pillars().begun();
    if (behind && due) {
      fill();
    } else if (behind && !waiting) {
      waiting = true;
      port.startTimer(TimerKind.IDLE, 0, settings.tuning().orderDelay());
    }
    due = false;
  }

  private void fill() {
    while (engine.highest() < single.pillars().begun()
        && engine.propose(TimedBatch.noop(settings), port).isPresent()) {
      port.note(new Effect.Event.Count("noop_filled", 1));
    }
  }

  // ---- what is told, and looked at

  void handle(EngineEvent event) {
    switch (event) {
      case EngineEvent.Proposed p ->
          requests.seen(((TimedBatch) p.proposal().value()).batch(), false);
      case EngineEvent.Committed c ->
          port.note(new Effect.Event.Committed(instance, c.slot(), c.value()));
      case EngineEvent.Decided d -> requests.seen(((TimedBatch) d.value()).batch(), true);
      case EngineEvent.ViewEntered v -> {
        port.note(new Effect.Event.Entered(instance, v.view(), v.base(), v.max()));
        progress.entered();
        requests.viewEntered();
      }
      case EngineEvent.Suspected s -> single.frame().suspected(instance, s);
    }
  }

  /** Every T_resend. */
  void tick() {
    requests.tick();
    progress.tick();
  }

  /** The primary does not do its work; said again while it lasts. */
  void suspect(Suspicion reason) {
    if (engine.entered() && engine.primary() != settings.self() && !single.recovery().joining()) {
      single.frame().suspected(reason);
      engine.suspect(reason, engine.view() + 1, port);
    }
  }
}
