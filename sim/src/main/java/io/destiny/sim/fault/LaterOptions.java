package io.destiny.sim.fault;

import io.destiny.core.machine.Settings;
import io.destiny.sim.world.LinkModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * What a seed decides since the first seeds were kept: drawn apart, so that a seed for which all of
 * this is off means what it always meant.
 */
final class LaterOptions {
  private static final long MILLISECOND = 1_000_000L;
  private static final long SECOND = 1000 * MILLISECOND;

  /** Together less than T_skew. */
  private static final int CORRECT_SKEW_MILLIS = 400;

  private static final int FAULTY_SKEW_MILLIS = 3_600_000;

  /** Requests of one client, where there are so many replicas that a seed would take long. */
  private static final int FEW_REQUESTS = 4;

  private static final int MANY_REPLICAS = 31;
  private static final int MOST_COMMANDS = 200;

  private final SplittableRandom random;
  private final boolean themed;
  private final boolean faults;
  private final boolean largeBatches;
  private final int larger;

  /**
   * @param themed the seed is about one thing that nothing else may disturb
   */
  LaterOptions(long seed, boolean themed) {
    this.random = new SplittableRandom(seed * 0x9E37_79B9L ^ 0x5EED);
    this.themed = themed;
    int size = random.nextInt(256);
    this.larger = themed ? 0 : size == 0 ? MANY_REPLICAS : size < 5 ? 13 : 0;
    this.largeBatches = !themed && random.nextInt(8) == 0;
    this.faults = !themed && random.nextBoolean();
  }

  int replicas(int usual) {
    return larger > 0 ? larger : usual;
  }

  int requests(int usual) {
    return larger == MANY_REPLICAS ? FEW_REQUESTS : usual;
  }

  /** Commands of one request; a batch is large only if they are many. */
  int group(int usual) {
    return largeBatches ? random.nextInt(1, 41) : usual;
  }

  Settings.Tuning tuning(Settings.Tuning usual) {
    return largeBatches ? usual.withBatch(random.nextInt(1, MOST_COMMANDS + 1)) : usual;
  }

  /** Wall clocks that are off, in milliseconds: those of the f by any time. */
  Map<Integer, Long> skews(int n, List<Integer> faulty) {
    Map<Integer, Long> skews = new TreeMap<>();
    if (faults && random.nextBoolean()) {
      for (int i = 0; i < n; i++) {
        int most = faulty.contains(i) ? FAULTY_SKEW_MILLIS : CORRECT_SKEW_MILLIS;
        skews.put(i, random.nextLong(-most, most + 1));
      }
    }
    return skews;
  }

  /** How many clients lie. */
  int lyingClients() {
    return faults && random.nextInt(3) == 0 ? random.nextInt(1, 3) : 0;
  }

  /** How many of 1000 messages between clients and replicas are lost, and how many come twice. */
  int[] clientLinks() {
    boolean bad = faults && random.nextInt(3) == 0;
    return bad ? new int[] {random.nextInt(300), random.nextInt(500)} : new int[2];
  }

  /** One of so many requests is followed by an ASSIGN_REQ; 0: none. To be drawn last. */
  int moves() {
    return !themed && random.nextInt(3) == 0 ? random.nextInt(1, 9) : 0;
  }

  /** One of the f that hears nothing, or that nobody hears, for good. */
  Fault cutOff(int replica, long horizon) {
    long at = random.nextLong(horizon);
    List<Integer> one = List.of(replica);
    return random.nextBoolean()
        ? Fault.onLinks(Fault.Kind.DROP, at, Long.MAX_VALUE, List.of(), one, 1000)
        : Fault.onLinks(Fault.Kind.DROP, at, Long.MAX_VALUE, one, List.of(), 1000);
  }

  /** Which of these is cut off; -1: none. */
  int cutOffOf(List<Integer> candidates) {
    return faults && !candidates.isEmpty() && random.nextInt(4) == 0
        ? candidates.get(random.nextInt(candidates.size()))
        : -1;
  }

  /** Faults of links that end. */
  List<Fault> links(int n, long horizon, LinkModel usual) {
    List<Fault> all = new ArrayList<>();
    if (!faults) {
      return all;
    }
    if (random.nextInt(3) == 0) {
      all.addAll(partition(n, random.nextLong(horizon)));
    }
    if (random.nextInt(3) == 0) {
      all.addAll(factors(n, horizon, usual));
    }
    if (random.nextInt(3) == 0) {
      all.add(slowNode(n, random.nextLong(horizon), usual));
    }
    if (random.nextInt(3) == 0) {
      all.addAll(swizzle(n, horizon));
    }
    return all;
  }

