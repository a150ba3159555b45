package io.destiny.sim.fault;

import io.destiny.core.machine.Settings;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.sim.world.LinkModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;

/**
 * Everything about a run that its seed decides: size, tuning, links, clients, faults. Each class of
 * faults is off with probability 1/2. Byzantine replicas, wiped disks and lost trusted subsystems
 * together stay within f.
 */
final class SwarmPlan {
  /** How many behaviours there were when the first seeds were kept. */
  private static final int FIRST_BEHAVIOURS = 8;

  private static final int SMALL_WINDOW = 4;

  private static final long MILLISECOND = 1_000_000L;

  /** One seed in so many has fair weather, and one is about state transfer. */
  private static final int THEMES = 16;

  private static final int TRANSFER = 5;

  private static final long SECOND = 1000 * MILLISECOND;

  final long seed;
  final int n;
  final int f;
  final long horizon;
  final int clients;
  final int requests;
  final int group;

  /** One of so many seeds has epochs that end. */
  private static final int RECONFIGURED = 5;

  final Settings.Tuning tuning;
  final LinkModel links;
  final boolean encoded;

  /** Nothing goes wrong: what it costs can be judged. */
  final boolean fair;

  /** A replica falls far behind, and one that it may ask lies. */
  private final boolean transfer;

  /** Replicas that count against f, and at which no client has its home where it matters. */
  final List<Integer> faulty = new ArrayList<>();

  /** Wall clocks that are off, in milliseconds. */
  final Map<Integer, Long> skews;

  final int lyingClients;

  /** One of so many requests is followed by an ASSIGN_REQ; 0: none. */
  final int moves;

  /** Of 1000 messages between clients and replicas: lost, and delivered twice. */
  final int[] clientLinks;

  /** When administrators ask for a next epoch. */
  final List<Long> reconfigurations = new ArrayList<>();

  private final SplittableRandom random;
  private final boolean gentle;
  private final List<Fault> plan = new ArrayList<>();
  private final Map<Integer, Behaviour> byzantine = new TreeMap<>();

  private SwarmPlan(long seed, boolean gentle, Swarm.Subject subject) {
    IntFunction<QuorumRule> rule = subject.rule();
    this.seed = seed;
    this.gentle = gentle;
    this.random = new SplittableRandom(seed * 7919);
    this.fair = seed % THEMES == 0;
    this.transfer = seed % THEMES == TRANSFER;
    LaterOptions later = new LaterOptions(seed, fair || transfer);
    int size = later.replicas(one(3, 3, 3, 4, 5, 5, 7));
    this.n = rule.apply(size).model() == FaultModel.BFT ? withoutTrusted(size) : size;
    this.f = rule.apply(n).f();
    this.horizon = random.nextLong(2 * SECOND, 8 * SECOND);
    this.tuning =
        later
            .tuning(tuning())
            .change()
            .permuted(rule.apply(n).model() == FaultModel.BFT && permuted(seed))
            .pillars(subject.pillars() ? pillars(seed) : 1)
            .done();
    this.links = links();
    this.clients = random.nextInt(1, 9);
    int some = random.nextInt(5, 30);
    this.requests = later.requests(transfer ? 10 * some : some);
    this.group = later.group(random.nextInt(1, 5));
    this.encoded = true;
    if (!fair) {
      choose();
    }
    plan.addAll(later.links(n, horizon, links));
    cutOff(later);
    if (!gentle && !fair && !transfer) {
      losses();
    }
    reconfigure();
    this.skews = later.skews(n, faulty);
    this.lyingClients = later.lyingClients();
    this.clientLinks = later.clientLinks();
    this.moves = later.moves();
  }

  static SwarmPlan of(long seed, Swarm.Mode mode, Swarm.Subject subject) {
    return new SwarmPlan(seed, mode == Swarm.Mode.NO_LEADER_LOSS, subject);
  }

