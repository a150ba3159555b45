package io.destiny.protocols.single;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.destiny.core.machine.Settings;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.catalog.ProtocolEntry;
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
import org.junit.jupiter.api.Test;

/**
 * V0 of experiments.md §7 for engines alone: clients of all regions talk to the primary, and the
 * latency of one command follows from the round trips. N = 97.
 */
class SingleLatencyTest {
  private static final int N = 97;
  private static final long SECOND = 1_000_000_000L;

  private static List<Measurement.Region> run(ProtocolEntry protocol, int crashed) {
    Settings.Tuning t = Settings.Tuning.defaults(protocol.rule(N).f()).immediate();
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
                -1)
            .sendingTo(0);
    for (int region = 0; region < 10; region++) {
      clients.add(region, 1, network[0]::place);
      clients.stop();
      world.run(SECOND);
    }
    return clients.measurement().regions();
  }

  private static void assertLatencies(
      List<Measurement.Region> regions, double min, double mean, double max) {
    double[] means = regions.stream().mapToDouble(Measurement.Region::meanMillis).toArray();
    assertThat(regions).allSatisfy(r -> assertThat(r.count()).as(r.name()).isPositive());
    assertThat(Arrays.stream(means).min().orElseThrow()).isCloseTo(min, within(1.0));
    assertThat(Arrays.stream(means).average().orElseThrow()).isCloseTo(mean, within(1.0));
    assertThat(Arrays.stream(means).max().orElseThrow()).isCloseTo(max, within(1.0));
  }

  private static void holds(String name, double[] noFailure, double[] fCrashed) {
    ProtocolEntry p = Catalog.find(name).orElseThrow();
    assertLatencies(run(p, 0), noFailure[0], noFailure[1], noFailure[2]);
    assertLatencies(run(p, p.rule(N).f()), fCrashed[0], fCrashed[1], fCrashed[2]);
  }

  @Test
  void pbft() {
    holds("pbft", new double[] {141.5, 187.5, 325.0}, new double[] {294.0, 327.2, 461.5});
  }

  @Test
  void hybster() {
    holds("hybster", new double[] {76.0, 130.7, 256.5}, new double[] {239.0, 299.2, 450.0});
  }

  @Test
  void linearHybster() {
    holds("linear-hybster", new double[] {129.0, 193.6, 351.0}, new double[] {447.0, 511.6, 669.0});
  }
}
