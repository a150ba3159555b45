package io.destiny.sim.world;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.MessageCodec;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Step;
import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.trusted.TrustedCall;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * A replica from start to crash: its protocol, and its effects on their way into the world. Effects
 * that leave the replica wait, in order, until every record emitted before them is durable; timers,
 * jobs and notes do not leave it and take effect at once.
 */
final class Life {
  private record Held(long number, long barrier, Effect effect) {}

  private static final long LAZY_SYNC_NANOS = 100_000_000;

  private final Host host;
  private final World world;
  private final Protocol protocol;
  private final MessageCodec codec;
  private final RandomGenerator random;
  private final Timers timers;
  private final Application application;
  private final Deque<Held> held = new ArrayDeque<>();
  private final Map<Long, Long> laneFree = new HashMap<>();
  private boolean live = true;
  private boolean syncing;
  private boolean lazyDue;
  private long lastEmitted;
  private long lastPersist;
  private long synced;

  Life(Host host, int number) {
    this.host = host;
    this.world = host.world;
    WorldOptions options = world.options();
    Settings settings = options.settings(host.id);
    protocol = options.protocol().apply(settings);
    codec = options.codec().apply(settings);
    random = new SplittableRandom(mix(options.seed(), host.id, number));
    timers = new Timers(this);
    application = new Application(this, options.application().get());
  }

  private static long mix(long seed, int replica, int number) {
    return new SplittableRandom(seed * 0x9E3779B97F4A7C15L + replica * 1_000_003L + number)
        .nextLong();
  }

  void begin() {
    Disk.Saved newest = host.disk.newest();
    if (newest != null) {
      application.load(newest);
    }
    turn(
        new Input.Started(
            host.disk.records(), host.enclave::read, newest == null ? null : newest.checkpoint()));
  }

  void end() {
    live = false;
  }

  Host host() {
    return host;
  }

  World world() {
    return world;
  }

  Protocol protocol() {
    return protocol;
  }

  Timers timers() {
    return timers;
  }

  Application application() {
    return application;
  }

  /** Runs {@code action} in {@code delay} nanoseconds if this life is still lived then. */
  void in(long delay, Runnable action) {
    world.in(
        delay,
        () -> {
          if (live) {
            action.run();
          }
        });
  }

  /** One turn of the protocol, and its effects. */
  void turn(Input input) {
    if (!live) {
      return;
    }
    world.listeners(l -> l.input(host.id, input));
    List<Effect> effects = new ArrayList<>();
    try {
      protocol.on(input, new Turn(effects));
    } catch (RuntimeException e) {
      throw new WorldFailure("R" + host.id + " threw on " + input.getClass().getSimpleName(), e);
    }
    for (Effect effect : effects) {
      if (!live) {
        return;
      }
      emit(effect);
    }
    release();
  }

  /** A frame arrives over the link from {@code from}. */
  void receive(int from, Frame frame) {
    Message message;
    try {
      message = codec.decode(frame.bytes(), from);
    } catch (MalformedException e) {
      if (!frame.isForged()) {
        throw new WorldFailure(frame.name() + " does not decode: " + e.getMessage(), e);
      }
      note(DropReason.MALFORMED, from, frame.kind());
      return;
    }
    turn(new Input.Received(from, message));
  }

  /** A client's request arrives; the driver checks who signed it. */
  void submit(Request request) {
    if (!world.options().registry().enrolled(request.client())) {
      note(DropReason.UNKNOWN_CLIENT, -1, "Request");
    } else if (host.crypto.run(new Work.VerifyRequests(List.of(request)))
        instanceof Result.Verdict(boolean valid)) {
      if (valid) {
        turn(new Input.Submitted(request));
      } else {
        note(DropReason.BAD_SIGNATURE, -1, "Request");
      }
    }
  }

  private void note(DropReason reason, int from, String kind) {
    emit(new Effect.Note(new Effect.Event.Dropped(reason, from, kind)));
  }

  private void emit(Effect effect) {
    long number = host.nextEffect();
    lastEmitted = number;
    world.listeners(l -> l.effect(host.id, number, effect));
    switch (effect) {
      case Effect.StartTimer e -> timers.start(e.timer(), e.delayNanos());
      case Effect.StopTimer e -> timers.stop(e.timer());
      case Effect.Compute e -> compute(e);
      case Effect.Cancel e -> {}
      case Effect.Note e -> {}
      case Effect.Halt e -> host.halt(e.reason());
      case Effect.Persist e -> persist(e, number);
      case Effect.Forget e -> host.disk.forget(e.instance(), e.upTo());
      default -> held.addLast(new Held(number, lastPersist, effect));
    }
  }

