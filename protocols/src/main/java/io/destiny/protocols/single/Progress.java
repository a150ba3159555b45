package io.destiny.protocols.single;

import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.machine.Settings;

/**
 * Watches that what is known of a pillar's slot leads to a decision: a primary that shows a slot to
 * few, leaves a hole below others, or lets other pillars wait for its own, is suspected after T_dis
 * (dqbft.md §6 rule 13), whether or not this replica could vote.
 */
final class Progress {
  private final Settings settings;
  private final Single single;
  private final Pillar pillar;
  private long frontier = -1;
  private long since;

  Progress(Settings settings, Single single, Pillar pillar) {
    this.settings = settings;
    this.single = single;
    this.pillar = pillar;
  }

  /** A view was entered: its primary gets all the time there is. */
  void entered() {
    since = single.frame().step().now();
  }

  /** Every T_resend. */
  void tick() {
    ConsensusEngine e = pillar.engine();
    long now = single.frame().step().now();
    boolean all = e.frontier() >= single.pillars().begun();
    boolean behind = single.recovery().behind() || single.recovery().transfer().active();
    if (all || behind || !e.entered() || e.frontier() != frontier) {
      frontier = all ? -1 : e.frontier();
      since = now;
    } else if (!e.committed(frontier + 1) && now - since >= settings.tuning().orderTimeout()) {
      pillar.suspect(Suspicion.DISSEMINATION);
    }
  }
}
