package io.destiny.core.kit;

/**
 * Senders of bad shares: for 2^strikes × 1000 slots their shares are used last (linear-hybster.md
 * §6 d). Local, and no evidence: the link, not the sender's key, authenticates a share.
 */
public final class Blacklist {
  private static final int MOST_STRIKES = 10;

  private final int[] strikes;
  private final long[] until;

  public Blacklist(int n) {
    strikes = new int[n];
    until = new long[n];
  }

  public void strike(int replica, long slot) {
    strikes[replica] = Math.min(strikes[replica] + 1, MOST_STRIKES);
    until[replica] = slot + (1000L << strikes[replica]);
  }

  public boolean contains(int replica, long slot) {
    return slot < until[replica];
  }
}
