package io.destiny.sim.world;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.kit.KitMessage;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.MessageCodec;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Step;
import io.destiny.core.model.Request;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.ghost.GhostLedger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
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
  private final Processor processor;
  private final Turn turn = new Turn();
  private boolean live = true;

  /** What a turn asked for is carried out when all of it is known. */
  private boolean emitting;

  private boolean syncing;
  private boolean lazyDue;

  /** A sync of lazily written records is on its way; it takes those that follow along. */
  private boolean lazyWaiting;

  private long lastEmitted;
  private long lastPersist;
  private long synced;

  Life(Host host, int number) {
    this.host = host;
    this.world = host.world;
    WorldOptions options = world.options();
    Settings settings = host.settings();
    protocol = options.protocol().apply(settings);
    codec = options.codec().apply(settings);
    random = new SplittableRandom(mix(options.seed(), host.id, number));
    timers = new Timers(this);
    processor =
        options
            .hardware()
            .processor(host.id, mix(~options.seed(), host.id, number), new LifeClock());
    application = new Application(this, options.application().get(), processor);
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
            host.disk.records(),
            host.counters(),
            newest == null ? null : newest.checkpoint(),
            host.disk.earlier()));
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

  /** Effects that wait for the disk. */
  int held() {
    return held.size();
  }

  /** How long this replica still stands still, 0 if it does not. */
  long paused() {
    return Math.max(0, host.pausedUntil - world.now());
  }

  boolean live() {
    return live;
  }

  /** Runs {@code action} in {@code delay} nanoseconds if this life is still lived then. */
  void in(long delay, Runnable action) {
    world.in(delay, this, action);
  }

  /** One turn of the protocol, and its effects. */
  void turn(Input input) {
    if (!live) {
      return;
    }
    world.listeners().input(host.id, input);
    // Used again by the next turn; a turn never begins within another.
    List<Effect> effects = turn.effects;
    if (!effects.isEmpty()) {
      throw new WorldFailure("R" + host.id + " takes a turn within a turn", null);
    }
    try {
      protocol.on(input, turn);
    } catch (RuntimeException e) {
      throw new WorldFailure("R" + host.id + " threw on " + input.getClass().getSimpleName(), e);
    }
    emitting = true;
    for (Effect effect : effects) {
      if (!live) {
        return;
      }
      emit(effect);
    }
    emitting = false;
    effects.clear();
    release();
    processor.turned();
  }

  /** A frame arrives over the link from {@code from}. */
  void receive(int from, Frame frame) {
    processor.receive(from, frame, () -> arrived(from, frame));
  }

  private void arrived(int from, Frame frame) {
    Message message = frame.message();
    long own = host.ledger.domain().epoch();
    boolean former = frame.epoch() == own - 1 && message instanceof KitMessage;
    if (message != null && frame.epoch() != own && !former) {
      note(DropReason.OTHER_EPOCH, from, frame.kind());
      host.heard(frame.epoch());
      return;
    }
    if (message == null || world.options().encoded()) {
      decode(from, frame);
    } else if (message instanceof KitMessage m) {
      KitMessage said = m instanceof KitMessage.Former f ? f.message() : m;
      turn(new Input.Received(from, former ? new KitMessage.Former(said) : said));
    } else {
      turn(new Input.Received(from, message));
    }
  }

  private void decode(int from, Frame frame) {
    Message message;
    try {
      message = codec.decode(frame.bytes(), from);
    } catch (MalformedException e) {
      if (!frame.isForged()) {
        throw new WorldFailure(
            frame.name() + " of R" + from + " does not decode: " + e.getMessage(), e);
      }
      note(DropReason.MALFORMED, from, frame.kind());
      return;
    }
    turn(new Input.Received(from, message));
  }

  /** A client's request arrives; the driver checks who signed it. */
  void submit(Request request) {
    processor.request(request, () -> judge(request));
  }

  private void judge(Request request) {
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
    world.listeners().effect(host.id, number, effect);
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
    processor.compute(e.work(), () -> turn(new Input.Computed(e.job(), host.crypto.run(e.work()))));
  }

  private void persist(Effect.Persist e, long number) {
    host.disk.write(e.records());
    if (!e.lazily()) {
      lastPersist = number;
      startSync();
    } else if (!lazyWaiting) {
      lazyWaiting = true;
      in(
          LAZY_SYNC_NANOS,
          () -> {
            lazyWaiting = false;
            lazyDue = true;
            startSync();
            release();
          });
    }
  }

  /** One sync at a time; it covers all that was written before it began. */
  private void startSync() {
    if (syncing || host.disk.unsynced() == 0) {
      return;
    }
    lazyDue = false;
    int covered = host.disk.unsynced();
    long upTo = lastEmitted;
    syncing = true;
    processor.sync(
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
    world.listeners().synced(host.id, upTo);
  }

  private void release() {
    while (live && !emitting && !held.isEmpty() && held.getFirst().barrier <= synced) {
      Held next = held.removeFirst();
      world.listeners().released(host.id, next.number, next.effect);
      carryOut(next.effect);
    }
  }

  private void carryOut(Effect effect) {
    switch (effect) {
      case Effect.Send e -> send(e);
      case Effect.Broadcast e -> broadcast(e.message());
      case Effect.Answer e ->
          processor.answer(e.reply(), () -> world.carryDown(host.id, e.reply()));
      case Effect.Trusted e -> trusted(e.job(), e.call());
      case Effect.Execute e -> application.execute(e);
      case Effect.TakeSnapshot e -> application.take(e);
      case Effect.DropSnapshots e -> host.disk.dropSnapshots(e.below());
      case Effect.ReadChunks e -> application.read(e);
      case Effect.BeginInstall e -> application.begin(e.slot());
      case Effect.InstallChunk e -> application.install(e);
      case Effect.FinishInstall e -> application.finish(e.slot());
      case Effect.EndEpoch e -> world.beginEpoch(host.id, e);
      case Effect.BeginAgain e -> host.beginAgain();
      default -> throw new IllegalStateException("not held: " + effect);
    }
  }

  private void send(Effect.Send e) {
    if (e.to() == host.id || e.to() < 0 || e.to() >= host.ledger.rule().n()) {
      throw new WorldFailure("R" + host.id + " sends to R" + e.to(), null);
    }
    Frame frame = frame(e.message());
    processor.send(frame, e.to(), () -> world.send(host.id, e.to(), frame));
  }

  private void broadcast(Message message) {
    Frame frame = frame(message);
    processor.broadcast(frame, to -> world.send(host.id, to, frame));
  }

  private Frame frame(Message message) {
    GhostLedger ledger = host.ledger;
    long own = ledger.domain().epoch();
    long epoch = message instanceof KitMessage.Former ? own - 1 : own;
    Frame frame = Frame.of(message, codec, host.id, ledger.rule().n(), epoch);
    if (world.options().encoded() && !frame.sizeHolds()) {
      throw new WorldFailure(
          "%s has %d bytes, not wireSize() = %d"
              .formatted(message.kind(), frame.bytes().length, message.wireSize()),
          null);
    }
    return frame;
  }

  private void trusted(long job, TrustedCall call) {
    Result[] answer = new Result[1];
    processor.trusted(
        call,
        () -> answer[0] = host.enclave.call(List.of(call)).getFirst(),
        () -> turn(new Input.Computed(job, answer[0])));
  }

  private final class LifeClock implements Processor.Clock {
    @Override
    public long now() {
      return world.now();
    }

    @Override
    public void in(long delay, Runnable action) {
      Life.this.in(delay, action);
    }
  }

  private final class Turn implements Step {
    private final List<Effect> effects = new ArrayList<>();

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
