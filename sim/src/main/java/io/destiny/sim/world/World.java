package io.destiny.sim.world;

import io.destiny.core.app.StateMachine;
import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Reconfiguration;
import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import io.destiny.core.statement.MalformedException;
import io.destiny.sim.ghost.CheckedCrypto;
import io.destiny.sim.ghost.GhostCrypto;
import io.destiny.sim.ghost.GhostLedger;
import io.destiny.sim.ghost.GhostThreshSign;
import io.destiny.sim.ghost.RealKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A cluster in virtual time, in one thread: equal options lead to equal runs. Time is in
 * nanoseconds from 0; all events at one time happen in the order in which they were caused.
 */
public final class World {
  /** Wall clock at time 0, milliseconds since 1970. */
  public static final long START_MILLIS = 1_700_000_000_000L;

  private final WorldOptions options;
  private final EventQueue events = new EventQueue();
  private final Ledgers ledgers;
  final List<Host> hosts = new ArrayList<>();
  private final Network.Wire wire;
  private final Network network;
  private final Listeners listeners = new Listeners();
  private final Map<Long, ClientStub> clients = new TreeMap<>();
  private final MessageStats stats;
  private final Notes notes = new Notes();
  private final TraceHash trace;
  private final long[] skewMillis;
  private long steps;
  private long delivered;

  private World(WorldOptions options, Function<Network.Wire, Network> network) {
    this.options = options;
    this.ledgers = new Ledgers(new GhostLedger(options.domain(), options.rule()));
    this.wire = new Links();
    this.network = network.apply(wire);
    this.skewMillis = new long[options.rule().n()];
    this.trace = new TraceHash(this);
    this.stats = new MessageStats(options.rule().n());
    listeners.add(trace);
    listeners.add(stats);
    listeners.add(notes);
    for (int i = 0; i < options.rule().n(); i++) {
      hosts.add(new Host(this, i, ledgers.first()));
    }
  }

  /** A world with links of its own randomness. Nothing happens before {@link #start}. */
  public static World of(WorldOptions options) {
    return new World(
        options,
        wire -> new RandomNetwork(wire, options.rule().n(), ~options.seed(), options.links()));
  }

  /** A world with another network. */
  public static World of(WorldOptions options, Function<Network.Wire, Network> network) {
    return new World(options, network);
  }

  /** Starts all replicas, with empty disks. */
  public World start() {
    return start(replica -> true);
  }

  /** Starts some replicas; the others were down before time began. */
  public World start(IntPredicate up) {
    for (Host host : hosts) {
      if (up.test(host.id)) {
        host.start();
      }
    }
    stepped();
    return this;
  }

  public WorldOptions options() {
    return options;
  }

  /** The table of the first epoch; what clients and administrators sign is there. */
  public GhostLedger ledger() {
    return ledgers.first();
  }

  /** The table of an epoch that has begun; null if none has. */
  public @Nullable GhostLedger ledger(long epoch) {
    return ledgers.of(epoch);
  }

  /** The epoch that a replica is in. */
  public long epoch(int replica) {
    return hosts.get(replica).ledger.domain().epoch();
  }

  /** A replica has executed all of an epoch, or hears of the next one's beginning. */
  void beginEpoch(int replica, Effect.EndEpoch end) {
    Reconfiguration next = end.next();
    if (options.keys() != null) {
      throw new WorldFailure("real keys are those of one epoch", null);
    }
    if (next.n() > hosts.size()) {
      throw new WorldFailure("this world has no R" + (next.n() - 1), null);
    }
    GhostLedger ledger = ledgers.begin(next, options.rule().model());
    hosts.get(replica).beginEpoch(ledger, end.slot(), end.carried());
  }

  /**
   * Its operator tells a replica that was left behind of the newest epoch: it joins without state.
   */
  public void join(int replica) {
    join(replica, ledgers.newest());
    stepped();
  }

  void join(int replica, GhostLedger epoch) {
    hosts.get(replica).beginEpoch(epoch, -1, List.of());
  }

  /** Signs a RECONFIG as the provisioner does; the client that sends it is the administrators'. */
  public ClientStub administrators() {
    return client(Reconfiguration.CLIENT);
  }

  /** Nanoseconds since the world began. */
  public long now() {
    return events.now();
  }

  /** Messages that replicas have handed to replicas. */
  public long delivered() {
    return delivered;
  }

  /** Events run so far. */
  public long steps() {
    return steps;
  }

