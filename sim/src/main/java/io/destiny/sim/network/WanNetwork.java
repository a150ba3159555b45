package io.destiny.sim.network;

import io.destiny.sim.world.Frame;
import io.destiny.sim.world.Network;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The network of experiments.md §6: a message enters the buffer of its connection, leaves the
 * machine in chunks that take turns between connections, passes the connection at its rate, takes
 * one-way delay with jitter, and enters the receiving machine. In order on each connection.
 *
 * <p>Simplifications, each cheaper than an event a chunk: chunks of one turn of the NIC of at most
 * 64 KB leave in one event with exact times; a connection's window is a bound on the bytes that
 * wait in its pipe.
 */
public final class WanNetwork implements Network {
  /**
   * What the network charges.
   *
   * @param bandwidth whether links and machines have limits at all
   * @param jitter whether delays vary
   */
  public record Mode(boolean bandwidth, boolean jitter) {
    /** Delays alone. */
    public static final Mode IDEAL = new Mode(false, false);

    public static final Mode FULL = new Mode(true, true);
  }

  private static final int CHUNK = 64 << 10;
  private static final int PER_MESSAGE = 60;
  private static final double OVERHEAD = 1.04;

  /** Below this, entering a machine is charged but not waited for in an event of its own. */
  private static final long UNNOTICED_NANOS = 2_000;

  /** Who waits when a buffer is full. */
  @FunctionalInterface
  public interface Full {
    void changed(int replica, boolean full);
  }

  private final Wire wire;
  private final Geography geography;
  private final Mode mode;
  private final SplittableRandom random;
  private final Egress[] egress;
  private final long[] ingressFree;
  private final long[] bytesIn;
  private final Map<Long, Integer> clientRegion = new HashMap<>();
  private final double nicBytesPerNano;
  private long highestBuffer;
  private Full full = (replica, f) -> {};

  /**
   * @param seed of the jitter
   */
  public WanNetwork(Wire wire, int n, Geography geography, Mode mode, long seed) {
    this.wire = wire;
    this.geography = geography;
    this.mode = mode;
    this.random = new SplittableRandom(seed);
    this.nicBytesPerNano = geography.nicBitsPerSecond() / 8e9;
    this.egress = new Egress[n];
    for (int i = 0; i < n; i++) {
      egress[i] = new Egress(i, n);
    }
    this.ingressFree = new long[n];
    this.bytesIn = new long[n];
  }

  /** Is told when a machine's first buffer has become full, and when none is full any more. */
  public void onFull(Full listener) {
    full = listener;
  }

  /** Says where a client is; one that nobody placed is in region 0. */
  public void place(long client, int region) {
    clientRegion.put(client, region);
  }

  /** Bytes that left a replica's machine, overhead included. */
  public long bytesOut(int replica) {
    return egress[replica].bytes;
  }

  /** Bytes that entered a replica's machine, overhead included. */
  public long bytesIn(int replica) {
    return bytesIn[replica];
  }

  /** The most bytes that ever waited in the buffer of one connection. */
  public long highestBuffer() {
    return highestBuffer;
  }

  private static long onWire(int size) {
    return (long) (size * OVERHEAD) + PER_MESSAGE;
  }

  /** RTT/2 · (1 + |N(0, 0.02)|) + Exp(mean 0.2 ms). */
  private long delay(int fromRegion, int toRegion) {
    long base = geography.oneWay(fromRegion, toRegion);
    if (!mode.jitter) {
      return base;
    }
    double stretch = 1 + Math.abs(random.nextGaussian()) * 0.02;
    double extra = -Math.log(1 - random.nextDouble()) * 200_000;
    return (long) (base * stretch + extra);
  }

  @Override
  public void send(int from, int to, Frame frame) {
    if (mode.bandwidth) {
      egress[from].add(to, frame);
    } else {
      long delay = delay(geography.regionOf(from), geography.regionOf(to));
      wire.in(delay, () -> wire.deliver(from, to, frame));
    }
  }

  @Override
  public void up(Wire w, long client, int to, int bytes, Runnable arrive) {
    int region = clientRegion.getOrDefault(client, 0);
    carry(region, geography.regionOf(to), bytes, arrive);
  }

  @Override
  public void down(Wire w, int from, long client, int bytes, Runnable arrive) {
    int region = clientRegion.getOrDefault(client, 0);
    carry(geography.regionOf(from), region, bytes, arrive);
  }

