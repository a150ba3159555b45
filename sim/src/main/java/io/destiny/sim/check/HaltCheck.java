package io.destiny.sim.check;

import io.destiny.sim.world.TraceListener;

/** No correct replica stops itself (S19): nothing in these worlds damages a disk. */
public final class HaltCheck implements TraceListener {
  @Override
  public void halted(int replica, String reason) {
    throw new Violation("halt", "R" + replica + " stopped itself: " + reason);
  }
}