  /** Drawn apart: half of the seeds have one. */
  private static int pillars(long seed) {
    SplittableRandom more = new SplittableRandom(seed * 8191 ^ 0x9111A5);
    return more.nextBoolean() ? 1 : 2 << more.nextInt(3);
  }

  /** Drawn apart: one of three seeds; only SBFT minds. */
  private static boolean permuted(long seed) {
    return new SplittableRandom(seed * 8191 ^ 0x5BF7).nextInt(3) == 0;
  }

  /** As many replicas as tolerate the same faults without trusted subsystems, up to four. */
  private static int withoutTrusted(int size) {
    int faults = Math.min(4, (size - 1) / 2);
    return 3 * faults + 1 + (size % 2 == 0 ? 1 : 0);
  }

  Faults faults() {
    return new Faults(plan, byzantine, seed);
  }

  List<String> lines() {
    return faults().lines();
  }

  /** What else is unusual, in lines for people; the shrinker takes none of it away. */
  List<String> circumstances() {
    List<String> lines = new ArrayList<>();
    skews.forEach(
        (r, millis) -> lines.add("the wall clock of R" + r + " is off by " + millis + " ms"));
    reconfigurations.forEach(
        at -> lines.add("administrators ask for the next epoch at " + at / MILLISECOND + " ms"));
    if (tuning.pillars() > 1) {
      lines.add("the order has " + tuning.pillars() + " pillars");
    }
    if (moves > 0) {
      lines.add("one of %d requests is followed by an ASSIGN_REQ".formatted(moves));
    }
    if (lyingClients > 0) {
      lines.add(lyingClients + " clients lie");
    }
    if (clientLinks[0] + clientLinks[1] > 0) {
      lines.add(
          "client links lose %.1f %% and repeat %.1f %%"
              .formatted(clientLinks[0] / 10.0, clientLinks[1] / 10.0));
    }
    return lines;
  }

  private int one(int... of) {
    return of[random.nextInt(of.length)];
  }

  private Settings.Tuning tuning() {
    Settings.Tuning t = Settings.Tuning.defaults(f);
    int window = one(4, 8, 16, 64);
    int interval = one(2, 8, 16);
    int orderWindow = Math.max(2 * interval, one(8, 32, 64));
    return t.change()
        .orderPrimary(random.nextInt(n))
        .batch(random.nextInt(1, 9))
        .orderDelay(random.nextBoolean() ? t.orderDelay() : 0)
        .maxInFlight(random.nextInt(1, 5))
        .window(transfer ? SMALL_WINDOW : window)
        .orderWindow(orderWindow)
        .checkpointInterval(interval)
        .collectors(gentle ? t.collectors() : random.nextInt(t.collectors() + 1))
        .done();
  }

  private LinkModel links() {
    if (fair) {
      return LinkModel.CALM;
    }
    return new LinkModel(
        MILLISECOND / 10,
        MILLISECOND * random.nextInt(1, 60),
        random.nextBoolean() ? 0 : random.nextInt(300),
        random.nextBoolean() ? 0 : random.nextInt(500),
        random.nextInt(4) > 0);
  }

  private boolean on() {
    return random.nextBoolean();
  }