  /** The links, unless the world was made with another network. */
  public RandomNetwork network() {
    if (network instanceof RandomNetwork n) {
      return n;
    }
    throw new IllegalStateException("this world has another network");
  }

  public MessageStats stats() {
    return stats;
  }

  public Notes notes() {
    return notes;
  }

  /** A hash over all that happened so far. */
  public Digest traceHash() {
    return trace.value();
  }

  public World listen(TraceListener listener) {
    listeners.add(listener);
    return this;
  }

  // --- replicas

  public boolean up(int replica) {
    return hosts.get(replica).life() != null;
  }

  /** Why a replica stopped itself, null if it did not. */
  public @Nullable String halted(int replica) {
    return hosts.get(replica).halted();
  }

  /**
   * A replica's status.
   *
   * @throws IllegalStateException if it is down
   */
  public Status status(int replica) {
    return hosts.get(replica).status();
  }

  /** The state machine that lives at a replica now, null if it is down. */
  public @Nullable Protocol protocol(int replica) {
    return hosts.get(replica).protocol();
  }

  /** A replica's application. */
  public StateMachine application(int replica) {
    Life life = hosts.get(replica).life();
    if (life == null) {
      throw new IllegalStateException("R" + replica + " is down");
    }
    return life.application().machine();
  }

  /** What a replica's host signs and checks with, its own keys included. */
  public CryptoProvider crypto(int replica) {
    return hosts.get(replica).crypto;
  }

  /** What clients verify an epoch's answers with. */
  CryptoProvider verifier(GhostLedger epoch) {
    RealKeys keys = options.keys();
    return keys == null
        ? new GhostCrypto(epoch, -1)
        : new CheckedCrypto(keys.verifier(), epoch, -1);
  }

  /** A client's signature, which is in the table too. */
  byte[] signClient(int principal, byte[] statement) {
    byte[] noted = ledger().signClient(principal, statement);
    RealKeys keys = options.keys();
    return keys == null ? noted : keys.signClient(principal, statement);
  }

  public GhostThreshSign enclave(int replica) {
    return hosts.get(replica).enclave;
  }

  /** Whether a durable record about this slot and view is in a replica's log. */
  public boolean durable(int replica, int instance, long slot, long view) {
    return hosts.get(replica).disk.holds(instance, slot, view);
  }

  /** How many records a replica's durable log has. */
  public int logSize(int replica) {
    return hosts.get(replica).disk.size();
  }

  /** How many effects of a replica wait for its disk. */
  public int held(int replica) {
    Life life = hosts.get(replica).life();
    return life == null ? 0 : life.held();
  }

  /** How many durable snapshots a replica has. */
  public int snapshots(int replica) {
    return hosts.get(replica).disk.snapshots();
  }

  /** It loses its memory and what was not synced; trusted subsystem, log and snapshots survive. */
  public void crash(int replica) {
    hosts.get(replica).crash();
    stepped();
  }

  /** A new life on what is durable. */
  public void restart(int replica) {
    hosts.get(replica).start();
    stepped();
  }

  /** Crashes a replica and replaces its disk by an empty one. */
  public void wipe(int replica) {
    hosts.get(replica).crash();
    hosts.get(replica).wipe();
    listeners.wiped(replica);
  }

  /** Runs {@code action} at an instant, or now if that has passed; counted from the beginning. */
  public void at(long nanos, Runnable action) {
    in(nanos - now(), action);
  }

  /**
   * A replica stands still for so long: it takes no message, fires no timer, finishes nothing, and
   * then does all of it in order.
   */
  public void pause(int replica, long nanos) {
    Host host = hosts.get(replica);
    // What waits for the end of one pause must not be overtaken because a shorter one began later.
    host.pausedUntil = Math.max(host.pausedUntil, now() + nanos);
  }

  /** A pause ends before its time. */
  public void resume(int replica) {
    hosts.get(replica).pausedUntil = now();
  }

  /**
   * From now on a crash leaves some of what was not synced, in pieces.
   *
   * @param struck is told what befell the disk, in the words {@code diskLost}, {@code
   *     diskReordered}, {@code diskTorn}, {@code diskMisdirected}, {@code diskSnapshotCut} and
   *     {@code diskSnapshotUntold}
   */
  public void unreliableDisk(int replica, long seed, Consumer<String> struck) {
    hosts.get(replica).disk.unreliable(new PowerFailure(seed, struck));
  }

  /** Sets a replica's wall clock off by so much. */
  public void skew(int replica, long millis) {
    skewMillis[replica] = millis;
  }

