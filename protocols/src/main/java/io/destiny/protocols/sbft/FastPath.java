package io.destiny.protocols.sbft;

/**
 * T_fast of one instance's collector (sbft.md §4 rule 4): how long it waits for the last shares
 * once it has a quorum's. One and a half times what the last share took after the quorum's on
 * average, and twice what the quorum's took before anything is known; nothing, but for a probe
 * every 50 slots, if fewer than half of the last 100 slots finished fast.
 */
final class FastPath {
  private static final int REMEMBERED = 100;
  private static final int PROBE_EVERY = 50;

  /** No judgement on fewer slots than this. */
  private static final int ENOUGH = 4;

  private final long most;

  /** Moving average, or -1 before the first sample. */
  private long average = -1;

  /** Bit i of word i/64: the slot finished fast; a ring. */
  private final long[] finished = new long[(REMEMBERED + 63) / 64];

  private int next;
  private int known;
  private int fast;
  private int waited;

  /**
   * @param most T_fast is at most this, nanoseconds
   */
  FastPath(long most) {
    this.most = most;
  }

  /**
   * T_fast of the slot that has a quorum's shares now; 0: the slow path at once.
   *
   * @param quorum how long these took, nanoseconds
   */
  long delay(long quorum) {
    boolean hopeless = known >= ENOUGH && 2 * fast < known;
    if (hopeless && ++waited % PROBE_EVERY != 0) {
      return 0;
    }
    return Math.min(average < 0 ? 2 * quorum : average + average / 2, most);
  }

  /** So long after the quorum's did the last share come. */
  void sample(long nanos) {
    average = average < 0 ? nanos : average + (nanos - average) / 8;
  }

  /** A slot was committed by this collector. */
  void finished(boolean onFastPath) {
    int word = next >>> 6;
    long bit = 1L << (next & 63);
    if (known == REMEMBERED) {
      fast -= (finished[word] & bit) == 0 ? 0 : 1;
    } else {
      known++;
    }
    finished[word] = onFastPath ? finished[word] | bit : finished[word] & ~bit;
    fast += onFastPath ? 1 : 0;
    next = (next + 1) % REMEMBERED;
  }
}
