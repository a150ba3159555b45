package io.destiny.sim.cpu;

import io.destiny.core.crypto.Work;
import io.destiny.core.model.Command;
import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.Processor;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/**
 * A machine with cores and stages (experiments.md §6): a job needs a free core and a free place in
 * its stage; first come, first served in a stage; the protocol stage goes first.
 */
final class StagedProcessor implements Processor {
  private record Job(long nanos, Runnable done) {}

  private static final class Stage {
    final ArrayDeque<Job> waiting = new ArrayDeque<>();
    final int places;

    /** One of many of its kind: a trusted counter. */
    final boolean lane;

    int running;

    Stage(int places) {
      this(places, false);
    }

    Stage(int places, boolean lane) {
      this.places = places;
      this.lane = lane;
    }
  }

  private final Price price;
  private final Clock clock;
  private final SplittableRandom random;
  private final double speed;
  private final Stage protocol = new Stage(1);
  private final Stage execute = new Stage(1);
  private final Stage netio;
  private final Stage crypto;
  private final Stage client;

  /** One stage a counter. */
  private final Map<Integer, Stage> enclave = new HashMap<>();

  /** Counters with a call that waits and none that runs. */
  private final ArrayDeque<Stage> ready = new ArrayDeque<>();

  private boolean blocked;
  private int busyCores;
  private long busyNanos;
  private long nextPause = -1;
  private long pausedUntil;

  StagedProcessor(Price price, Clock clock, SplittableRandom random, double speed) {
    this.price = price;
    this.clock = clock;
    this.random = random;
    this.speed = speed;
    this.netio = new Stage(price.cores);
    this.crypto = new Stage(price.cores);
    this.client = new Stage(price.cores);
  }

  long busyNanos() {
    return busyNanos;
  }

  private void submit(Stage stage, long nanos, Runnable done) {
    stage.waiting.addLast(new Job(nanos, done));
    schedule();
  }

  /** While a sender's buffer is full its protocol stage takes nothing up. */
  void block(boolean full) {
    blocked = full;
    schedule();
  }

  private void schedule() {
    if (!blocked) {
      start(protocol);
    }
    start(execute);
    start(netio);
    while (busyCores < price.cores && !ready.isEmpty()) {
      start(ready.removeFirst());
    }
    start(crypto);
    start(client);
  }

  private void start(Stage stage) {
    while (busyCores < price.cores && stage.running < stage.places && !stage.waiting.isEmpty()) {
      Job job = stage.waiting.removeFirst();
      stage.running++;
      busyCores++;
      long nanos = (long) (job.nanos * speed);
      busyNanos += nanos;
      clock.in(
          nanos + pause(),
          () -> {
            stage.running--;
            busyCores--;
            if (stage.lane && !stage.waiting.isEmpty()) {
              ready.addLast(stage);
            }
            job.done.run();
            schedule();
          });
    }
  }

  /** What is left of a pause of the whole machine, which begins at random. */
  private long pause() {
    if (price.pausesPerSecond == 0) {
      return 0;
    }
    long now = clock.now();
    if (nextPause < 0) {
      nextPause = now + gap();
    }
    while (nextPause <= now) {
      pausedUntil = nextPause + random.nextLong(price.pauseMin, price.pauseMax + 1);
      nextPause = pausedUntil + gap();
    }
    return Math.max(0, pausedUntil - now);
  }

  private long gap() {
    return (long) (-Math.log(1 - random.nextDouble()) / price.pausesPerSecond * 1e9);
  }

  @Override
  public void receive(int from, Frame frame, Runnable turn) {
    boolean payload = frame.message() != null && frame.message().bulk();
    submit(
        netio,
        price.frame(frame.size()),
        () -> submit(protocol, price.receive(frame.size(), payload), turn));
  }

  @Override
  public void request(Request request, Runnable turn) {
    submit(client, price.request(request), () -> submit(protocol, price.dispatch, turn));
  }

  @Override
  public void send(Frame frame, int to, Runnable leave) {
    submit(
        protocol,
        price.serialise(frame.size()) + price.enqueue,
        () -> submit(netio, price.frame(frame.size()), leave));
  }

  @Override
  public void broadcast(Frame frame, IntConsumer leave) {
    int[] peers = new int[1];
    frame.others(to -> peers[0]++);
    submit(
        protocol,
        price.serialise(frame.size()) + price.enqueue * peers[0],
        () -> frame.others(to -> submit(netio, price.frame(frame.size()), () -> leave.accept(to))));
  }

  @Override
  public void answer(Reply reply, Runnable leave) {
    submit(
        client,
        price.reply() + price.serialise(reply.encodedLength()),
        () -> submit(netio, price.frame(reply.encodedLength()), leave));
  }

  @Override
  public void compute(Work work, Runnable done) {
    submit(crypto, price.work(work), () -> submit(protocol, price.dispatch, done));
  }

  @Override
  public void trusted(TrustedCall request, Runnable call, Runnable done) {
    int lane = request.instance() * Counters.COUNT + request.counter();
    Stage stage = enclave.get(lane);
    if (stage == null) {
      stage = new Stage(1, true);
      enclave.put(lane, stage);
    }
    if (stage.running == 0 && stage.waiting.isEmpty()) {
      ready.addLast(stage);
    }
    submit(
        stage,
        price.trusted(request),
        () -> {
          call.run();
          submit(protocol, price.dispatch, done);
        });
  }

  @Override
  public void execute(List<Command> commands, Runnable done) {
    submit(
        execute,
        price.execute(commands.size()),
        () -> submit(protocol, commands.isEmpty() ? 0 : price.dispatch, done));
  }

  @Override
  public void sync(Runnable done) {
    if (price.sync == 0) {
      done.run();
    } else {
      clock.in(price.sync, done);
    }
  }

  @Override
  public void snapshot(Runnable done) {
    clock.in(price.snapshot, done);
  }
}
