package io.destiny.protocols.dqbft;

import io.destiny.core.engine.Proposal;
import io.destiny.core.machine.Settings;
import java.util.BitSet;
import java.util.random.RandomGenerator;

/**
 * Passes the header of a fresh D-proposal on to m random peers, once (dqbft.md §6 rule 10): what
 * one correct replica holds, all hold a step or two later. Not in view 0: its coordinator is the
 * owner, who has not failed yet.
 */
final class Flooding {
  private final Settings settings;
  private final Dqbft dqbft;

  /** Per instance: the last slot that came with the NEW-VIEW, which all get. */
  private final long[] takenOver;

  Flooding(Settings settings, Dqbft dqbft) {
    this.settings = settings;
    this.dqbft = dqbft;
    this.takenOver = new long[settings.n()];
  }

  /** m = ⌈log2 N⌉: how many of all are enough for one correct to be among them, most likely. */
  static int few(int n) {
    return 32 - Integer.numberOfLeadingZeros(n - 1);
  }

  void entered(int n, long max) {
    takenOver[n] = max;
  }

  void proposed(int n, Proposal p) {
    int self = settings.self();
    if (p.view() == 0 || p.leader() == self || p.slot() <= takenOver[n]) {
      return;
    }
    RandomGenerator random = dqbft.step().random();
    BitSet chosen = new BitSet(settings.n());
    chosen.set(self);
    chosen.set(p.leader());
    int last = Math.min(2 + few(settings.n()), settings.n());
    while (chosen.cardinality() < last) {
      int peer = random.nextInt(settings.n());
      if (!chosen.get(peer)) {
        chosen.set(peer);
        dqbft.dissemination(n).show(p.slot(), peer, dqbft.port(n));
      }
    }
  }
}
