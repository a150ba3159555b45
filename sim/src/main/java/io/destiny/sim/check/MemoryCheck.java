package io.destiny.sim.check;

import io.destiny.core.machine.Settings;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;

/** What a replica keeps is bounded by its windows (S18): looked at each simulated second. */
public final class MemoryCheck implements TraceListener {
  private static final long SECOND = 1_000_000_000L;

  /** Records of a slot: intent, certificate, commit, payload; twice, since writes are cut late. */
  private static final int RECORDS_A_SLOT = 8;

  /** Timers that a slot may have, and those of the instances and of the replica. */
  private static final int TIMERS_A_SLOT = 3;

  /** Each instance's window, and twice that for the proofs of what was executed. */
  private static final int SLOTS_A_WINDOW = 3;

  private final Scope scope;
  private final Scope.Count s18;
  private long nextLook = SECOND;

  public MemoryCheck(Scope scope) {
    this.scope = scope;
    this.s18 = scope.count("S18");
  }

  @Override
  public void stepped(World world) {
    if (world.now() < nextLook) {
      return;
    }
    nextLook = (world.now() / SECOND + 1) * SECOND;
    Settings.Tuning t = world.options().tuning();
    for (int i = 0; i < scope.n(); i++) {
      if (world.up(i) && scope.correct(i)) {
        look(
            new Kept(
                i,
                world.logSize(i),
                world.timers(i).size(),
                world.snapshots(i),
                world.status(i).slots()),
            t);
      }
    }
  }

  /** What one replica keeps at one instant. */
  record Kept(int replica, long records, long timers, long snapshots, long slots) {}

  void look(Kept kept, Settings.Tuning t) {
    s18.checked++;
    long slots = (long) scope.n() * t.window() + t.orderWindow();
    // Two stable ones, and those that were taken since and wait for votes: by the interval, and
    // early where an instance went half its window ahead.
    long snapshots = 4 + 2L * t.orderWindow() / t.checkpointInterval() + 2L * scope.n();
    // A transfer or a late cut keeps one window more.
    if (kept.records > 2 * RECORDS_A_SLOT * slots
        || kept.timers > TIMERS_A_SLOT * 2 * slots + 8L * (scope.n() + 1)
        || kept.snapshots > snapshots
        || kept.slots > SLOTS_A_WINDOW * slots) {
      throw new Violation("S18", "beyond its bounds: " + kept);
    }
  }
}
