package io.destiny.protocols.pbft;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.sim.fault.Swarm;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** DQPBFT with everything at random from the seed (reliability.md §4.4). */
class DqpbftSwarmTest {
  static LongStream seeds() {
    Long only = Long.getLong("seed");
    return only != null
        ? LongStream.of(only)
        : LongStream.rangeClosed(Long.getLong("first", 1), Long.getLong("seeds", 30));
  }

  private static void holds(Swarm.Mode mode, long seed) {
    ProtocolEntry dqpbft = Catalog.find("dqpbft").orElseThrow();
    Swarm swarm =
        new Swarm(
            new Swarm.Subject("dqpbft", dqpbft::rule, dqpbft::create, dqpbft::codec, true), mode);
    Swarm.Outcome outcome = swarm.run(seed);
    assertThat(outcome.oracle())
        .as("%s%n%s", outcome.message(), String.join("\n", swarm.faults(seed)))
        .isNull();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void faultsEndAndAllIsAnsweredAndEqual(long seed) {
    holds(Swarm.Mode.NO_LEADER_LOSS, seed);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void nothingBreaksSafety(long seed) {
    holds(Swarm.Mode.ALL, seed);
  }
}
