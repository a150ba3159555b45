package io.destiny.node.loop;

import io.destiny.core.machine.Effect;

/**
 * Where effects leave that had to wait for the disk. Called by one thread at a time, though not
 * always the same; none of it blocks.
 */
interface Outlet {
  void carryOut(Effect effect);

  /** A group of effects is complete: what was queued for the network may go. */
  void flush();
}
