package io.destiny.protocols.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.sim.fault.Swarm;
import java.util.Arrays;
import java.util.stream.LongStream;

/** Seeds of the swarm as tests. */
public final class Swarms {
  private Swarms() {}

  /**
   * Seeds 1 to {@code most} and those that failed once. {@code -Dseeds=1000} runs more, {@code
   * -Dfirst=100} begins there, {@code -Dseed=46} runs one.
   */
  public static LongStream seeds(long most, long... past) {
    Long only = Long.getLong("seed");
    return only != null
        ? LongStream.of(only)
        : LongStream.concat(
                LongStream.rangeClosed(Long.getLong("first", 1), Long.getLong("seeds", most)),
                Arrays.stream(past))
            .distinct();
  }

  /** Under this seed no oracle fires. */
  public static void holds(String protocol, Swarm.Mode mode, long seed) {
    ProtocolEntry entry = Catalog.find(protocol).orElseThrow();
    Swarm swarm =
        new Swarm(
            new Swarm.Subject(
                entry.name(),
                entry::rule,
                entry::create,
                entry::codec,
                entry.homes(),
                entry.pillars()),
            mode);
    Swarm.Outcome outcome = swarm.run(seed);
    assertThat(outcome.oracle())
        .as("%s%n%s", outcome.message(), String.join("\n", swarm.faults(seed)))
        .isNull();
  }
}
