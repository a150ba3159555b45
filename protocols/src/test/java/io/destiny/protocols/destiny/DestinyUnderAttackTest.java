package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.Settings;
import io.destiny.sim.fault.Behaviour;
import io.destiny.sim.fault.Faults;
import io.destiny.sim.fault.Sentences;
import io.destiny.sim.fault.UnderAttack;
import io.destiny.sim.world.WorldOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** L6, throughput under attack ({@link UnderAttack}): at least half of what it is without. */
class DestinyUnderAttackTest {
  private static WorldOptions options(int n) {
    return DestinySimTest.options(n).withTuning(Settings.Tuning.defaults((n - 1) / 2)).withSeed(3);
  }

  private static void keepsHalf(String what, int n, Faults faults) {
    UnderAttack found = UnderAttack.run(options(n), faults);
    System.out.printf(
        "%s, N=%d: %d of %d answers in %d s, %d %%%n",
        what,
        n,
        found.attacked(),
        found.calm(),
        UnderAttack.SECONDS,
        100 * found.attacked() / found.calm());
    assertThat(found.keepsHalf()).as(what + ": " + found).isTrue();
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
    faults.when(Sentences.from(0).kind("O.Prepare")).delay(seconds).between(0, UnderAttack.SECONDS);
    keepsHalf("O-primary that delays by " + seconds + " s", 5, faults.faults(1));
  }

  /** The O-primary may be among them. */
  @ParameterizedTest
  @CsvSource({"5, 3", "5, 0", "7, 4"})
  void griefers(int n, int first) {
    keepsHalf("griefers from R" + first, n, UnderAttack.griefers(options(n), first));
  }
}
