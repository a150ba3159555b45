package io.destiny.core.kit;

import io.destiny.core.engine.Port;
import io.destiny.core.machine.Settings;
import java.util.Arrays;

/** What peers may ask for within T_fetch: no peer has this replica send without end. */
public final class FetchBudget {
  private static final long BYTES_A_PEER = 32 << 20;

  private final Settings settings;

  /** Empty until somebody asks. */
  private long[] spent = {};

  private long since;

  public FetchBudget(Settings settings) {
    this.settings = settings;
  }

  /** Whether a peer may be sent more now. */
  public boolean affords(int peer, Port port) {
    if (spent.length == 0) {
      spent = new long[settings.n()];
    }
    if (port.now() - since > settings.tuning().fetchDelay()) {
      since = port.now();
      Arrays.fill(spent, 0);
    }
    return spent[peer] <= BYTES_A_PEER;
  }

  /** So many bytes were sent to a peer that {@link #affords} them. */
  public void spend(int peer, int bytes) {
    spent[peer] += bytes;
  }
}
