package io.destiny.protocols.dqbft;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.Port;
import io.destiny.core.kit.ClientTable;
import io.destiny.core.kit.KitMessage;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Homes;
import io.destiny.core.model.Request;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Admission and batching of the commands whose home is this replica (dqbft.md §4 rule 1,
 * 00-system-model §6).
 */
final class Proposer {
  /** Most relayed requests whose signatures are being checked. */
  private static final int MOST_RELAYED = 4096;

  /** A request held: at most one a client, the highest t. */
  private static final class Held {
    final Request request;
    boolean proposed;
    boolean replaced;

    Held(Request request) {
      this.request = request;
    }
  }

  private final Settings settings;
  private final Dqbft dqbft;
  private final ConsensusEngine own;
  private final Port port;
  private final Map<Long, Held> pending = new LinkedHashMap<>();
  private final ArrayDeque<Held> queue = new ArrayDeque<>();
  private final Map<Long, Request> relayed = new LinkedHashMap<>();

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

  int pending() {
    return pending.size();
  }

  /** Whether no command waits to be proposed. */
  boolean idle() {
    return queuedCommands == 0;
  }

  /** REQUEST from a client, its signature verified. */
  void submitted(Request request) {
    ClientTable.Entry entry = dqbft.order().clients().get(request.client());
    if (entry != null && request.timestamp() < entry.timestamp()) {
      drop(DropReason.STALE_REQUEST, -1);
    } else if (entry != null && request.timestamp() == entry.timestamp()) {
      dqbft.certifier().answer(request, entry, dqbft.certifierTurn());
    } else if (Homes.of(request.client(), settings.n()) == settings.self()) {
      hold(request);
    } else {
      port.send(Homes.of(request.client(), settings.n()), new KitMessage.Relay(request));
    }
  }

  /** A request relayed by a replica: as good as its client's signature. */
  void relayed(int from, Request request) {
    if (Homes.of(request.client(), settings.n()) != settings.self()) {
      drop(DropReason.UNEXPECTED, from);
    } else if (relayed.size() >= MOST_RELAYED) {
      drop(DropReason.FULL, from);
    } else if (request.timestamp() <= dqbft.order().clients().lastTimestamp(request.client())) {
      drop(DropReason.STALE_REQUEST, from);
    } else if (!pending.containsKey(request.client())
        || pending.get(request.client()).request.timestamp() < request.timestamp()) {
      Work work = new Work.VerifyRequests(List.of(request));
      relayed.put(dqbft.compute(Dqbft.REQUESTS, work), request);
    } else {
      drop(DropReason.DUPLICATE, from);
    }
  }

  void onComputed(long job, Result result) {
    Request request = relayed.remove(job);
    if (request != null && result instanceof Result.Verdict verdict) {
      if (verdict.valid()) {
        submitted(request);
      } else {
        drop(DropReason.BAD_SIGNATURE, -1);
      }
    }
  }

  private void hold(Request request) {
    Held before = pending.get(request.client());
    if (before != null) {
      if (before.request.timestamp() >= request.timestamp()) {
        drop(DropReason.DUPLICATE, -1);
        return;
      }
      if (!before.proposed) {
        before.replaced = true;
        count(before.request, -1);
      }
    }
    Held held = new Held(request);
    pending.put(request.client(), held);
    queue.add(held);
    count(request, 1);
  }

  private void count(Request request, int sign) {
    queuedCommands += sign * request.commands().size();
    queuedBytes += sign * request.encodedLength();
  }

  private void drop(DropReason reason, int from) {
    port.note(new Effect.Event.Dropped(reason, from, "Request"));
  }

  /** A request of this client was executed, or its state transferred. */
  void executed(long client, long timestamp) {
    Held held = pending.get(client);
    if (held != null && held.request.timestamp() <= timestamp) {
      pending.remove(client);
      if (!held.proposed && !held.replaced) {
        held.replaced = true;
        count(held.request, -1);
      }
    }
  }

  /** After state transfer: what the table has executed is not pending. */
  void forgetExecuted() {
    ClientTable clients = dqbft.order().clients();
    for (Long client : new ArrayList<>(pending.keySet()).stream().sorted().toList()) {
      executed(client, clients.lastTimestamp(client));
    }
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
      Held held = queue.peek();
      if (!held.replaced) {
        commands += held.request.commands().size();
        bytes += held.request.encodedLength();
        if (!requests.isEmpty()
            && (commands > settings.limits().maxBatch()
                || bytes > settings.tuning().batchBytes())) {
          break;
        }
        held.proposed = true;
        count(held.request, -1);
        requests.add(held.request);
      }
      queue.remove();
    }
    return Batch.of(requests);
  }
}
