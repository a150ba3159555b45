package io.destiny.sim.fault;

import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.sim.ghost.GhostThreshSign;
import io.destiny.sim.world.Network;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong in one run: a list of faults, and replicas that lie. Bound to a world in three
 * places: its options, its network, and the world itself before it starts.
 */
public final class Faults {
  private final List<Fault> plan;
  private final SortedMap<Integer, Behaviour> byzantine;
  private final Injected injected;
  private final Map<Integer, Tampering> liars = new HashMap<>();
  private final Map<Integer, OrderLies> lies = new HashMap<>();

  private @Nullable FaultyNetwork network;
  private boolean over;

  /** Between twins that know of each other; null: each holds that it is the only one. */
  private @Nullable TwinLinks twins;

  /** Second trusted subsystems with the same keys. */
  private final Map<Integer, GhostThreshSign> clones = new HashMap<>();

  /**
   * @param seed of all random choices
   */
  public Faults(List<Fault> plan, Map<Integer, Behaviour> byzantine, long seed) {
    this.plan = List.copyOf(plan);
    this.byzantine = new TreeMap<>(byzantine);
    for (Fault f : plan) {
      if (f.kind() == Fault.Kind.CLONE_TRUSTED) {
        // Who clones a trusted subsystem runs a twin on each.
        f.replicas().forEach(r -> this.byzantine.put(r, Behaviour.TWIN));
      }
    }
    this.injected = new Injected(seed);
  }

  /** A run in which nothing goes wrong. */
  public static Faults none() {
    return new Faults(List.of(), Map.of(), 0);
  }

  /** Twins on several hosts know of each other from now on, and tell two stories in concert. */
  public Faults inConcert() {
    Set<Integer> hosts = new TreeSet<>(byzantine.keySet());
    hosts.removeIf(r -> byzantine.get(r) != Behaviour.TWIN);
    twins = new TwinLinks(hosts);
    return this;
  }

  public List<Fault> plan() {
    return plan;
  }

  public SortedMap<Integer, Behaviour> byzantine() {
    return new TreeMap<>(byzantine);
  }

  /** The replicas that follow the protocol. */
  public Set<Integer> correct(int n) {
    Set<Integer> correct = new TreeSet<>();
    for (int i = 0; i < n; i++) {
      if (!byzantine.containsKey(i)) {
        correct.add(i);
      }
    }
    return correct;
  }

  /** How often each kind of fault struck. */
  public SortedMap<String, Long> injected() {
    return injected.counts();
  }

  /** What the run does to the fault budget of its model. */
  public FaultBudget.Verdict verdict(int n, int f) {
    return FaultBudget.judge(plan, byzantine.keySet(), n, f);
  }

  /**
   * The same for a run that somebody judges by its end: replicas that are down for good count too.
   *
   * @param absent replicas that are never started
   * @param end when the run is over, nanoseconds
   */
  public FaultBudget.Verdict verdictToTheEnd(int n, int f, Set<Integer> absent, long end) {
    return FaultBudget.judgeToTheEnd(plan, byzantine.keySet(), absent, end, n, f);
  }

  /** Faults that met nothing to strike, and liars that never lied, in lines for people. */
  public List<String> withoutEffect() {
    List<String> lines = new ArrayList<>();
    byzantine.forEach(
        (r, b) -> {
          if (!injected.counts().containsKey(b.word())) {
            lines.add(line(r, b));
          }
        });
    plan.stream().filter(f -> !injected.struck(f)).forEach(f -> lines.add(f.toString()));
    return lines;
  }

  /** Puts decorators around the replicas that need one. */
  public WorldOptions options(WorldOptions options) {
    Function<Settings, Protocol> inner = options.protocol();
    boolean any =
        !byzantine.isEmpty() || plan.stream().anyMatch(f -> f.kind() == Fault.Kind.CLOCK_DRIFT);
    return any ? options.withProtocol(s -> decorated(s, options, inner)) : options;
  }

  private Protocol decorated(
      Settings settings, WorldOptions options, Function<Settings, Protocol> inner) {
    Protocol protocol = lying(settings, options, inner);
    Tampering liar = liars.get(settings.self());
    if (liar != null) {
      protocol = new ToldReplies(protocol, liar);
    }
    if (byzantine.containsKey(settings.self())) {
      protocol = new Contained(protocol);
    }
    for (Fault f : plan) {
      if (f.kind() == Fault.Kind.CLOCK_DRIFT && f.replicas().contains(settings.self())) {
        protocol = new DriftingClock(protocol, f, injected);
      }
    }
    return protocol;
  }

  private Protocol lying(
      Settings settings, WorldOptions options, Function<Settings, Protocol> inner) {
    int self = settings.self();
    return switch (byzantine.get(self)) {
      case TWIN ->
          new Twin(settings, inner, options.application().get(), clones.get(self), twins, injected);
      case INVENT_REQUESTS -> new InventedRequests(inner.apply(settings), settings, injected);
      case LIE_ORDER -> lies(self).around(inner.apply(settings), settings);
      case null, default -> inner.apply(settings);
    };
  }

