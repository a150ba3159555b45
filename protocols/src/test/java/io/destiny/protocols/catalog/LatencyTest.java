package io.destiny.protocols.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.destiny.core.machine.Settings;
import io.destiny.sim.network.Geography;
import io.destiny.sim.network.WanNetwork;
import io.destiny.sim.workload.ClosedLoop;
import io.destiny.sim.workload.Measurement;
import io.destiny.sim.workload.SharedStore;
import io.destiny.sim.world.Costs;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * V0 of experiments.md §7: without CPU cost, jitter, bandwidth or ordering delay, one client a
 * region, the latency of one command follows from the round trips alone. N = 97. Where clients have
 * no homes all of them talk to the primary.
 */
class LatencyTest {
  private static final int N = 97;
  private static final long SECOND = 1_000_000_000L;

  /**
   * @param learning so long all clients run at once before anything is measured: until SBFT's
   *     collectors have learnt not to wait for those that are down (T_fast = 0)
   */
  private static List<Measurement.Region> run(ProtocolEntry protocol, int crashed, long learning) {
    Settings.Tuning usual = Settings.Tuning.defaults(protocol.rule(N).f()).immediate();
    Settings.Tuning t = learning > 0 ? patient(usual) : usual;
    WorldOptions options =
        WorldOptions.of(protocol.rule(N), protocol::create, protocol::codec)
            .withTuning(t)
            .withHardware(Costs.NONE)
            .withEncoding(false)
            .withApplication(SharedStore.world());
    WanNetwork[] network = new WanNetwork[1];
    World world =
        World.of(
            options,
            wire -> {
              network[0] = new WanNetwork(wire, N, Geography.AZURE10, WanNetwork.Mode.IDEAL, 1);
              return network[0];
            });
    world.start(i -> i < N - crashed);
    ClosedLoop clients =
        new ClosedLoop(
            world,
            Geography.AZURE10,
            new ClosedLoop.Load(ClosedLoop.Mode.CLIENT_BATCH, 1, 512),
            -1);
    if (!protocol.homes()) {
      clients.sendingTo(0);
    }
    for (int region = 0; region < 10 && learning > 0; region++) {
      clients.add(region, 1, network[0]::place);
    }
    world.run(learning);
    clients.stop();
    world.run(SECOND);
    clients.measurement().reset(world.now());
    for (int region = 0; region < 10; region++) {
      // One command at a time: else one waits for the slots of others that were ordered before.
      clients.add(region, 1, network[0]::place);
      clients.stop();
      world.run(SECOND);
    }
    return clients.measurement().regions();
  }

  /** Nobody is suspected or distrusted for what a collector waits for before it has learnt. */
  private static Settings.Tuning patient(Settings.Tuning t) {
    return t.change()
        .fetchDelay(10 * SECOND)
        .proposalTimeout(10 * SECOND)
        .orderTimeout(10 * SECOND)
        .gateTimeout(10 * SECOND)
        .viewTimeout(10 * SECOND)
        .done();
  }

  private static void holds(List<Measurement.Region> regions, double min, double mean, double max) {
    double[] means = regions.stream().mapToDouble(Measurement.Region::meanMillis).toArray();
    assertThat(regions).allSatisfy(r -> assertThat(r.count()).as(r.name()).isPositive());
    assertThat(Arrays.stream(means).min().orElseThrow()).isCloseTo(min, within(1.0));
    assertThat(Arrays.stream(means).average().orElseThrow()).isCloseTo(mean, within(1.0));
    assertThat(Arrays.stream(means).max().orElseThrow()).isCloseTo(max, within(1.0));
  }

  @ParameterizedTest
  @CsvSource({
    "pbft,           141.5, 187.5, 325.0",
    "hybster,         76.0, 130.7, 256.5",
    "linear-hybster, 129.0, 193.6, 351.0",
    "sbft,           257.0, 321.6, 479.0",
    "dqpbft,         141.5, 187.9, 325.5",
    "dqsbft,         257.0, 306.6, 450.0",
    "dqhybster,       76.0, 131.2, 257.0",
    "destiny,        129.0, 177.2, 339.0",
  })
  void noFailure(String name, double min, double mean, double max) {
    holds(run(Catalog.find(name).orElseThrow(), 0, 0), min, mean, max);
  }

  @ParameterizedTest
  @CsvSource({
    "pbft,            0, 294.0, 327.2, 461.5",
    "hybster,         0, 239.0, 299.2, 450.0",
    "linear-hybster,  0, 447.0, 511.6, 669.0",
    "sbft,           12, 511.0, 575.6, 733.0",
    "dqpbft,          0, 294.0, 327.6, 462.0",
    "dqsbft,         15, 511.0, 543.6, 675.0",
    "dqhybster,       0, 239.0, 299.6, 450.5",
    "destiny,         0, 447.0, 453.0, 462.5",
  })
  void fCrashed(String name, long learning, double min, double mean, double max) {
    ProtocolEntry protocol = Catalog.find(name).orElseThrow();
    holds(run(protocol, protocol.rule(N).f(), learning * SECOND), min, mean, max);
  }
}
