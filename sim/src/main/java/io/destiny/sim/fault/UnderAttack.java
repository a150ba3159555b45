package io.destiny.sim.fault;

import io.destiny.sim.check.Oracles;
import io.destiny.sim.network.Geography;
import io.destiny.sim.workload.ClosedLoop;
import io.destiny.sim.workload.SharedStore;
import io.destiny.sim.world.LinkModel;
import io.destiny.sim.world.RandomNetwork;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;

/**
 * L6, throughput under attack (reliability.md §2.3 and §2.4): what closed-loop clients are answered
 * in simulated time, against what they are answered by the same cluster without faults. Clients
 * that wait for each answer make it hardest: all that delays an answer costs throughput.
 *
 * @param calm answers without faults
 * @param attacked answers in the same time with them
 * @param events of both runs
 */
public record UnderAttack(long calm, long attacked, long events) {
  /** Simulated time of a run. */
  public static final int SECONDS = 20;

  private static final long SECOND = 1_000_000_000L;

  /** Two clients at each of up to ten replicas, and the same oracles as ever. */
  public static UnderAttack run(WorldOptions options, Faults faults) {
    long[] calm = answers(options, Faults.none());
    long[] attacked = answers(options, faults);
    return new UnderAttack(calm[0], attacked[0], calm[1] + attacked[1]);
  }

  /** F replicas, from this one on, send shares that do not verify, in every instance. */
  public static Faults griefers(WorldOptions options, int first) {
    Sentences faults = new Sentences();
    for (int i = 0; i < options.rule().f(); i++) {
      faults.byzantine(first + i, Behaviour.BAD_SHARE);
    }
    return faults.faults(1);
  }

  /** Whether more than half is left. */
  public boolean keepsHalf() {
    return attacked > calm / 2;
  }

  private static long[] answers(WorldOptions options, Faults faults) {
    int n = options.rule().n();
    World world =
        World.of(
            faults.options(options.withApplication(SharedStore.world())),
            wire -> faults.network(wire, new RandomNetwork(wire, n, 7, LinkModel.CALM)));
    Oracles oracles = Oracles.on(world, faults.correct(n));
    faults.on(world);
    world.start();
    ClosedLoop clients =
        new ClosedLoop(
            world, Geography.AZURE10, new ClosedLoop.Load(ClosedLoop.Mode.CLIENT_BATCH, 1, 64), -1);
    for (int region = 0; region < Math.min(n, Geography.AZURE10.regions().size()); region++) {
      clients.add(region, 2, (client, at) -> {});
    }
    world.run(SECONDS * SECOND);
    oracles.finish();
    return new long[] {clients.measurement().answers(), world.steps()};
  }
}
