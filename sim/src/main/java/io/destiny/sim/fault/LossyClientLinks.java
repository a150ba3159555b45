package io.destiny.sim.fault;

import io.destiny.sim.world.Frame;
import io.destiny.sim.world.Network;
import java.util.SplittableRandom;

/** Loses and repeats what passes between clients and replicas, for a time. */
final class LossyClientLinks implements Network {
  private final Network beneath;
  private final long until;
  private final int lost;
  private final int twice;
  private final SplittableRandom random;
  private final Injected injected;

  /**
   * @param perThousand how many are lost, and how many come twice
   */
  LossyClientLinks(Network beneath, int[] perThousand, long until, long seed, Injected injected) {
    this.beneath = beneath;
    this.lost = perThousand[0];
    this.twice = perThousand[1];
    this.until = until;
    this.random = new SplittableRandom(seed);
    this.injected = injected;
  }

  @Override
  public void send(int from, int to, Frame frame) {
    beneath.send(from, to, frame);
  }

  @Override
  public void up(Wire wire, long client, int to, int bytes, Runnable arrive) {
    pass(wire, () -> beneath.up(wire, client, to, bytes, arrive));
  }

  @Override
  public void down(Wire wire, int from, long client, int bytes, Runnable arrive) {
    pass(wire, () -> beneath.down(wire, from, client, bytes, arrive));
  }

  private void pass(Wire wire, Runnable carry) {
    if (wire.now() >= until) {
      carry.run();
      return;
    }
    if (random.nextInt(1000) < lost) {
      injected.count("clientLink:lost");
      return;
    }
    carry.run();
    if (random.nextInt(1000) < twice) {
      injected.count("clientLink:twice");
      carry.run();
    }
  }
}
