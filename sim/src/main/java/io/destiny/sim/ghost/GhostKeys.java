package io.destiny.sim.ghost;

import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Share;

/**
 * The keys that a replica's host holds itself, outside its trusted subsystem, for one that lies.
 */
public final class GhostKeys {
  private final GhostLedger ledger;
  private final int replica;

  public GhostKeys(GhostLedger ledger, int replica) {
    this.ledger = ledger;
    this.replica = replica;
  }

  /** A π share on any statement: nothing outside the trusted subsystem restrains it. */
  public Share execution(byte[] statement) {
    return ledger.signShare(KeyPurpose.EXECUTION, replica, statement);
  }
}