  /** One of four shapes; in every second one only one direction is cut. */
  private List<Fault> partition(int n, long at) {
    long until = at + random.nextLong(3 * SECOND) + 1;
    boolean oneWay = random.nextBoolean();
    List<Integer> order = shuffled(n);
    int half = n / 2;
    List<Fault> cuts = new ArrayList<>();
    switch (random.nextInt(4)) {
      case 0 -> cut(cuts, at, until, order.subList(0, 1), order.subList(1, n), oneWay);
      case 1 -> {
        int size = random.nextInt(1, n);
        cut(cuts, at, until, order.subList(0, size), order.subList(size, n), oneWay);
      }
      // A bridge: the one in the middle hears both halves, which do not hear each other.
      case 2 -> cut(cuts, at, until, order.subList(0, half), order.subList(half + 1, n), oneWay);
      default -> ring(cuts, at, until, order, oneWay);
    }
    return cuts;
  }

  private static void cut(
      List<Fault> cuts, long at, long until, List<Integer> a, List<Integer> b, boolean oneWay) {
    if (a.isEmpty() || b.isEmpty()) {
      return; // three replicas have no two halves beside a bridge
    }
    cuts.add(Fault.onLinks(Fault.Kind.DROP, at, until, List.copyOf(a), List.copyOf(b), 1000));
    if (!oneWay) {
      cuts.add(Fault.onLinks(Fault.Kind.DROP, at, until, List.copyOf(b), List.copyOf(a), 1000));
    }
  }

  /** Each hears its neighbours in a circle; one way: only the one before it. */
  private static void ring(
      List<Fault> cuts, long at, long until, List<Integer> order, boolean oneWay) {
    int n = order.size();
    for (int i = 0; i < n; i++) {
      List<Integer> far = new ArrayList<>();
      // Places after its own in the circle, without the next one and, both ways, the last one.
      for (int ahead = 2; ahead < (oneWay ? n : n - 1); ahead++) {
        far.add(order.get((i + ahead) % n));
      }
      if (!far.isEmpty()) {
        List<Integer> from = List.of(order.get(i));
        cuts.add(Fault.onLinks(Fault.Kind.DROP, at, until, from, far, 1000));
      }
    }
  }

  private List<Integer> shuffled(int n) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      order.add(random.nextInt(i + 1), i);
    }
    return order;
  }

  /** Some links are slower than the others by a factor of their own. */
  private List<Fault> factors(int n, long horizon, LinkModel usual) {
    List<Fault> slower = new ArrayList<>();
    int links = random.nextInt(1, 2 * n);
    for (int i = 0; i < Math.min(links, 8); i++) {
      List<Integer> order = shuffled(n);
      slower.add(
          Fault.onLinks(
                  Fault.Kind.DELAY, 0, horizon, List.of(order.get(0)), List.of(order.get(1)), 1000)
              .by(later(usual, random.nextInt(2, 12))));
    }
    return slower;
  }

  private Fault slowNode(int n, long at, LinkModel usual) {
    long until = at + random.nextLong(3 * SECOND) + 1;
    return Fault.of(Fault.Kind.SLOW, at, until, List.of(random.nextInt(n)))
        .by(later(usual, random.nextInt(10, 101)));
  }

  /** So much later that a message takes {@code factor} times as long; at most half a second. */
  private static long later(LinkModel usual, int factor) {
    long mean = (usual.minDelay() + usual.maxDelay()) / 2;
    return Math.min(SECOND / 2, mean * (factor - 1));
  }

  /** Several are clogged one after the other, and come free in another order. */
  private List<Fault> swizzle(int n, long horizon) {
    List<Fault> clogs = new ArrayList<>();
    long first = random.nextLong(horizon);
    List<Integer> victims = shuffled(n).subList(0, random.nextInt(1, n));
    for (int victim : victims) {
      long at = first + random.nextLong(SECOND / 2);
      long until = first + SECOND / 2 + random.nextLong(SECOND);
      clogs.add(Fault.onLinks(Fault.Kind.CLOG, at, until, List.of(), List.of(victim), 1000));
    }
    return clogs;
  }
}
