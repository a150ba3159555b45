package io.destiny.protocols.single;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.sim.fault.Swarm;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Engines alone: everything at random from one seed, all oracles on. */
class SingleSwarmTest {
  static LongStream seeds() {
    return LongStream.rangeClosed(Long.getLong("first", 1), Long.getLong("seeds", 30));
  }

  private static void holds(Swarm.Mode mode, long seed) {
    ProtocolEntry entry = Catalog.find("linear-hybster").orElseThrow();
    Swarm swarm =
        new Swarm(
            new Swarm.Subject(
                entry.name(), entry::rule, entry::create, entry::codec, entry.homes()),
            mode);
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
  void thePrimaryMayBeLost(long seed) {
    holds(Swarm.Mode.ALL, seed);
  }
}
