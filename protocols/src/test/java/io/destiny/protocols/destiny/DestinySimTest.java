package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.Settings;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.sim.check.Checks;
import io.destiny.sim.world.LinkModel;
import io.destiny.sim.world.TinyStore;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

/** Seeds and faults, with every check on. */
class DestinySimTest {
  private static final long MILLISECOND = 1_000_000L;
  private static final long SECOND = 1000 * MILLISECOND;

  static WorldOptions options(int n) {
    return options("destiny", n);
  }

  static WorldOptions options(String protocol, int n) {
    ProtocolEntry entry = Catalog.find(protocol).orElseThrow();
    return WorldOptions.of(entry.rule(n), entry::create, entry::codec);
  }

  /** Small windows and checkpoints, so that a short run moves them many times. */
  static Settings.Tuning small(int f) {
    return Settings.Tuning.defaults(f)
        .change()
        .batch(4)
        .maxInFlight(2)
        .window(16)
        .orderWindow(32)
        .checkpointInterval(8)
        .done();
  }

  static World noisy(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    LinkModel links =
        new LinkModel(
            MILLISECOND / 10,
            MILLISECOND * random.nextInt(1, 40),
            random.nextInt(0, 200),
            random.nextInt(0, 300),
            true);
    WorldOptions options =
        options(n).withSeed(seed).withTuning(small((n - 1) / 2)).withLinks(links);
    return Checks.on(World.of(options));
  }

  private static void ended(World world, Workload load, long seed) {
    world.network().model(LinkModel.CALM);
    assertThat(world.runUntil(load::done, 60 * SECOND))
        .as("seed %d: %d accepted", seed, load.accepted())
        .isTrue();
    world.run(10 * SECOND);
    for (int i = 1; i < world.options().rule().n(); i++) {
      assertThat(((TinyStore) world.application(i)).history())
          .as("seed %d: R%d %s, R0 %s", seed, i, world.status(i), world.status(0))
          .isEqualTo(((TinyStore) world.application(0)).history());
    }
  }

  @Test
  void lossDuplicationAndReordering() {
    for (long seed = 1; seed <= Long.getLong("seeds", 10); seed++) {
      World world = noisy(seed % 3 == 0 ? 5 : 3, seed).start();
      Workload load = new Workload(world, 8, 20, 2);
      load.start();
      world.runUntil(load::done, 20 * SECOND);
      ended(world, load, seed);
    }
  }

  @Test
  void crashesAndRestartsOfOthersThanTheOrderPrimary() {
    for (long seed = 1; seed <= Long.getLong("seeds", 10); seed++) {
      World world = noisy(3, seed).start();
      Workload load = new Workload(world, 8, 30, 2);
      load.start();
      SplittableRandom random = new SplittableRandom(seed);
      for (int i = 0; i < 8; i++) {
        world.run(random.nextLong(SECOND));
        int victim = random.nextInt(1, 3);
        world.crash(victim);
        world.run(random.nextLong(2 * SECOND));
        world.restart(victim);
      }
      ended(world, load, seed);
    }
  }

  /** Any replica, also several at once: the logs and the trusted subsystems bring all back. */
  @Test
  void powerFailures() {
    for (long seed = 1; seed <= Long.getLong("seeds", 10); seed++) {
      int n = seed % 2 == 0 ? 5 : 3;
      World world = noisy(n, seed).start();
      Workload load = new Workload(world, 8, 30, 2);
      load.start();
      SplittableRandom random = new SplittableRandom(seed);
      for (int i = 0; i < 6; i++) {
        world.run(random.nextLong(SECOND));
        int down = random.nextInt(1, 1 << n);
        each(down, world::crash);
        world.run(random.nextLong(SECOND));
        each(down, world::restart);
      }
      ended(world, load, seed);
    }
  }

  private static void each(int replicas, IntConsumer action) {
    for (int i = 0; i < 32; i++) {
      if ((replicas >> i & 1) != 0) {
        action.accept(i);
      }
    }
  }

  /** Long enough away that the others have dropped what it misses: it gets a snapshot. */
  @Test
  void aReplicaThatWasAwayForLongInstallsASnapshot() {
    for (long seed = 1; seed <= Long.getLong("seeds", 5); seed++) {
      World world = noisy(3, seed).start();
      Workload load = new Workload(world, 8, 60, 1);
      load.start();
      world.run(SECOND);
      world.crash(2);
      world.runUntil(() -> world.status(0).checkpoint() >= 64, 60 * SECOND);
      world.restart(2);
      ended(world, load, seed);
      assertThat(world.notes().count("state_transfers")).as("seed %d", seed).isPositive();
    }
  }

  @Test
  void equalSeedsLeadToEqualTraces() {
    assertThat(trace(4)).isEqualTo(trace(4)).isNotEqualTo(trace(5));
  }

  private static String trace(long seed) {
    World world = noisy(3, seed).start();
    Workload load = new Workload(world, 8, 5, 3);
    load.start();
    world.run(SECOND);
    world.crash(2);
    world.run(SECOND);
    world.restart(2);
    world.run(5 * SECOND);
    return world.traceHash().toHex();
  }
}
