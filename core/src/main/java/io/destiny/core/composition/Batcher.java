package io.destiny.core.composition;

import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Request;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Batches of the commands that are this replica's to propose (00-system-model §7).
 *
 * @param <H> what the composer holds of a request
 */
public final class Batcher<H extends Batcher.Held> {
  /** A request as its composer holds it. */
  public interface Held {
    Request request();

    /** Whether it still is to be proposed here. */
    boolean queued();
  }

  private final Settings settings;
  private final ConsensusEngine own;
  private final Port port;
  private final Consumer<H> proposing;
  private final Function<Batch, Value> values;

  /** What was added, and some that no longer is queued. */
  private final ArrayDeque<H> queue = new ArrayDeque<>();

  private int queuedCommands;
  private int queuedBytes;
  private boolean timerRunning;
  private boolean due;

  /**
   * @param own the instance that this replica proposes in
   * @param proposing told of each request that goes into a batch: it is queued no longer
   * @param values makes a batch what the instance agrees on
   */
  public Batcher(
      Settings settings,
      ConsensusEngine own,
      Port port,
      Consumer<H> proposing,
      Function<Batch, Value> values) {
    this.settings = settings;
    this.own = own;
    this.port = port;
    this.proposing = proposing;
    this.values = values;
  }

  /** Whether no command waits to be proposed. */
  public boolean idle() {
    return queuedCommands == 0;
  }

  public void add(H held) {
    queue.add(held);
    count(held.request(), 1);
  }

  /** It is no longer queued; {@link #take} passes over it. */
  public void removed(Request request) {
    count(request, -1);
  }

  public void clear() {
    queue.clear();
    queuedCommands = 0;
    queuedBytes = 0;
  }

  private void count(Request request, int sign) {
    queuedCommands += sign * request.commands().size();
    queuedBytes += sign * request.encodedLength();
  }

  /** T_batch. */
  public void onTimer() {
    timerRunning = false;
    due = true;
  }

  /**
   * Closes a batch where it is time: an idle proposer at once, a busy one when a batch is full or
   * T_batch has passed.
   */
  public void propose() {
    while (own.leading() && queuedCommands > 0 && mayClose()) {
      Batch batch = take();
      if (batch.isNoop()) {
        return;
      }
      own.propose(values.apply(batch), port);
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
      H held = queue.peek();
      if (held.queued()) {
        commands += held.request().commands().size();
        bytes += held.request().encodedLength();
        if (!requests.isEmpty()
            && (commands > settings.limits().maxBatch()
                || bytes > settings.tuning().batchBytes())) {
          break;
        }
        proposing.accept(held);
        requests.add(held.request());
      }
      queue.remove();
    }
    return Batch.of(requests);
  }
}
