package io.destiny.protocols.dqbft;

import io.destiny.core.composition.CheckpointParts;
import io.destiny.core.composition.Execution;
import io.destiny.core.composition.Genesis;
import io.destiny.core.composition.Order;
import io.destiny.core.engine.Value;
import io.destiny.core.kit.AssignmentTable;
import io.destiny.core.kit.ClientTable;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Assignment;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Reconfiguration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The one order made of all instances: accepted lists (dqbft.md §3) and execution (§5). */
final class GlobalOrder implements Order {
  private final Settings settings;
  private final Dqbft dqbft;
  private final AcceptedLists lists;
  private final Execution execution;
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

  private boolean checkpointDue;

  /** Where this epoch begins. */
  private Genesis genesis;

  GlobalOrder(Settings settings, Dqbft dqbft) {
    this.settings = settings;
    this.dqbft = dqbft;
    this.lists = new AcceptedLists(settings.n());
    this.execution = new Execution(settings, dqbft.frame(), dqbft.rules());
    this.executed = new long[settings.n()];
    this.atCheckpoint = new long[settings.n()];
    this.genesis = Genesis.none(settings);
  }

  ClientTable clients() {
    return execution.clients();
  }

  AssignmentTable assignments() {
    return assignments;
  }

  long executed(int n) {
    return executed[n];
  }

  @Override
  public long[] executedSlots() {
    return executed.clone();
  }

  @Override
  public long position() {
    return execution.position();
  }

  long commands() {
    return execution.commands();
  }

  @Override
  public long next() {
    return nextList;
  }

  Digest history() {
    return execution.history();
  }

  @Override
  public Genesis genesis() {
    return genesis;
  }

  @Override
  public @Nullable Reconfiguration ended() {
    return nextEntry == 0 && target < 0 ? execution.ending() : null;
  }

  /** Whether every batch handed to the application was answered. */
  boolean idle() {
    return execution.idle();
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
    while (!checkpointDue && ended() == null && !execution.full()) {
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
        execution.time(list.timeMillis());
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
      if (execution.full()) {
        return false;
      }
      executed[n] = slot;
      dqbft.stalls().executed(n, slot, dqbft.step().now());
      execution.execute(n, slot, batch);
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
    checkpointDue =
        far || execution.ending() != null || nextList % settings.tuning().checkpointInterval() == 0;
    lists.forget(nextList);
    nextEntry = 0;
    addedByList = 0;
    nextList++;
    for (OrderList.Entry e : list.entries()) {
      dqbft.coverageChanged(e.instance());
    }
  }

  /** The application has applied the batch at {@code at}. */
  void applied(long at, List<byte[]> results) {
    execution.applied(at, results);
  }

  // ---- checkpoints

  @Override
  public boolean checkpointReady() {
    return checkpointDue && execution.idle();
  }

  @Override
  public void checkpointTaken() {
    checkpointDue = false;
    atCheckpoint = executed.clone();
    for (int n = 0; n < executed.length; n++) {
      dqbft.coverageChanged(n);
    }
  }

  @Override
  public List<List<byte[]>> parts() {
    return execution.parts(assignments, executed, nextList, genesis).encode();
  }

  /**
   * Takes over the state of a checkpoint; if it is the last one of the epoch before, this one
   * begins with it. Its own first checkpoint is due then, at an O-slot without a list: the same
   * state under this epoch's keys, which is what those who come later are given.
   */
  @Override
  public void adopt(CheckpointParts parts) {
    boolean begins = parts.epoch() < settings.domain().epoch();
    execution.adopt(parts);
    assignments = parts.assignments();
    executed = Arrays.copyOf(parts.executed(), settings.n());
    atCheckpoint = executed.clone();
    nextList = begins ? parts.next() + 1 : parts.next();
    genesis = begins ? new Genesis(nextList - 1, executed.clone()) : parts.genesis();
    lists.forgetBelow(nextList);
    nextEntry = 0;
    addedByList = 0;
    target = -1;
    checkpointDue = begins;
  }
}
