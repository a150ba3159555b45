package io.destiny.core.composition;

import io.destiny.core.kit.AssignmentTable;
import io.destiny.core.kit.ClientTable;
import io.destiny.core.kit.ExecCertifier;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Invariant;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Command;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Outcome;
import io.destiny.core.model.Reconfiguration;
import io.destiny.core.model.Request;
import io.destiny.core.statement.Writer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Executes batches in the one order that a composer makes (dqbft.md §5): the client table's rules
 * (00-system-model §6), RECONFIG, and what comes back from the application, which may have several
 * batches under way.
 */
public final class Execution {
  /** Batches handed to the application and not answered. */
  private static final int MOST_RUNNING = 64;

  /** Who is told what was executed. */
  public interface Listener {
    /** A request was executed, with whatever outcome. */
    void executed(Request request);

    /** All results of a batch are known. */
    void executed(ExecCertifier.Executed batch);
  }

  /**
   * A batch whose results are awaited.
   *
   * @param own outcomes of the administrators' fresh requests, which no application sees, in order
   * @param fresh results awaited of the application
   */
  private record Running(
      int instance,
      long slot,
      long position,
      Batch batch,
      List<ClientTable.Disposition> dispositions,
      List<byte[]> own,
      int fresh) {}

  private final Settings settings;
  private final Frame frame;
  private final Listener listener;
  private final ArrayDeque<Running> running = new ArrayDeque<>();
  private ClientTable clients = new ClientTable();
  private long position;
  private long timeMillis;
  private long commands;

  /** H over all results in order: equal histories, equal digests. */
  private Digest history = new Digest(0, 0, 0, 0);

  /** What ends this epoch: nothing executes after the slot of the ordering instance with it. */
  private @Nullable Reconfiguration ending;

  public Execution(Settings settings, Frame frame, Listener listener) {
    this.settings = settings;
    this.frame = frame;
    this.listener = listener;
  }

  public ClientTable clients() {
    return clients;
  }

  /** g, the number of batches executed since the beginning, no-ops included. */
  public long position() {
    return position;
  }

  public long commands() {
    return commands;
  }

  public Digest history() {
    return history;
  }

  /** What ends this epoch; null while nothing does. */
  public @Nullable Reconfiguration ending() {
    return ending;
  }

  /** Whether every batch handed to the application was answered. */
  public boolean idle() {
    return running.isEmpty();
  }

  /** Whether so many batches are under way that the next one has to wait. */
  public boolean full() {
    return running.size() >= MOST_RUNNING;
  }

  /** The leader's clock, as far as it is agreed on; time never goes back. */
  public void time(long millis) {
    timeMillis = Math.max(timeMillis, millis);
  }

  /** The next batch in the order. */
  public void execute(int instance, long slot, Batch batch) {
    position++;
    if (batch.isNoop()) {
      frame.note(new Effect.Event.Ordered(instance, slot, position, 0));
      return;
    }
    List<Request> fresh = new ArrayList<>(batch.requests().size());
    List<ClientTable.Disposition> dispositions = new ArrayList<>(batch.requests().size());
    List<byte[]> own = new ArrayList<>(0);
    for (Request r : batch.requests()) {
      ClientTable.Disposition d = clients.order(r);
      if (d == ClientTable.Disposition.FRESH && Reconfiguration.administers(r.client())) {
        own.add(reconfigure(r));
      } else if (d == ClientTable.Disposition.FRESH) {
        fresh.add(r);
      }
      dispositions.add(d);
    }
    List<Command> calls = calls(fresh, batch.commands());
    running.add(new Running(instance, slot, position, batch, dispositions, own, calls.size()));
    if (!calls.isEmpty()) {
      frame.emit(new Effect.Execute(position, timeMillis, calls));
    }
    frame.note(new Effect.Event.Ordered(instance, slot, position, calls.size()));
    drain(null);
  }