  private void compute(Effect.Compute e) {
    in(
        world.options().costs().compute(),
        () -> turn(new Input.Computed(e.job(), host.crypto.run(e.work()))));
  }

  private void persist(Effect.Persist e, long number) {
    host.disk.write(e.records());
    if (e.lazily()) {
      in(
          LAZY_SYNC_NANOS,
          () -> {
            lazyDue = true;
            startSync();
            release();
          });
    } else {
      lastPersist = number;
      startSync();
    }
  }

  /** One sync at a time; it covers all that was written before it began. */
  private void startSync() {
    if (syncing || host.disk.unsynced() == 0) {
      return;
    }
    lazyDue = false;
    long cost = world.options().costs().sync();
    int covered = host.disk.unsynced();
    long upTo = lastEmitted;
    if (cost == 0) {
      finishSync(covered, upTo);
      return;
    }
    syncing = true;
    in(
        cost,
        () -> {
          syncing = false;
          finishSync(covered, upTo);
          if (lastPersist > synced || lazyDue) {
            startSync();
          }
          release();
        });
  }

  private void finishSync(int covered, long upTo) {
    host.disk.sync(covered);
    synced = upTo;
    world.listeners(l -> l.synced(host.id, upTo));
  }

  private void release() {
    while (live && !held.isEmpty() && held.getFirst().barrier <= synced) {
      Held next = held.removeFirst();
      world.listeners(l -> l.released(host.id, next.number, next.effect));
      carryOut(next.effect);
    }
  }

  private void carryOut(Effect effect) {
    switch (effect) {
      case Effect.Send e -> send(e);
      case Effect.Broadcast e -> broadcast(e.message());
      case Effect.Answer e -> answer(e.reply());
      case Effect.Trusted e -> trusted(e.job(), e.call());
      case Effect.Execute e -> application.execute(e);
      case Effect.TakeSnapshot e -> application.take(e);
      case Effect.DropSnapshots e -> host.disk.dropSnapshots(e.below());
      case Effect.ReadChunks e -> application.read(e);
      case Effect.BeginInstall e -> application.begin(e.slot());
      case Effect.InstallChunk e -> application.install(e);
      case Effect.FinishInstall e -> application.finish(e.slot());
      default -> throw new IllegalStateException("not held: " + effect);
    }
  }

  private void send(Effect.Send e) {
    if (e.to() == host.id || e.to() < 0 || e.to() >= world.options().rule().n()) {
      throw new WorldFailure("R" + host.id + " sends to R" + e.to(), null);
    }
    world.send(host.id, e.to(), frame(e.message()));
  }

  private void broadcast(Message message) {
    Frame frame = frame(message);
    for (int to = 0; to < world.options().rule().n(); to++) {
      if (to != host.id) {
        world.send(host.id, to, frame);
      }
    }
  }

  private Frame frame(Message message) {
    byte[] bytes = codec.encode(message, host.id);
    if (bytes.length != message.wireSize()) {
      throw new WorldFailure(
          "%s has %d bytes, not wireSize() = %d"
              .formatted(message.kind(), bytes.length, message.wireSize()),
          null);
    }
    return Frame.of(message, bytes);
  }

  private void answer(Reply reply) {
    byte[] bytes = reply.encode();
    world.in(world.options().costs().client(), () -> world.answer(host.id, bytes));
  }

  /** The call itself happens half-way, so that a crash may come after it and before its answer. */
  private void trusted(long job, TrustedCall call) {
    long cost = world.options().costs().trusted();
    long lane = (long) call.instance() << 8 | call.counter();
    long begin = Math.max(world.now(), laneFree.getOrDefault(lane, 0L));
    long done = begin + cost / 2;
    laneFree.put(lane, done);
    in(
        done - world.now(),
        () -> {
          Result result = host.enclave.call(List.of(call)).getFirst();
          in(cost - cost / 2, () -> turn(new Input.Computed(job, result)));
        });
  }

  private final class Turn implements Step {
    private final List<Effect> effects;

    Turn(List<Effect> effects) {
      this.effects = effects;
    }

    @Override
    public long now() {
      return world.now();
    }

    @Override
    public long wallMillis() {
      return world.wallMillis(host.id);
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