  /** Clients' machines have no limit of their own. */
  private void carry(int fromRegion, int toRegion, int bytes, Runnable arrive) {
    long passing =
        mode.bandwidth
            ? (long) (onWire(bytes) / geography.connectionRate(fromRegion, toRegion) * 1e9)
            : 0;
    wire.in(delay(fromRegion, toRegion) + passing, arrive);
  }

  private void enter(int from, int to, Frame frame, long bytes) {
    long now = wire.now();
    bytesIn[to] += bytes;
    long done = Math.max(now, ingressFree[to]) + (long) (bytes / nicBytesPerNano);
    ingressFree[to] = done;
    if (done - now <= UNNOTICED_NANOS) {
      wire.deliver(from, to, frame);
    } else {
      wire.in(done - now, () -> wire.deliver(from, to, frame));
    }
  }

  private static final class Connection {
    final int to;
    final double bytesPerNano;
    final ArrayDeque<Frame> queue = new ArrayDeque<>();

    /** Bytes of the first frame that have not left. */
    long rest;

    long buffered;

    /** When the pipe has passed all that entered it. */
    long pipeFree;

    long lastArrival;
    boolean active;
    boolean full;

    Connection(int to, double bytesPerNano) {
      this.to = to;
      this.bytesPerNano = bytesPerNano;
    }
  }

  /** A machine's way out: its connections take turns, chunk by chunk. */
  private final class Egress {
    private final int from;
    private final @Nullable Connection[] connections;
    private final ArrayDeque<Connection> turn = new ArrayDeque<>();
    private long free;
    private boolean serving;
    private int fullOnes;
    private long bytes;

    Egress(int from, int n) {
      this.from = from;
      this.connections = new Connection[n];
    }

    private Connection connection(int to) {
      Connection c = connections[to];
      if (c == null) {
        double rate =
            geography.connectionRate(geography.regionOf(from), geography.regionOf(to)) / 1e9;
        c = new Connection(to, rate);
        connections[to] = c;
      }
      return c;
    }

    void add(int to, Frame frame) {
      Connection c = connection(to);
      long size = onWire(frame.size());
      bytes += size;
      c.queue.add(frame);
      c.buffered += size;
      highestBuffer = Math.max(highestBuffer, c.buffered);
      if (!c.full && c.buffered > geography.bufferBytes()) {
        c.full = true;
        if (fullOnes++ == 0) {
          full.changed(from, true);
        }
      }
      if (!c.active) {
        c.active = true;
        turn.addLast(c);
      }
      if (!serving) {
        serve();
      }
    }

    /** Lets about one chunk's worth of bytes leave. */
    private void serve() {
      serving = false;
      long now = wire.now();
      free = Math.max(free, now);
      if (free > now) {
        again(free - now);
        return;
      }
      long left = CHUNK;
      int stalled = 0;
      long wait = Long.MAX_VALUE;
      while (left > 0 && stalled < turn.size()) {
        Connection c = turn.removeFirst();
        long full = fullFor(c);
        if (full > 0) {
          stalled++;
          wait = Math.min(wait, full);
          turn.addLast(c);
          continue;
        }
        stalled = 0;
        left -= chunk(c);
        if (c.queue.isEmpty()) {
          c.active = false;
        } else {
          turn.addLast(c);
        }
      }
      if (!turn.isEmpty()) {
        again(left <= 0 || stalled < turn.size() ? free - now : Math.max(wait, 1));
      }
    }

    private void again(long delay) {
      serving = true;
      wire.in(delay, this::serve);
    }

    /** How long the connection's window stays full, 0 if it is not. */
    private long fullFor(Connection c) {
      long most = (long) (geography.windowBytes() / c.bytesPerNano);
      return Math.max(0, c.pipeFree - free - most);
    }

    private long chunk(Connection c) {
      Frame frame = c.queue.getFirst();
      long total = onWire(frame.size());
      if (c.rest == 0) {
        c.rest = total;
      }
      long size = Math.min(CHUNK, c.rest);
      free += (long) (size / nicBytesPerNano);
      c.pipeFree = Math.max(c.pipeFree, free) + (long) (size / c.bytesPerNano);
      c.rest -= size;
      c.buffered -= size;
      if (c.full && c.buffered <= geography.bufferBytes()) {
        c.full = false;
        if (--fullOnes == 0) {
          full.changed(from, false);
        }
      }
      if (c.rest == 0) {
        c.queue.removeFirst();
        long delay = delay(geography.regionOf(from), geography.regionOf(c.to));
        c.lastArrival = Math.max(c.lastArrival, c.pipeFree + delay);
        int to = c.to;
        wire.in(c.lastArrival - wire.now(), () -> enter(from, to, frame, total));
      }
      return size;
    }
  }
}
