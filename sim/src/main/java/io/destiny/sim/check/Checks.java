package io.destiny.sim.check;

import io.destiny.sim.world.World;

/** All checks of this package at once. */
public final class Checks {
  private Checks() {}

  /** Watches a world that has not started. */
  public static World on(World world) {
    ExecutionCheck execution = new ExecutionCheck();
    return world
        .listen(new AgreementCheck())
        .listen(execution)
        .listen(new ReplyCheck(execution))
        .listen(new CounterCheck())
        .listen(new DurabilityCheck(world::durable))
        .listen(new HaltCheck());
  }
}
