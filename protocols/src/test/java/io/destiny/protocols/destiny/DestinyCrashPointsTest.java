package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.Effect;
import io.destiny.core.model.Instances;
import io.destiny.protocols.hybrid.HybridMessage;
import io.destiny.sim.check.Checks;
import io.destiny.sim.world.Costs;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.LinkModel;
import io.destiny.sim.world.TinyStore;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Leaders and hosts that crash after each step of what they do (destiny.md §11, hybster.md §8), and
 * leaders that fail in a row.
 */
class DestinyCrashPointsTest {
  private static final long MILLISECOND = 1_000_000L;
  private static final long SECOND = 1000 * MILLISECOND;

  private static World world(int n, long seed) {
    return Checks.on(
        World.of(
            DestinySimTest.options(n)
                .withSeed(seed)
                .withCosts(Costs.TYPICAL)
                .withTuning(DestinySimTest.small(DestinySimTest.options(n).rule().f()))
                .withLinks(LinkModel.CALM)));
  }

  private static void answered(World world, Workload load, String what) {
    assertThat(world.runUntil(load::done, 120 * SECOND))
        .as("%s: %d accepted, %s", what, load.accepted(), statuses(world))
        .isTrue();
    world.run(10 * SECOND);
    Object history = null;
    for (int i = 0; i < world.options().rule().n(); i++) {
      if (world.up(i)) {
        Object own = ((TinyStore) world.application(i)).history();
        assertThat(own)
            .as("%s: %s", what, statuses(world))
            .isEqualTo(history == null ? own : history);
        history = own;
      }
    }
  }

