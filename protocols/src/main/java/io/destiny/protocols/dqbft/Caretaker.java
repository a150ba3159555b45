package io.destiny.protocols.dqbft;

import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.Port;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Batch;
import java.util.BitSet;

/**
 * NOOPs for what committed lists demand of the instances that this replica leads (dqbft.md §4 rule
 * 1, §7 case 1). In an instance that it does not own it proposes nothing else.
 */
final class Caretaker {
  private final Settings settings;
  private final Dqbft dqbft;

  /** The D-instances whose present leader is this replica. */
  private final BitSet led = new BitSet();

  Caretaker(Settings settings, Dqbft dqbft) {
    this.settings = settings;
    this.dqbft = dqbft;
  }

  /** A view of D_n was entered. */
  void entered(int n, int leader) {
    led.set(n, leader == settings.self());
  }

  /**
   * Looks at all of them, whenever needed_n may have grown.
   *
   * @param ownerIdle whether no command waits for the own instance
   */
  void fill(boolean ownerIdle) {
    for (int n = led.nextSetBit(0); n >= 0; n = led.nextSetBit(n + 1)) {
      if (n != settings.self() || ownerIdle) {
        fill(n);
      }
    }
  }

  private void fill(int n) {
    ConsensusEngine instance = dqbft.dissemination(n);
    Port port = dqbft.port(n);
    while (instance.leading()
        && instance.highest() < dqbft.order().needed(n)
        && instance.propose(Batch.NOOP, port).isPresent()) {
      port.note(new Effect.Event.Count("noop_filled", 1));
    }
  }
}
