package io.destiny.core.kit;

/**
 * Senders of bad shares: for 2^strikes × 1000 slots their shares are used last (linear-hybster.md
 * §6 d). Local, and no evidence: the link, not the sender's key, authenticates a share.
 */
public final class Blacklist {
  private static final int MOST_STRIKES = 10;

  private final int n;

  /** Empty until the first strike: most instances of a large cluster never see one. */
  private int[] strikes = {};

  private long[] until = {};

  public Blacklist(int n) {
    this.n = n;
  }

  public void strike(int replica, long slot) {
    if (strikes.length == 0) {
      strikes = new int[n];
      until = new long[n];
    }
    strikes[replica] = Math.min(strikes[replica] + 1, MOST_STRIKES);
    until[replica] = slot + (1000L << strikes[replica]);
  }

  public boolean contains(int replica, long slot) {
    return until.length != 0 && slot < until[replica];
  }
}
