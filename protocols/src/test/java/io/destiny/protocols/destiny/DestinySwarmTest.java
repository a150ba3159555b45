package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.Settings;
import io.destiny.sim.check.Checks;
import io.destiny.sim.world.LinkModel;
import io.destiny.sim.world.TinyStore;
import io.destiny.sim.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Everything at random from one seed: size, windows, checkpoint interval, links, crashes, power
 * failures, partitions, links cut one way. After the faults every request is answered and all
 * replicas have the same history. {@code -Dseeds=1000} runs more, {@code -Dseed=46} one.
 */
class DestinySwarmTest {
  private static final long MILLISECOND = 1_000_000L;
  private static final long SECOND = 1000 * MILLISECOND;

  static LongStream seeds() {
    Long only = Long.getLong("seed");
    return only != null
        ? LongStream.of(only)
        : LongStream.rangeClosed(1, Long.getLong("seeds", 30));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void faultsEndAndAllIsAnsweredAndEqual(long seed) {
    SplittableRandom random = new SplittableRandom(seed * 7919);
    int n = one(random, 3, 3, 4, 5, 7);
    World world =
        Checks.on(
                World.of(
                    DestinySimTest.options(n)
                        .withSeed(seed)
                        .withTuning(tuning(n, random))
                        .withLinks(links(random))))
            .start();
    Workload load =
        new Workload(world, random.nextInt(1, 13), random.nextInt(5, 35), random.nextInt(1, 5));
    load.start();
    int rounds = random.nextInt(10);
    for (int i = 0; i < rounds; i++) {
      world.run(random.nextLong(SECOND));
      fault(world, n, random);
    }

    world.network().model(LinkModel.CALM);
    assertThat(world.runUntil(load::done, 120 * SECOND))
        .as("%d accepted", load.accepted())
        .isTrue();
    world.run(10 * SECOND);
    for (int i = 1; i < n; i++) {
      assertThat(((TinyStore) world.application(i)).history())
          .as("R%d %s, R0 %s", i, world.status(i), world.status(0))
          .isEqualTo(((TinyStore) world.application(0)).history());
    }
  }

  private static int one(SplittableRandom random, int... of) {
    return of[random.nextInt(of.length)];
  }

  private static Settings.Tuning tuning(int n, SplittableRandom random) {
    Settings.Tuning t = Settings.Tuning.defaults((n - 1) / 2);
    int window = one(random, 4, 8, 16, 64);
    int interval = one(random, 2, 8, 16);
    int orderWindow = Math.max(2 * interval, one(random, 8, 32, 64));
    return new Settings.Tuning(
        random.nextInt(n),
        random.nextInt(1, 9),
        t.batchBytes(),
        t.batchDelay(),
        t.orderDelay(),
        random.nextInt(1, 5),
        window,
        orderWindow,
        interval,
        random.nextInt(t.collectors() + 1),
        t.collectorDelay(),
        t.executionDelay(),
        t.fetchDelay(),
        t.resendDelay(),
        t.proposalTimeout(),
        t.orderTimeout(),
        t.gateTimeout(),
        t.viewTimeout(),
        t.skewMillis());
  }

  private static LinkModel links(SplittableRandom random) {
    return new LinkModel(
        MILLISECOND / 10,
        MILLISECOND * random.nextInt(1, 60),
        random.nextBoolean() ? 0 : random.nextInt(300),
        random.nextInt(300),
        random.nextInt(4) > 0);
  }

  private static void fault(World world, int n, SplittableRandom random) {
    switch (random.nextInt(4)) {
      case 0 -> powerFailure(world, 1 << random.nextInt(n), 3 * SECOND, random);
      case 1 -> powerFailure(world, random.nextInt(1, 1 << n), SECOND, random);
      case 2 -> {
        List<List<Integer>> sides = List.of(new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < n; i++) {
          sides.get(random.nextInt(2)).add(i);
        }
        world.network().partition(sides);
        world.run(random.nextLong(4 * SECOND));
        world.network().heal();
      }
      default -> {
        world.network().cut(random.nextInt(n), random.nextInt(n), true);
        world.run(random.nextLong(2 * SECOND));
        world.network().heal();
      }
    }
  }

  private static void powerFailure(World world, int replicas, long most, SplittableRandom random) {
    for (int i = 0; i < 32; i++) {
      if ((replicas >> i & 1) != 0) {
        world.crash(i);
      }
    }
    world.run(random.nextLong(most));
    for (int i = 0; i < 32; i++) {
      if ((replicas >> i & 1) != 0) {
        world.restart(i);
        world.run(random.nextLong(SECOND / 2));
      }
    }
  }
}
