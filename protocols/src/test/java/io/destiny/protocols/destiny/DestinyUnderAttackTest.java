package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.Settings;
import io.destiny.sim.check.Oracles;
import io.destiny.sim.fault.Behaviour;
import io.destiny.sim.fault.Faults;
import io.destiny.sim.fault.Sentences;
import io.destiny.sim.world.LinkModel;
import io.destiny.sim.world.RandomNetwork;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * L6, throughput under attack (reliability.md §2.3 and §2.4): what closed-loop clients are answered
 * in simulated time, against what they are answered by the same cluster without faults. Clients
 * that wait for each answer make it hardest: all that delays an answer costs throughput.
 */
class DestinyUnderAttackTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int SECONDS = 20;

  /** Answers to two clients a replica in so many seconds, after the same oracles as ever. */
  private static long answers(int n, Faults faults) {
    Settings.Tuning usual = Settings.Tuning.defaults((n - 1) / 2);
    WorldOptions options = DestinySimTest.options(n).withTuning(usual).withSeed(3);
    World world =
        World.of(
            faults.options(options),
            wire -> faults.network(wire, new RandomNetwork(wire, n, 7, LinkModel.CALM)));
    Oracles oracles = Oracles.on(world, faults.correct(n));
    faults.on(world);
    world.start();
    Workload load = new Workload(world, 2 * n, 1_000_000, 1);
    load.start();
    world.run(SECONDS * SECOND);
    oracles.finish();
    return load.accepted();
  }

  private static void keepsHalf(String what, int n, Faults faults) {
    long calm = answers(n, Faults.none());
    long attacked = answers(n, faults);
    System.out.printf(
        "%s, N=%d: %d of %d answers in %d s, %d %%%n",
        what, n, attacked, calm, SECONDS, 100 * attacked / calm);
    assertThat(attacked).as(what).isGreaterThan(calm / 2);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void aSlowOrderPrimary(int n) {
    keepsHalf(
        "O-primary just below T_order",
        n,
        new Sentences().byzantine(0, Behaviour.LATE_ORDER).faults(1));
  }

  /** Well below T_order, and about as late as nobody complains of even so. */
  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.01})
  void anOrderPrimaryThatDelaysLess(double seconds) {
    Sentences faults = new Sentences();
    faults.when(Sentences.from(0).kind("O.Prepare")).delay(seconds).between(0, SECONDS);
    keepsHalf("O-primary that delays by " + seconds + " s", 5, faults.faults(1));
  }

  /** f that send shares which do not verify, in every instance; the O-primary may be among them. */
  @ParameterizedTest
  @CsvSource({"5, 3", "5, 0", "7, 4"})
  void griefers(int n, int first) {
    Sentences faults = new Sentences();
    for (int i = 0; i < (n - 1) / 2; i++) {
      faults.byzantine(first + i, Behaviour.BAD_SHARE);
    }
    keepsHalf("griefers from R" + first, n, faults.faults(1));
  }
}
