package io.destiny.protocols.single;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.sim.fault.Swarm;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Engines alone: everything at random from one seed, all oracles on. */
class SingleSwarmTest {
  private static final List<String> ALONE = List.of("pbft", "hybster", "linear-hybster");

  static Stream<Arguments> seeds() {
    return LongStream.rangeClosed(Long.getLong("first", 1), Long.getLong("seeds", 15))
        .boxed()
        .flatMap(seed -> ALONE.stream().map(name -> Arguments.of(name, seed)));
  }

  private static void holds(String name, Swarm.Mode mode, long seed) {
    ProtocolEntry entry = Catalog.find(name).orElseThrow();
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

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("seeds")
  void faultsEndAndAllIsAnsweredAndEqual(String name, long seed) {
    holds(name, Swarm.Mode.NO_LEADER_LOSS, seed);
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("seeds")
  void thePrimaryMayBeLost(String name, long seed) {
    holds(name, Swarm.Mode.ALL, seed);
  }
}
