package io.destiny.protocols.catalog;

import io.destiny.sim.fault.Swarm;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** All protocols but Destiny with everything at random from one seed, all oracles on. */
class CatalogSwarmTest {
  private static Stream<Arguments> of(String protocol, long most, long... past) {
    return Swarms.seeds(most, past).mapToObj(seed -> Arguments.of(protocol, seed));
  }

  static Stream<Arguments> seeds() {
    return Stream.of(
            // 274, 289: twins, of the primary in 289.
            of("pbft", 15, 274, 289),
            of("sbft", 15, 274, 289),
            // 2434: equal payloads in two slots, one of them behind the checkpoint.
            of("hybster", 15, 2434),
            // 435: a state to be fetched where twelve of 31 are dead.
            of("linear-hybster", 15, 208, 240, 435),
            // 381: a NEW-VIEW that was neither durable nor sent when the power failed. 2441: a vote
            // that was durable and not sent. 4418: one replica cut off until GST.
            of("dqpbft", 30, 274, 289, 381, 2441, 4418),
            // 167: a payload asked for of the one voter who is deaf. 4959: what an equivocator
            // proposed to one, told after what all committed.
            of("dqsbft", 30, 167, 274, 289, 4959),
            // A power failure before a leaving was durable, complaints of one view with two
            // targets.
            of("dqhybster", 30, 21, 204))
        .flatMap(s -> s);
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("seeds")
  void faultsEndAndAllIsAnsweredAndEqual(String protocol, long seed) {
    Swarms.holds(protocol, Swarm.Mode.NO_LEADER_LOSS, seed);
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("seeds")
  void anyOfTheFMayBeLost(String protocol, long seed) {
    Swarms.holds(protocol, Swarm.Mode.ALL, seed);
  }
}
