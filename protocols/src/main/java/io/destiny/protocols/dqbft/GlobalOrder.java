package io.destiny.protocols.dqbft;

import io.destiny.core.engine.Value;
import io.destiny.core.kit.AssignmentTable;
import io.destiny.core.kit.ClientTable;
import io.destiny.core.kit.ExecCertifier;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Invariant;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Assignment;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Command;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Outcome;
import io.destiny.core.model.Reconfiguration;
import io.destiny.core.model.Request;
import io.destiny.core.statement.Writer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The one order made of all instances: accepted lists (dqbft.md §3) and execution (§5). */
final class GlobalOrder {
  /** Batches handed to the application and not answered. */
  private static final int MOST_RUNNING = 64;

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
  private final Dqbft dqbft;
  private final AcceptedLists lists;
  private final ArrayDeque<Running> running = new ArrayDeque<>();

  private ClientTable clients = new ClientTable();
  private AssignmentTable assignments = new AssignmentTable();

  /** exec_n. */
  private long[] executed;

  /** exec_n at the last checkpoint taken. */
  private long[] atCheckpoint;

  /** The next O-slot, and how far into its list execution is. */
  private long nextList = 1;

  private int nextEntry;
  private int addedByList;

  /** The end of the entry that is being executed; -1 between entries. */
  private long target = -1;

  private long position;
  private long timeMillis;
  private long commands;

  /** H over all results in order: equal histories, equal digests. */
  private Digest history = new Digest(0, 0, 0, 0);

  private boolean checkpointDue;

  /** Where this epoch begins. */
  private Genesis genesis;

  /** What ends this epoch: nothing executes after the list that names it. */
  private @Nullable Reconfiguration ending;

  GlobalOrder(Settings settings, Dqbft dqbft) {
    this.settings = settings;
    this.dqbft = dqbft;
    this.lists = new AcceptedLists(settings.n());
    this.executed = new long[settings.n()];
    this.atCheckpoint = new long[settings.n()];
    this.genesis = Genesis.none(settings);
  }

  ClientTable clients() {
    return clients;
  }

  AssignmentTable assignments() {
    return assignments;
  }

  long executed(int n) {
    return executed[n];
  }

  long[] executedSlots() {
    return executed.clone();
  }

  long position() {
    return position;
  }

  long commands() {
    return commands;
  }

  long nextList() {
    return nextList;
  }

  Digest history() {
    return history;
  }

  Genesis genesis() {
    return genesis;
  }

  /** What follows this epoch, once all that belongs to it is executed; null before. */
  @Nullable Reconfiguration ended() {
    return nextEntry == 0 && target < 0 ? ending : null;
  }

  /** Whether every batch handed to the application was answered. */
  boolean idle() {
    return running.isEmpty();
  }

  // ---- §3: covered_n and needed_n, evaluated afresh, never stored clamped

  /** h_n + W_D. */
  long windowEnd(int n) {
    return dqbft.dissemination(n).stable() + settings.tuning().window();
  }

  /** covered_n. */
  long covered(int n) {
    long claimed = lists.claimed(n);
    return claimed <= executed[n]
        ? executed[n]
        : Math.max(executed[n], Math.min(claimed, windowEnd(n)));
  }

  /** The same of the lists before one, executed or not. */
  long coveredBefore(int n, long list) {
    return Math.max(executed[n], Math.min(lists.claimedBefore(n, list), windowEnd(n)));
  }

  /** needed_n. */
  long needed(int n) {
    long demanded = lists.demanded(n);
    return demanded == 0 ? 0 : Math.min(demanded, windowEnd(n));
  }

  /** A valid list is proposed, or decided. */
  void accept(long slot, OrderList list, boolean committed) {
    if (slot >= nextList) {
      lists.accept(slot, list, committed);
    }
  }

  /** The highest version of each client's ASSIGNs in accepted lists. */
  Map<Long, Long> assigned() {
    return lists.assigned();
  }

  /** A view of O was entered: only what it takes over, told next, and what is committed counts. */
  void viewEntered() {
    lists.forgetUncommitted();
  }

  // ---- §5: execution

  /** Rule 6: executes what can be executed, in order. */
  void run() {
    while (!checkpointDue && ended() == null && running.size() < MOST_RUNNING) {
      OrderList list = lists.committed(nextList);
      if (list == null) {
        return;
      }
      if (nextEntry == list.entries().size()) {
        finishList(list);
      } else if (!runEntry(list)) {
        return;
      }
    }
  }