  private void choose() {
    List<Integer> candidates = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      if (!gentle || i != tuning.orderPrimary()) {
        candidates.add(i);
      }
    }
    while (faulty.size() < f && on()) {
      int chosen = candidates.get(random.nextInt(candidates.size()));
      candidates.removeIf(c -> c == chosen);
      faulty.add(chosen);
      badEnough(chosen);
    }
    if (gentle && on() && byzantine.size() + faulty.size() < f) {
      // Late is not mute: the O-primary may be the one that lies.
      byzantine.put(tuning.orderPrimary(), Behaviour.LATE_ORDER);
    }
    SplittableRandom more = new SplittableRandom(~seed);
    byzantine.replaceAll(
        (r, b) -> faulty.contains(r) && more.nextInt(3) == 0 ? another(r, more) : b);
    if (transfer) {
      leaveBehind(more);
    }
    if (on()) {
      times(3, this::crash);
    }
    if (on()) {
      times(3, this::network);
    }
    if (on()) {
      times(2, this::machine);
    }
    if (!gentle && random.nextInt(4) == 0) {
      lost(time(), random.nextInt(n));
    }
  }

  /** One more of the f stops for good; it comes back if there are f already. */
  private void lost(long at, int replica) {
    Set<Integer> bad = new TreeSet<>(faulty);
    bad.addAll(byzantine.keySet());
    boolean within = bad.contains(replica) || bad.size() < f;
    if (within && !faulty.contains(replica)) {
      faulty.add(replica);
    }
    plan.add(
        Fault.of(
            Fault.Kind.CRASH,
            at,
            within ? Long.MAX_VALUE : at + horizon / 2 + 1,
            List.of(replica)));
  }

  /** L4: one more of the f is deaf or mute for good. */
  private void cutOff(LaterOptions later) {
    Set<Integer> bad = new TreeSet<>(faulty);
    bad.addAll(byzantine.keySet());
    List<Integer> others = new ArrayList<>();
    for (int i = 0; i < n && bad.size() < f; i++) {
      if (!bad.contains(i) && i != tuning.orderPrimary()) {
        others.add(i);
      }
    }
    int chosen = later.cutOffOf(others);
    if (chosen >= 0) {
      faulty.add(chosen);
      plan.add(later.cutOff(chosen, horizon));
    }
  }

  /**
   * What remains of the f may stop for good: half of the time the O-primary is among them. Drawn
   * apart, so that older seeds mean what they meant otherwise.
   */
  private void losses() {
    SplittableRandom more = new SplittableRandom(seed * 31 ^ 0x1055);
    Set<Integer> bad = new TreeSet<>(faulty);
    bad.addAll(byzantine.keySet());
    if (more.nextInt(3) != 0) {
      return;
    }
    List<Integer> candidates = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      candidates.add(more.nextInt(candidates.size() + 1), i);
    }
    if (more.nextBoolean()) {
      candidates.addFirst(tuning.orderPrimary());
    }
    for (int candidate : candidates) {
      if (bad.size() < f && bad.add(candidate)) {
        lost(more.nextLong(horizon), candidate);
      }
    }
  }

  /** Drawn apart, and not for all, so that older seeds mean what they meant. */
  private void reconfigure() {
    if (fair || transfer || seed % RECONFIGURED != 0) {
      return;
    }
    SplittableRandom more = new SplittableRandom(seed * 131 ^ 0xE90C);
    for (int i = more.nextInt(3); i >= 0; i--) {
      reconfigurations.add(more.nextLong(horizon));
    }
  }

  private void times(int most, Runnable fault) {
    int count = random.nextInt(1, most + 1);
    for (int i = 0; i < count; i++) {
      fault.run();
    }
  }

  private long time() {
    return random.nextLong(horizon);
  }

  private long end(long begin, long most) {
    return begin + random.nextLong(most) + 1;
  }

  /** One of the f: a liar, a wiped disk, or a lost trusted subsystem. */
  private void badEnough(int replica) {
    long at = time();
    switch (random.nextInt(4)) {
      case 0 -> plan.add(Fault.of(Fault.Kind.WIPE, at, end(at, SECOND), List.of(replica)));
      case 1 ->
          plan.add(Fault.of(Fault.Kind.RESTART_TRUSTED, at, end(at, SECOND), List.of(replica)));
      default -> byzantine.put(replica, behaviour());
    }
  }

  private Behaviour behaviour() {
    Behaviour[] all = Behaviour.values();
    return all[random.nextInt(FIRST_BEHAVIOURS)];
  }

  /** One misses so much that it has to fetch a state, and one of its sources lies. */
  private void leaveBehind(SplittableRandom more) {
    int source = (tuning.orderPrimary() + 1) % n;
    int victim = (tuning.orderPrimary() + 2 + more.nextInt(n - 2)) % n;
    plan.clear();
    byzantine.clear();
    faulty.clear();
    faulty.add(source);
    byzantine.put(source, Behaviour.POISON_STATE);
    plan.add(Fault.onLinks(Fault.Kind.DROP, 0, horizon * 3 / 4, List.of(), List.of(victim), 1000));
  }

  /** Drawn apart, so that older seeds mean what they meant. */
  private Behaviour another(int replica, SplittableRandom more) {
    if (replica == tuning.orderPrimary() && more.nextBoolean()) {
      return Behaviour.LIE_ORDER;
    }
    Behaviour[] all = Behaviour.values();
    return all[more.nextInt(FIRST_BEHAVIOURS, all.length)];
  }

  private void crash() {
    long at = time();
    List<Integer> down = new ArrayList<>();
    boolean all = random.nextInt(3) == 0;
    for (int i = 0; i < n; i++) {
      if (all ? on() : down.isEmpty() && random.nextInt(n) == 0) {
        down.add(i);
      }
    }
    if (down.isEmpty()) {
      down.add(random.nextInt(n));
    }
    if (on()) {
      plan.add(Fault.of(Fault.Kind.DISK_FAULT, at / 2, Long.MAX_VALUE, down));
    }
    plan.add(Fault.of(Fault.Kind.CRASH, at, end(at, 2 * SECOND), down));
  }

  private void network() {
    long at = time();
    long until = end(at, 3 * SECOND);
    List<Integer> from = on() ? List.of() : List.of(random.nextInt(n));
    List<Integer> to = on() ? List.of() : List.of(random.nextInt(n));
    switch (random.nextInt(9)) {
      case 0 -> plan.add(Fault.partition(at, until, sides()));
      case 1 -> plan.add(links(Fault.Kind.DROP, at, until, from, to));
      case 2 ->
          plan.add(
              links(Fault.Kind.DELAY, at, until, from, to).by(random.nextLong(300 * MILLISECOND)));
      case 3 -> plan.add(links(Fault.Kind.DUPLICATE, at, until, from, to));
      case 4 ->
          plan.add(
              links(Fault.Kind.REORDER, at, until, from, to)
                  .by(random.nextLong(200 * MILLISECOND)));
      case 5 -> plan.add(links(Fault.Kind.REPLAY, at, until, from, to));
      case 6 ->
          plan.add(
              Fault.onLinks(Fault.Kind.CLOG, at, until, from, List.of(random.nextInt(n)), 1000));
      case 7 ->
          plan.add(
              Fault.of(Fault.Kind.SLOW, at, until, List.of(random.nextInt(n)))
                  .by(random.nextLong(100 * MILLISECOND)));
      default ->
          plan.add(
              Fault.onLinks(
                  Fault.Kind.DROP,
                  at,
                  until,
                  List.of(random.nextInt(n)),
                  List.of(random.nextInt(n)),
                  1000));
    }
  }

  private Fault links(Fault.Kind kind, long at, long until, List<Integer> from, List<Integer> to) {
    return Fault.onLinks(kind, at, until, from, to, random.nextInt(50, 900));
  }

  private List<List<Integer>> sides() {
    List<List<Integer>> sides = List.of(new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < n; i++) {
      sides.get(random.nextInt(2)).add(i);
    }
    return sides;
  }

  private void machine() {
    long at = time();
    int replica = random.nextInt(n);
    if (on()) {
      plan.add(Fault.of(Fault.Kind.PAUSE, at, end(at, 2 * SECOND), List.of(replica)));
    } else {
      plan.add(
          Fault.of(Fault.Kind.CLOCK_DRIFT, 0, Long.MAX_VALUE, List.of(replica))
              .by(random.nextLong(-200, 201)));
    }
  }
}
