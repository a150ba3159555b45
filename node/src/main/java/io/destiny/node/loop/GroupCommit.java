package io.destiny.node.loop;

import io.destiny.core.machine.Effect;
import io.destiny.node.metrics.NodeMetrics;
import io.destiny.node.storage.LogChange;
import io.destiny.node.storage.LogStore;
import io.destiny.node.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps the promise of {@link Effect.Persist}: nothing that was emitted later leaves before it is
 * durable. The loop's effects pass through here in order. While nothing waits for the disk they go
 * out at once; behind a Persist they are held and handed over to the storage thread, which takes
 * all that was handed over, syncs once for all of it, and then lets the held ones out, in order.
 * The loop goes on meanwhile.
 *
 * <p>Who may call the outlet changes hands without a lock: the loop only while {@code released}
 * equals {@code handedOver}, which the storage thread makes true as its last act.
 */
final class GroupCommit {
  /** How long what was recorded lazily may stay in memory. */
  private static final long LAZY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Held effects beyond which the loop takes no more inputs of others. */
  private static final int MOST_HELD = 8192;

  private final LogStore log;
  private final Outlet outlet;
  private final Inbox inbox;
  private final Failure failure;
  private final NodeMetrics metrics;
  private final Thread thread;

  // of the loop
  private List<Effect> round = new ArrayList<>();
  private boolean roundHolds;
  private boolean roundSyncs;
  private boolean sentDirectly;
  private long handedOver;

  // between the two, guarded by lock
  private final Object lock = new Object();
  private List<Round> submitted = new ArrayList<>();
  private boolean closing;

  private final AtomicInteger held = new AtomicInteger();
  private final AtomicLong released = new AtomicLong();

  // of the storage thread
  private final List<LogChange> pending = new ArrayList<>();
  private long firstPending;

  /**
   * What the loop emitted between two hand-overs, from its first Persist or Forget on.
   *
   * @param syncs whether it holds a Persist that must be durable now
   * @param holds whether effects are held in it, or held ones before it were not out yet
   */
  private record Round(List<Effect> effects, boolean syncs, boolean holds) {}

  GroupCommit(
      LogStore log, Outlet outlet, Inbox inbox, NodeMetrics metrics, ThreadStarter threads) {
    this.log = log;
    this.outlet = outlet;
    this.inbox = inbox;
    this.metrics = metrics;
    this.failure = threads.failure();
    this.thread = threads.thread("storage", this::run);
  }

  void start() {
    thread.start();
  }

  /** Takes the loop's next effect that leaves the replica or changes the log. */
  void offer(Effect effect) {
    switch (effect) {
      case Effect.Persist p -> {
        round.add(p);
        if (!p.lazily()) {
          roundSyncs = true;
          roundHolds = true;
        }
      }
      case Effect.Forget f -> round.add(f);
      default -> {
        if (roundHolds || released.get() != handedOver) {
          roundHolds = true;
          held.incrementAndGet();
          round.add(effect);
        } else {
          sentDirectly = true;
          outlet.carryOut(effect);
        }
      }
    }
  }

  /** The loop has drained its inputs: what they led to may go to the disk and the network. */
  void endRound() {
    if (sentDirectly) {
      sentDirectly = false;
      outlet.flush();
    }
    if (round.isEmpty()) {
      return;
    }
    if (roundHolds) {
      handedOver++;
    }
    Round done = new Round(round, roundSyncs, roundHolds);
    synchronized (lock) {
      submitted.add(done);
      lock.notifyAll();
    }
    round = new ArrayList<>();
    roundHolds = false;
    roundSyncs = false;
  }

  /** Whether so much waits for the disk that others' inputs should wait too. */
  boolean congested() {
    return held.get() > MOST_HELD;
  }

  private void run() {
    try {
      boolean open = true;
      while (open) {
        List<Round> taken = take();
        open = !taken.isEmpty() || !isClosing();
        commit(taken, !open);
      }
    } catch (Throwable e) {
      failure.stop(e);
    }
  }

  /** All that was handed over; waits for it, but not beyond the time of what is pending. */
  private List<Round> take() throws InterruptedException {
    synchronized (lock) {
      while (submitted.isEmpty() && !closing) {
        long wait = pending.isEmpty() ? 0 : untilDue();
        if (wait < 0) {
          break;
        }
        TimeUnit.NANOSECONDS.timedWait(lock, wait == 0 ? Long.MAX_VALUE : wait);
      }
      List<Round> taken = submitted;
      submitted = new ArrayList<>();
      return taken;
    }
  }

  private boolean isClosing() {
    synchronized (lock) {
      return closing;
    }
  }

  /** Nanoseconds until the lazily recorded must be written; negative if that is now. */
  private long untilDue() {
    long left = firstPending + LAZY_NANOS - System.nanoTime();
    return left > 0 ? left : -1;
  }

  private void commit(List<Round> rounds, boolean last) throws StorageException {
    List<Effect> waiting = new ArrayList<>();
    boolean sync = last;
    int holding = 0;
    for (Round r : rounds) {
      sync |= r.syncs;
      holding += r.holds ? 1 : 0;
      sort(r.effects, waiting);
    }
    if (!pending.isEmpty() && (sync || untilDue() < 0)) {
      write();
    }
    if (holding > 0) {
      waiting.forEach(outlet::carryOut);
      outlet.flush();
      boolean wasCongested = congested();
      held.addAndGet(-waiting.size());
      released.addAndGet(holding);
      if (wasCongested) {
        inbox.wake();
      }
    }
  }

  private void sort(List<Effect> effects, List<Effect> waiting) {
    for (Effect effect : effects) {
      switch (effect) {
        case Effect.Persist p -> addPending(new LogChange.Put(p.records()));
        case Effect.Forget f -> addPending(new LogChange.Forget(f.instance(), f.upTo()));
        default -> waiting.add(effect);
      }
    }
  }

  private void addPending(LogChange change) {
    if (pending.isEmpty()) {
      firstPending = System.nanoTime();
    }
    pending.add(change);
  }

  private void write() throws StorageException {
    long before = System.nanoTime();
    log.write(pending);
    long records = 0;
    for (LogChange change : pending) {
      records += change instanceof LogChange.Put put ? put.records().size() : 0;
    }
    pending.clear();
    metrics.synced(System.nanoTime() - before, records);
  }

  /** Writes what is pending and ends the thread; the loop must have ended. */
  void close() {
    synchronized (lock) {
      closing = true;
      lock.notifyAll();
    }
    ThreadStarter.join(thread);
  }
}
