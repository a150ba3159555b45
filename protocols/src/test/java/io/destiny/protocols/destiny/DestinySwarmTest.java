package io.destiny.protocols.destiny;

import io.destiny.protocols.catalog.Swarms;
import io.destiny.sim.fault.Swarm;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Everything at random from one seed, all oracles on. {@code -Dseeds=1000} runs more, {@code
 * -Dseed=46} one.
 */
class DestinySwarmTest {
  /**
   * Seeds that failed once: a stable snapshot not offered after a restart (1214, 1363), one voted
   * for before it was durable (3637), one forgotten while later ones were not stable (727), liars,
   * a leader that lost the certificate of a committed proposal (2422), state asked of the dead
   * (4911), complaints of one view that let correct replicas go to two others (10572).
   */
  private static final long[] PAST = {
    34, 727, 1214, 1363, 1459, 2422, 3183, 3637, 4911, 5537, 5877, 6253, 9988, 10572, 12341, 14446,
    15317, 17446, 17868
  };

  static LongStream seeds() {
    return Swarms.seeds(60, PAST);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void faultsEndAndAllIsAnsweredAndEqual(long seed) {
    Swarms.holds("destiny", Swarm.Mode.NO_LEADER_LOSS, seed);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void nothingBreaksSafety(long seed) {
    Swarms.holds("destiny", Swarm.Mode.ALL, seed);
  }
}