  private static String statuses(World world) {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < world.options().rule().n(); i++) {
      all.append(" R").append(i).append(' ');
      all.append(world.up(i) ? world.status(i) : "down");
    }
    return all.toString();
  }

  // ---- destiny.md §2 and §11

  /** The steps of the optimistic case, by the message that ends each. */
  private enum Phase {
    PREPARE("D1.Prepare"),
    DISSEMINATION_VOTE("D1.CommitSig"),
    ORDER("O.Prepare"),
    DISSEMINATED("D1.Commit"),
    ORDER_VOTE("O.CommitSig"),
    ORDERED("O.Commit"),
    EXECUTED("D1.ExecSig"),
    PROVEN("D1.ExecProof");

    private final String message;

    Phase(String message) {
      this.message = message;
    }
  }

  /** Tells when the k-th message of a name was sent. */
  private static final class Watch implements TraceListener {
    private final String name;
    private int left;

    Watch(String name, int count) {
      this.name = name;
      this.left = count;
    }

    @Override
    public void sent(int from, int to, Frame frame) {
      left -= frame.name().equals(name) ? 1 : 0;
    }

    boolean seen() {
      return left <= 0;
    }
  }

  /** These stop when somebody sends that message for the k-th time; it may get lost with them. */
  private static void stop(Phase phase, int n, int... victims) {
    for (int count : new int[] {1, 2, 9}) {
      for (boolean lost : new boolean[] {false, true}) {
        World world = world(n, count).start();
        Watch watch = new Watch(phase.message, count);
        world.listen(watch);
        Set<Integer> gone = new TreeSet<>();
        world.network().filter((from, to, frame) -> !lost || !watch.seen() || from != victims[0]);
        Workload load = new Workload(world, 8, 6, 1);
        load.start();
        assertThat(world.runUntil(watch::seen, 20 * SECOND)).isTrue();
        for (int victim : victims) {
          world.crash(victim);
          gone.add(victim);
        }
        answered(world, load, "%s %d, %s gone".formatted(phase, count, gone));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theCoordinatorStopsAfterEachStep(Phase phase) {
    stop(phase, 3, 1);
  }

  @ParameterizedTest
  @EnumSource
  void theOrderPrimaryStopsAfterEachStep(Phase phase) {
    stop(phase, 3, 0);
  }

  @ParameterizedTest
  @EnumSource
  void bothStopAfterEachStep(Phase phase) {
    stop(phase, 5, 1, 0);
  }

  // ---- hybster.md §6 and §8

  /**
   * One host crashes at every event of a view change of O and D0 and comes back, while the f others
   * are silent for good: nobody can do without it.
   */
  @Test
  void aHostCrashesAtEveryEventOfAViewChange() {
    for (int victim = 1; victim <= 2; victim++) {
      int events = changing(-1, -1);
      assertThat(events).isGreaterThan(100);
      for (int point = victim; point < events; point += Integer.getInteger("stride", 23)) {
        changing(victim, point);
      }
    }
  }

  /** Returns how many events it takes from the first complaint until all have entered O and D0. */
  private static int changing(int victim, int point) {
    World world = world(3, 5).start();
    Watch complaint = new Watch("O.Complain", 1);
    Set<String> entered = new TreeSet<>();
    world
        .listen(complaint)
        .listen(
            new TraceListener() {
              @Override
              public void effect(int replica, long number, Effect effect) {
                if (effect instanceof Effect.Note(Effect.Event.Entered e) && e.view() > 0) {
                  entered.add(replica + Instances.name(e.instance()));
                }
              }
            });
    Workload load = new Workload(world, 8, 6, 1);
    load.start();
    world.run(3 * MILLISECOND);
    world.crash(0);
    assertThat(world.runUntil(complaint::seen, 20 * SECOND)).isTrue();
    int events = 0;
    while (!entered.containsAll(Set.of("1O", "2O", "1D0", "2D0")) && events != point) {
      world.step();
      events++;
    }
    if (victim >= 0) {
      world.crash(victim);
      world.run(50 * MILLISECOND);
      world.restart(victim);
    }
    answered(world, load, "R%d at event %d".formatted(victim, point));
    return events;
  }

  // ---- leaders that fail in a row

  /** The longest chain in any VIEW-CHANGE. */
  private static final class Chains implements TraceListener {
    private int longest;

    @Override
    public void sent(int from, int to, Frame frame) {
      if (frame.message() instanceof HybridMessage.ViewChange m) {
        longest = Math.max(longest, m.header().chain().size());
      }
    }
  }

  /** Three of seven, four of nine: their VIEW-CHANGEs show the way from view 0. */
  @Test
  void leadersOfTheOrderFailInARow() {
    for (int f = 3; f <= 4; f++) {
      World world = world(2 * f + 1, f).start();
      Chains chains = new Chains();
      world.listen(chains);
      Workload load = new Workload(world, 12, 6, 1);
      load.start();
      world.run(10 * MILLISECOND);
      for (int i = 0; i < f; i++) {
        world.crash(i);
      }
      answered(world, load, f + " leaders in a row");
      assertThat(world.status(f).views().get("O")).isGreaterThanOrEqualTo(f);
      assertThat(chains.longest).isGreaterThanOrEqualTo(f - 1);
    }
  }

  /** N = 4 has f = 1 and quorums of 3. */
  @Test
  void clustersOfAllSizesReplaceTheirLeaders() {
    for (int n : new int[] {3, 4, 5, 7, 19}) {
      World world = world(n, n).start();
      Workload load = new Workload(world, 8, 4, 1);
      load.start();
      world.run(10 * MILLISECOND);
      for (int i = 0; i < world.options().rule().f(); i++) {
        world.crash((i * 3) % n);
      }
      answered(world, load, "N=" + n);
    }
  }

  // ---- dqbft.md §12

  /** Each owner was away once; nothing is going on when they are all back. */
  @Test
  void displacedOwnersGetTheirInstancesBackInAnIdleCluster() {
    World world = world(3, 1).start();
    for (int i = 0; i < 3; i++) {
      Workload load = new Workload(world, 8, 3 * (i + 1), 1);
      world.crash(i);
      load.start();
      world.run(8 * SECOND);
      world.restart(i);
      world.run(SECOND);
    }
    Map<Integer, Long> views = new TreeMap<>();
    assertThat(
            world.runUntil(
                () -> {
                  for (int i = 0; i < 3; i++) {
                    views.put(i, world.status(0).views().get("D" + i));
                  }
                  return views.values().stream().allMatch(v -> v > 0 && v % 3 == 0);
                },
                120 * SECOND))
        .as("%s", views)
        .isTrue();
  }

  /** M10 and M13: D1 stands still until all windows are full, and nobody else is blamed for it. */
  @Test
  void anInstanceThatStandsStillDeposesNobodyElse() {
    World world = world(3, 1).start();
    world
        .network()
        .filter(
            (from, to, frame) -> !frame.name().startsWith("D1.") || frame.kind().equals("Prepare"));
    Workload load = new Workload(world, 24, 40, 1);
    load.start();
    world.run(20 * SECOND);
    long accepted = load.accepted();
    for (int i = 0; i < 3; i++) {
      assertThat(world.status(i).views())
          .as("R%d %s", i, world.status(i))
          .containsEntry("O", 0L)
          .containsEntry("D0", 0L)
          .containsEntry("D2", 0L);
    }
    world.run(5 * SECOND);
    assertThat(load.accepted()).as("and nothing is executed").isEqualTo(accepted);
    world.network().filter((from, to, frame) -> true);
    answered(world, load, "D1 is back");
  }
}
