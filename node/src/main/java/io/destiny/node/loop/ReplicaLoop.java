package io.destiny.node.loop;

import io.destiny.core.app.StateMachine;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.InstanceStatus;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.Step;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.trusted.ThreshSign;
import io.destiny.node.Ending;
import io.destiny.node.metrics.NodeMetrics;
import io.destiny.node.storage.Store;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The single thread that drives the protocol: it drains its inputs, fires the timers that are due,
 * hands the effects on, and sleeps when there is nothing to do.
 */
public final class ReplicaLoop {
  private static final int MOST_OWN = 512;
  private static final int MOST_OUTSIDE = 128;
  private static final long LONGEST_SLEEP = TimeUnit.SECONDS.toNanos(1);

  private final Protocol protocol;
  private final Inbox inbox;
  private final CryptoPool crypto;
  private final TrustedLane trusted;
  private final ExecutionLane execution;
  private final GroupCommit commit;
  private final NodeMetrics metrics;
  private final Thread thread;
  private final Timers timers = new Timers();
  private final Turn turn = new Turn();
  private final AtomicReference<@Nullable CompletableFuture<Picture>> asked =
      new AtomicReference<>();
  private volatile boolean closing;

  /**
   * The parts that an application gives and the disk.
   *
   * @param store stays the caller's to close
   */
  public record Parts(
      Protocol protocol, ThreshSign trusted, StateMachine application, Store store) {}

  /** What the protocol says of itself and its instances, all at one time. */
  public record Picture(Status status, List<InstanceStatus> instances) {}

  /**
   * Where effects leave the replica.
   *
   * @param leave told when the protocol is over; must not block
   */
  public record Ways(Network network, Replies replies, Consumer<Ending> leave) {}

  /**
   * What serves the loop.
   *
   * @param crypto closed with the loop
   */
  public record Service(CryptoPool crypto, ThreadStarter threads, NodeMetrics metrics) {}

  public ReplicaLoop(Parts parts, Ways ways, Inbox inbox, Service service) {
    this.protocol = parts.protocol;
    this.inbox = inbox;
    this.crypto = service.crypto;
    this.metrics = service.metrics;
    ThreadStarter threads = service.threads;
    this.trusted = new TrustedLane(parts.trusted, inbox, threads);
    this.execution =
        new ExecutionLane(parts.application, parts.store.checkpoints(), inbox, threads);
    Effects effects = new Effects(ways, trusted, execution);
    this.commit = new GroupCommit(parts.store.log(), effects, inbox, metrics, threads);
    this.thread = threads.thread("loop", threads.failure().guard(this::run));
    metrics.watch("inbox_waiting", "Inputs of others that wait for the loop", inbox::waiting);
  }

  /** Starts the threads; the protocol's first input is {@code started}. */
  public void start(Input.Started started) {
    inbox.own(started);
    commit.start();
    thread.start();
  }

  /** What the protocol says of itself between two turns. */
  public CompletableFuture<Picture> picture() {
    CompletableFuture<Picture> answer = new CompletableFuture<>();
    CompletableFuture<Picture> running = asked.compareAndExchange(null, answer);
    inbox.wake();
    return running != null ? running : answer;
  }

  private void run() {
    while (!closing) {
      int turns = takeOwn();
      boolean takesOutside = !commit.congested();
      if (takesOutside) {
        turns += takeOutside();
      }
      turns += fireTimers();
      commit.endRound();
      report();
      if (turns == 0 && !closing) {
        inbox.await(timers.untilNext(System.nanoTime(), LONGEST_SLEEP), takesOutside);
      }
    }
  }

  private int takeOwn() {
    int turns = 0;
    Input input = inbox.takeOwn();
    while (input != null) {
      turn.take(input);
      input = ++turns < MOST_OWN ? inbox.takeOwn() : null;
    }
    return turns;
  }

  private int takeOutside() {
    int turns = 0;
    Inbox.Outside next = inbox.takeOutside();
    while (next != null) {
      next.quota().give(next.bytes());
      turn.take(next.input());
      next = ++turns < MOST_OUTSIDE ? inbox.takeOutside() : null;
    }
    return turns;
  }

  private int fireTimers() {
    int turns = 0;
    long now = System.nanoTime();
    TimerKey due = timers.takeDue(now);
    while (due != null) {
      turn.take(new Input.Fired(due));
      turns++;
      due = timers.takeDue(now);
    }
    return turns;
  }

  private void report() {
    if (asked.get() != null) {
      CompletableFuture<Picture> answer = asked.getAndSet(null);
      if (answer != null) {
        answer.complete(new Picture(protocol.status(), protocol.instances()));
      }
    }
  }

  private void carryOut(Effect effect) {
    switch (effect) {
      case Effect.StartTimer t -> timers.start(t.timer(), turn.now + Math.max(0, t.delayNanos()));
      case Effect.StopTimer t -> timers.stop(t.timer());
      case Effect.Compute c -> crypto.submit(c.job(), c.work());
      case Effect.Cancel c -> crypto.cancel(c.job());
      case Effect.Note n -> metrics.note(n.event());
      case Effect.Halt h -> throw new HaltException(h.reason());
      default -> commit.offer(effect);
    }
  }

  /** Ends the loop, then the threads that served it; what was recorded is durable afterwards. */
  public void close() {
    closing = true;
    inbox.wake();
    ThreadStarter.join(thread);
    commit.close();
    trusted.close();
    execution.close();
    crypto.close();
    CompletableFuture<Picture> answer = asked.getAndSet(null);
    if (answer != null) {
      answer.cancel(false);
    }
  }

  /** One turn of the protocol; its effects are carried out when it is over. */
  private final class Turn implements Step {
    private final RandomGenerator random = new SplittableRandom(new SecureRandom().nextLong());
    private final List<Effect> effects = new ArrayList<>();
    private long now;
    private long wallMillis;

    void take(Input input) {
      now = System.nanoTime();
      wallMillis = System.currentTimeMillis();
      metrics.turn(input.getClass().getSimpleName());
      protocol.on(input, this);
      for (int i = 0; i < effects.size(); i++) {
        carryOut(effects.get(i));
      }
      effects.clear();
    }

    @Override
    public long now() {
      return now;
    }

    @Override
    public long wallMillis() {
      return wallMillis;
    }

    @Override
    public RandomGenerator random() {
      return random;
    }

    @Override
    public void emit(Effect effect) {
      effects.add(effect);
    }
  }
}