  /**
   * RECONFIG (dqbft.md §8): compare and set on the epoch. The first one that names the next epoch
   * ends this one; all others are without effect.
   */
  private byte[] reconfigure(Request request) {
    Reconfiguration next = Reconfiguration.of(request);
    boolean takesEffect =
        next != null && ending == null && next.epoch() == settings.domain().epoch() + 1;
    if (takesEffect) {
      ending = next;
    }
    byte[] result = Reconfiguration.result(takesEffect);
    return Outcome.encode(Collections.nCopies(request.commands().size(), result));
  }

  /** Often a batch is one request with a group of commands: then its own list will do. */
  private static List<Command> calls(List<Request> requests, int most) {
    if (requests.size() == 1) {
      return requests.getFirst().calls();
    }
    List<Command> all = new ArrayList<>(most);
    for (Request r : requests) {
      all.addAll(r.calls());
    }
    return all;
  }

  /** The application has applied the batch at {@code at}. */
  public void applied(long at, List<byte[]> results) {
    Running head = running.peek();
    if (head == null || head.position != at) {
      // A state transfer overtook it.
      return;
    }
    Invariant.check(results.size() == head.fresh, "the application gives one result a command");
    drain(results);
  }

  /**
   * Completes the batches at the head: the one that {@code results} belongs to, and those that need
   * none.
   */
  private void drain(@Nullable List<byte[]> results) {
    List<byte[]> rest = results;
    while (!running.isEmpty() && (rest != null || running.peek().fresh == 0)) {
      Running r = running.remove();
      complete(r, rest == null ? List.of() : rest);
      rest = null;
    }
  }

  private void complete(Running r, List<byte[]> results) {
    List<ExecCertifier.Leaf> leaves = new ArrayList<>(r.batch.requests().size());
    Writer w = new Writer(64 + 40 * r.batch.requests().size()).digest(history).u64(r.position);
    int next = 0;
    int nextOwn = 0;
    for (int i = 0; i < r.batch.requests().size(); i++) {
      Request request = r.batch.requests().get(i);
      byte[] outcome = Outcome.stale();
      if (r.dispositions.get(i) == ClientTable.Disposition.FRESH) {
        int count = request.commands().size();
        if (Reconfiguration.administers(request.client())) {
          outcome = r.own.get(nextOwn++);
        } else {
          outcome = Outcome.encode(results.subList(next, next + count));
          next += count;
        }
        clients.store(request, outcome);
        commands += count;
      } else if (r.dispositions.get(i) == ClientTable.Disposition.REPEATED) {
        outcome = repeated(request);
      }
      leaves.add(new ExecCertifier.Leaf(request, outcome));
      w.digest(request.digest()).digest(Digest.of(outcome));
      listener.executed(request);
    }
    history = Digest.of(w.toBytes());
    listener.executed(new ExecCertifier.Executed(r.instance, r.slot, r.position, leaves));
  }

  /**
   * The cached reply; STALE for another request under the same timestamp, which only a faulty
   * client signs.
   */
  private byte[] repeated(Request request) {
    ClientTable.Entry entry = clients.executed(request.client());
    return entry != null
            && entry.result() != null
            && entry.timestamp() == request.timestamp()
            && entry.request().equals(request.digest())
        ? entry.result()
        : Outcome.stale();
  }

  // ---- checkpoints

  /** What a checkpoint says of this, beside what the order itself has. */
  public CheckpointParts parts(
      AssignmentTable assignments, long[] executed, long next, Genesis genesis) {
    return new CheckpointParts(
        clients,
        assignments,
        executed,
        settings.domain().epoch(),
        next,
        position,
        timeMillis,
        commands,
        history,
        genesis,
        ending);
  }

  /** Takes over the state of a checkpoint. */
  public void adopt(CheckpointParts parts) {
    clients = parts.clients();
    ending = parts.epoch() < settings.domain().epoch() ? null : parts.ending();
    position = parts.position();
    timeMillis = parts.timeMillis();
    commands = parts.commands();
    history = parts.history();
    running.clear();
  }
}