  private OrderLies lies(int replica) {
    return lies.computeIfAbsent(replica, r -> new OrderLies(r, injected));
  }

  /** Puts faults of messages before a network. */
  public Network network(Network.Wire wire, Network beneath) {
    boolean any = !byzantine.isEmpty() || plan.stream().anyMatch(f -> f.kind().ofMessages());
    if (!any) {
      return beneath;
    }
    FaultyNetwork faulty =
        new FaultyNetwork(wire, beneath, plan, byzantine.keySet(), liars, injected);
    network = faulty;
    return faulty;
  }

  /** From now on no fault strikes; liars go on to lie, and clocks to drift. */
  void calm() {
    over = true;
    if (network != null) {
      network.calm();
    }
  }

  /** Schedules faults of machines, and gives liars what they need; before the world starts. */
  public void on(World world) {
    byzantine.forEach(
        (replica, behaviour) -> {
          if (behaviour != Behaviour.TWIN) {
            liars.put(replica, new Tampering(world, replica, behaviour, lies(replica), injected));
          }
        });
    for (Fault f : plan) {
      if (f.kind() == Fault.Kind.CLONE_TRUSTED) {
        // Outside the model from the first moment: two of it with equal counters.
        f.replicas().forEach(r -> clones.put(r, world.enclave(r).copy()));
        injected.count(f);
      } else if (!f.kind().ofMessages() && f.kind() != Fault.Kind.CLOCK_DRIFT) {
        world.at(f.at(), () -> strike(world, f));
      }
    }
  }

  private void strike(World world, Fault f) {
    if (over) {
      return;
    }
    for (int replica : f.replicas()) {
      if (world.halted(replica) != null) {
        continue;
      }
      boolean nothingToDo =
          switch (f.kind()) {
            case CRASH, PAUSE -> !world.up(replica);
            case RESTART -> world.up(replica);
            default -> false;
          };
      if (!nothingToDo && f.kind() != Fault.Kind.ROLLBACK_TRUSTED) {
        injected.count(f);
      }
      switch (f.kind()) {
        case CRASH -> crash(world, f, replica, false);
        case WIPE -> crash(world, f, replica, true);
        case RESTART -> back(world, replica);
        case PAUSE -> world.pause(replica, f.until() - world.now());
        case DISK_FAULT ->
            world.unreliableDisk(replica, injected.seed() + replica, injected::count);
        case RESTART_TRUSTED -> {
          world.enclave(replica).restart();
          crash(world, f, replica, false);
        }
        case ROLLBACK_TRUSTED -> rollBack(world, f, replica);
        default -> throw new IllegalStateException("not a fault of machines: " + f);
      }
    }
  }

  private void crash(World world, Fault f, int replica, boolean wipe) {
    if (wipe) {
      world.wipe(replica);
    } else {
      world.crash(replica);
    }
    if (f.until() != Long.MAX_VALUE) {
      world.at(f.until(), () -> back(world, replica));
    }
  }

  private void back(World world, int replica) {
    if (!over
        && !world.up(replica)
        && world.halted(replica) == null
        && !gone(replica, world.now())) {
      world.restart(replica);
    }
  }

  /** Whether a replica has crashed for good, and nothing brings it back later. */
  boolean gone(int replica, long now) {
    for (Fault f : plan) {
      if (f.kind() == Fault.Kind.CRASH
          && f.until() == Long.MAX_VALUE
          && f.at() <= now
          && f.replicas().contains(replica)
          && !FaultBudget.comesBack(plan, replica, f.at(), Long.MAX_VALUE)) {
        return true;
      }
    }
    return false;
  }

  /** Goes back, with the disk wiped, to the counters of the beginning of the fault. */
  private void rollBack(World world, Fault f, int replica) {
    GhostThreshSign earlier = world.enclave(replica).copy();
    world.at(
        f.until(),
        () -> {
          injected.count(f);
          world.wipe(replica);
          world.enclave(replica).rollBack(earlier);
          world.restart(replica);
        });
  }

  /** The plan without some of its faults, for the shrinker. */
  Faults keeping(Set<Integer> faultIndexes, Set<Integer> liarsKept) {
    List<Fault> kept = new ArrayList<>();
    for (int i = 0; i < plan.size(); i++) {
      if (faultIndexes.contains(i)) {
        kept.add(plan.get(i));
      }
    }
    Map<Integer, Behaviour> lying = new TreeMap<>(byzantine);
    lying.keySet().retainAll(new HashSet<>(liarsKept));
    return new Faults(kept, lying, injected.seed());
  }

  /** All in lines for people. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    byzantine.forEach((r, b) -> lines.add(line(r, b)));
    plan.forEach(f -> lines.add(f.toString()));
    return lines;
  }

  private static String line(int replica, Behaviour behaviour) {
    return "R" + replica + " is Byzantine: " + behaviour.word();
  }
}
