package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.sim.check.Checks;
import io.destiny.sim.world.LinkModel;
import io.destiny.sim.world.TinyStore;
import io.destiny.sim.world.World;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Leaders fail for good, in turn or at random, and the others go on (hybster.md §5, dqbft.md §7).
 */
class DestinyViewChangeTest {
  private static final long MILLISECOND = 1_000_000L;
  private static final long SECOND = 1000 * MILLISECOND;

  private static World world(int n, long seed, LinkModel links) {
    return Checks.on(
            World.of(
                DestinySimTest.options(n)
                    .withSeed(seed)
                    .withTuning(DestinySimTest.small((n - 1) / 2))
                    .withLinks(links)))
        .start();
  }

  private static void equalHistories(World world, int... replicas) {
    for (int i : replicas) {
      assertThat(((TinyStore) world.application(i)).history())
          .as("R%d %s, R%d %s", i, world.status(i), replicas[0], world.status(replicas[0]))
          .isEqualTo(((TinyStore) world.application(replicas[0])).history());
    }
  }

  /** The O-primary, which is the owner of D0 too, stops under load. */
  @Test
  void theOrderPrimaryStopsForGood() {
    for (long seed = 1; seed <= Long.getLong("seeds", 10); seed++) {
      World world = world(3, seed, LinkModel.CALM);
      Workload load = new Workload(world, 8, 40, 2);
      load.start();
      world.run(20 * MILLISECOND + seed * 3 * MILLISECOND);
      world.crash(0);
      assertThat(world.runUntil(load::done, 60 * SECOND))
          .as(
              "seed %d: %d accepted, R1 %s, R2 %s",
              seed, load.accepted(), world.status(1), world.status(2))
          .isTrue();
      world.run(5 * SECOND);
      equalHistories(world, 1, 2);
      assertThat(world.status(1).views().get("O")).as("seed %d", seed).isPositive();
    }
  }

  /** Any replica crashes and comes back, leaders too, while messages are lost. */
  @Test
  void anyReplicaCrashesAndComesBack() {
    for (long seed = 1; seed <= Long.getLong("seeds", 20); seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int n = seed % 3 == 0 ? 5 : 3;
      World world =
          world(
              n,
              seed,
              new LinkModel(
                  MILLISECOND / 10,
                  MILLISECOND * random.nextInt(1, 40),
                  random.nextInt(0, 200),
                  random.nextInt(0, 300),
                  true));
      Workload load = new Workload(world, 8, 40, 2);
      load.start();
      for (int i = 0; i < 6; i++) {
        world.run(random.nextLong(SECOND));
        int victim = random.nextInt(0, n);
        world.crash(victim);
        world.run(random.nextLong(6 * SECOND));
        world.restart(victim);
      }
      world.network().model(LinkModel.CALM);
      assertThat(world.runUntil(load::done, 90 * SECOND))
          .as(
              "seed %d: %d accepted, R0 %s, R1 %s",
              seed, load.accepted(), world.status(0), world.status(1))
          .isTrue();
      world.run(10 * SECOND);
      for (int i = 1; i < n; i++) {
        equalHistories(world, 0, i);
      }
    }
  }
}