  /** Running timers of a replica, next first. */
  public List<TimerKey> timers(int replica) {
    Life life = hosts.get(replica).life();
    return life == null ? List.of() : life.timers().list();
  }

  /** Fires a running timer before its time; false if it does not run. */
  public boolean fire(int replica, TimerKey timer) {
    Life life = hosts.get(replica).life();
    boolean fired = life != null && life.timers().fire(timer);
    stepped();
    return fired;
  }

  /** Hands bytes to a replica as if {@code from} had sent them over its link, now. */
  public void inject(int from, int to, Frame frame) {
    deliver(from, to, frame);
    stepped();
  }

  // --- clients

  /** The client with this principal, session 0. */
  public ClientStub client(int principal) {
    return client((long) principal << 32);
  }

  /** The client with this identifier. */
  public ClientStub client(long id) {
    return clients.computeIfAbsent(id, c -> new ClientStub(this, c));
  }

  // --- time

  /** Runs the next event; false if there is none. */
  public boolean step() {
    if (events.isEmpty()) {
      return false;
    }
    events.runNext();
    stepped();
    return true;
  }

  /** Runs all that is due now, and what follows from it at once. */
  public void settle() {
    while (events.due(events.now())) {
      step();
    }
  }

  /** Lets this many nanoseconds pass. */
  public void run(long nanos) {
    long end = events.now() + nanos;
    while (events.due(end)) {
      step();
    }
    events.moveTo(end);
  }

  /** Runs until the condition holds; false if it does not within so many nanoseconds. */
  public boolean runUntil(BooleanSupplier condition, long withinNanos) {
    long end = events.now() + withinNanos;
    while (!condition.getAsBoolean()) {
      if (!events.due(end)) {
        events.moveTo(end);
        return condition.getAsBoolean();
      }
      step();
    }
    return true;
  }

  // --- for the parts of this package

  void in(long delay, @Nullable Life life, Runnable action) {
    events.in(delay, life, action);
  }

  void in(long delay, Runnable action) {
    events.in(delay, null, action);
  }

  /** See {@link EventQueue#reserve}. */
  long reserve() {
    return events.reserve();
  }

  void at(long time, long number, Life life, Runnable action) {
    events.at(time, number, life, action);
  }

  long wallMillis(int replica) {
    return START_MILLIS + events.now() / 1_000_000 + skewMillis[replica];
  }

  TraceListener listeners() {
    return listeners;
  }

  void send(int from, int to, Frame frame) {
    listeners.sent(from, to, frame);
    network.send(from, to, frame);
  }

  void submit(int replica, Request request) {
    Life life = hosts.get(replica).life();
    if (life != null && life.paused() > 0) {
      in(life.paused(), life, () -> submit(replica, request));
    } else if (life != null) {
      life.submit(request);
    }
  }

  void carryUp(long client, int replica, Request request) {
    network.up(wire, client, replica, request.encodedLength(), () -> submit(replica, request));
  }

  /** Carries a reply to its client, encoded and decoded where the world encodes. */
  void carryDown(int from, Reply reply) {
    if (!clients.containsKey(reply.client())) {
      return;
    }
    Reply carried = reply;
    if (options.encoded()) {
      try {
        carried = Reply.decode(reply.encode(), Integer.MAX_VALUE);
      } catch (MalformedException e) {
        throw new WorldFailure("R" + from + " sent a reply that does not decode", e);
      }
    }
    Reply arriving = carried;
    network.down(wire, from, reply.client(), reply.encodedLength(), () -> answer(from, arriving));
  }

  private void answer(int from, Reply reply) {
    ClientStub client = clients.get(reply.client());
    if (client != null) {
      client.receive(from, reply);
    }
  }

  private void deliver(int from, int to, Frame frame) {
    Life life = hosts.get(to).life();
    if (life != null && life.paused() > 0) {
      in(life.paused(), life, () -> deliver(from, to, frame));
    } else if (life != null) {
      delivered++;
      listeners.delivered(from, to, frame);
      life.receive(from, frame);
    }
  }

  private void stepped() {
    steps++;
    listeners.stepped(this);
  }

  private final class Links implements Network.Wire {
    @Override
    public long now() {
      return events.now();
    }

    @Override
    public void in(long delay, Runnable action) {
      events.in(delay, null, action);
    }

    @Override
    public long clientDelay() {
      return options.clientDelay();
    }

    @Override
    public void deliver(int from, int to, Frame frame) {
      World.this.deliver(from, to, frame);
    }
  }
}
