package io.destiny.protocols.linearhybster;

import io.destiny.core.kit.FallBack;
import io.destiny.core.kit.ShareCollector;
import org.jspecify.annotations.Nullable;

/** What is collected for one slot. */
final class CollectedSlot {
  /** Shares of the present view, this replica's and the leader's included. */
  ShareCollector shares = new ShareCollector();

  /** Somebody sent its vote here, or this replica is the first collector or its own fall-back. */
  boolean collecting;

  boolean combining;

  /** The commit was made here, and all have been sent it. */
  boolean announced;

  /** This replica's vote is made, and T_col ran since then. */
  boolean voted;

  /** Made when T_col first expires, which is rare. */
  @Nullable FallBack fallBack;

  long waitingSince;

  /** The first collector's commit came while another's was being checked. */
  boolean firstDelivers;

  /** When another than the first collector delivered the commit; 0: it did itself. */
  long missedAt;

  /** Another view is entered: all of the last one is of no use. */
  void beginView() {
    shares = new ShareCollector();
    collecting = false;
    combining = false;
    announced = false;
    voted = false;
    fallBack = null;
  }
}