  /** Rule 8: ORDER(n, s) with its deterministic clamps. False: it waits for a slot. */
  private boolean runEntry(OrderList list) {
    OrderList.Entry e = list.entries().get(nextEntry);
    int n = e.instance();
    if (target < 0) {
      if (nextEntry == 0) {
        timeMillis = Math.max(timeMillis, list.timeMillis());
      }
      long mostAdded = 2L * settings.limits().maxEntries() - addedByList;
      long end = Math.min(atCheckpoint[n] + settings.tuning().window(), executed[n] + mostAdded);
      target = Math.max(executed[n], Math.min(e.slot(), end));
      addedByList += (int) (target - executed[n]);
    }
    while (executed[n] < target) {
      long slot = executed[n] + 1;
      Value value = dqbft.dissemination(n).decision(slot);
      if (!(value instanceof Batch batch)) {
        dqbft.dissemination(n).fetch(slot, dqbft.port(n));
        dqbft.stalls().blocked(n, slot, dqbft.step().now());
        return false;
      }
      if (running.size() >= MOST_RUNNING) {
        return false;
      }
      executed[n] = slot;
      dqbft.stalls().executed(n, slot, dqbft.step().now());
      execute(n, slot, batch);
    }
    target = -1;
    nextEntry++;
    return true;
  }

  private void finishList(OrderList list) {
    boolean far = false;
    for (OrderList.Entry e : list.entries()) {
      // Only what the list names has moved since the last list.
      int n = e.instance();
      far |= executed[n] - atCheckpoint[n] >= settings.tuning().window() / 2;
    }
    for (Assignment assignment : list.assignments()) {
      if (assignments.apply(nextList, assignment)) {
        dqbft.pending().assigned(assignment.client());
      }
    }
    // Rule 9: all three tests depend on executed state alone.
    checkpointDue = far || ending != null || nextList % settings.tuning().checkpointInterval() == 0;
    lists.forget(nextList);
    nextEntry = 0;
    addedByList = 0;
    nextList++;
    for (OrderList.Entry e : list.entries()) {
      dqbft.coverageChanged(e.instance());
    }
  }

  private void execute(int n, long slot, Batch batch) {
    position++;
    if (batch.isNoop()) {
      dqbft.note(new Effect.Event.Ordered(n, slot, position, 0));
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
    running.add(new Running(n, slot, position, batch, dispositions, own, calls.size()));
    if (!calls.isEmpty()) {
      dqbft.step().emit(new Effect.Execute(position, timeMillis, calls));
    }
    dqbft.note(new Effect.Event.Ordered(n, slot, position, calls.size()));
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
  void applied(long at, List<byte[]> results) {
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
      dqbft.requestExecuted(request);
    }
    history = Digest.of(w.toBytes());
    dqbft.certify(new ExecCertifier.Executed(r.instance, r.slot, r.position, leaves));
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

  /** Whether a checkpoint is to be taken now: after the last list, with all results known. */
  boolean checkpointReady() {
    return checkpointDue && running.isEmpty();
  }

  /** The checkpoint at O-slot {@code nextList - 1} was taken. */
  void checkpointTaken() {
    checkpointDue = false;
    atCheckpoint = executed.clone();
    for (int n = 0; n < executed.length; n++) {
      dqbft.coverageChanged(n);
    }
  }

  /** The protocol's own parts of a checkpoint: clients, exec[·], control, assignments (§8). */
  List<List<byte[]>> parts() {
    List<byte[]> slots = new ArrayList<>(executed.length);
    for (int n = 0; n < executed.length; n++) {
      slots.add(new Writer(16).u16(n).u64(executed[n]).toBytes());
    }
    Writer control =
        new Writer(80)
            .u32(settings.domain().epoch())
            .u64(nextList)
            .u64(position)
            .u64(timeMillis)
            .u64(commands)
            .digest(history);
    genesis.encode(control);
    control.bytes(ending == null ? new byte[0] : ending.encode());
    return List.of(clients.chunks(), slots, List.of(control.toBytes()), assignments.chunks());
  }

  /**
   * Takes over the state of a checkpoint; if it is the last one of the epoch before, this one
   * begins with it. Its own first checkpoint is due then, at an O-slot without a list: the same
   * state under this epoch's keys, which is what those who come later are given.
   */
  void adopt(CheckpointParts parts) {
    boolean begins = parts.epoch() < settings.domain().epoch();
    clients = parts.clients();
    assignments = parts.assignments();
    executed = Arrays.copyOf(parts.executed(), settings.n());
    atCheckpoint = executed.clone();
    nextList = begins ? parts.nextList() + 1 : parts.nextList();
    genesis = begins ? new Genesis(nextList - 1, executed.clone()) : parts.genesis();
    ending = begins ? null : parts.ending();
    position = parts.position();
    timeMillis = parts.timeMillis();
    commands = parts.commands();
    history = parts.history();
    lists.forgetBelow(nextList);
    running.clear();
    nextEntry = 0;
    addedByList = 0;
    target = -1;
    checkpointDue = begins;
  }
}
