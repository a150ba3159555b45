package io.destiny.protocols.dqbft;

import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.Port;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Request;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Batches of the commands that are this replica's to propose (dqbft.md §4 rule 1). */
final class Proposer {
  private final Settings settings;
  private final Dqbft dqbft;
  private final ConsensusEngine own;
  private final Port port;

  /** What {@link Pending} has queued, and some that no longer is. */
  private final ArrayDeque<Pending.Held> queue = new ArrayDeque<>();

  private int queuedCommands;
  private int queuedBytes;
  private boolean timerRunning;
  private boolean due;

  Proposer(Settings settings, Dqbft dqbft, ConsensusEngine own, Port port) {
    this.settings = settings;
    this.dqbft = dqbft;
    this.own = own;
    this.port = port;
  }

  /** Whether no command waits to be proposed. */
  boolean idle() {
    return queuedCommands == 0;
  }

  void add(Pending.Held held) {
    queue.add(held);
    count(held.request, 1);
  }

  /** It is no longer queued; {@link #take} passes over it. */
  void removed(Request request) {
    count(request, -1);
  }

  void clear() {
    queue.clear();
    queuedCommands = 0;
    queuedBytes = 0;
  }

  private void count(Request request, int sign) {
    queuedCommands += sign * request.commands().size();
    queuedBytes += sign * request.encodedLength();
  }

  /** T_batch. */
  void onTimer() {
    timerRunning = false;
    due = true;
  }

  /**
   * Closes a batch where it is time: an idle proposer at once, a busy one when a batch is full or
   * T_batch has passed.
   */
  void propose() {
    while (own.leading() && queuedCommands > 0 && mayClose()) {
      Batch batch = take();
      if (batch.isNoop()) {
        return;
      }
      own.propose(batch, port);
      due = false;
    }
    if (own.leading() && queuedCommands > 0 && !timerRunning && !due) {
      timerRunning = true;
      port.startTimer(TimerKind.BATCH, 0, settings.tuning().batchDelay());
    }
  }

  private boolean mayClose() {
    Settings.Tuning t = settings.tuning();
    if (own.windowFull()) {
      return false;
    }
    boolean full = queuedCommands >= t.batch() || queuedBytes >= t.batchBytes();
    // Committed, not executed: a stalled instance elsewhere stops execution, not what this one
    // commits (M10).
    return own.inFlight() == 0 || (own.inFlight() < t.maxInFlight() && (full || due));
  }

  private Batch take() {
    List<Request> requests = new ArrayList<>();
    int commands = 0;
    int bytes = 4;
    while (!queue.isEmpty()) {
      Pending.Held held = queue.peek();
      if (held.queued()) {
        commands += held.request.commands().size();
        bytes += held.request.encodedLength();
        if (!requests.isEmpty()
            && (commands > settings.limits().maxBatch()
                || bytes > settings.tuning().batchBytes())) {
          break;
        }
        dqbft.pending().proposing(held);
        requests.add(held.request);
      }
      queue.remove();
    }
    return Batch.of(requests);
  }
}
