package io.destiny.core.trusted;

/** Counter numbers and the encoding of ORDER values (trusted-subsystem.md §2). */
public final class Counters {
  /** Proposals, commit shares, view changes. */
  public static final int ORDER = 0;

  /** One NEW-VIEW a view. */
  public static final int NEW_VIEW = 1;

  /** Trusted MACs; never advanced. */
  public static final int MISC = 2;

  /** How many counters an instance has. */
  public static final int COUNT = 3;

  /** First sequence number that does not fit. */
  public static final long SLOT_LIMIT = 1L << 40;

  /** First view that does not fit. */
  public static final long VIEW_LIMIT = 1L << 23;

  private Counters() {}

  /**
   * enc(v, s) = v·2^40 + s.
   *
   * @throws IllegalArgumentException outside 0 ≤ v &lt; 2^23, 0 ≤ s &lt; 2^40: an index can never
   *     run into the view
   */
  public static long encode(long view, long slot) {
    if (view < 0 || view >= VIEW_LIMIT || slot < 0 || slot >= SLOT_LIMIT) {
      throw new IllegalArgumentException("no counter value for view " + view + ", slot " + slot);
    }
    return view << 40 | slot;
  }

  public static long view(long value) {
    return value >>> 40;
  }

  public static long slot(long value) {
    return value & (SLOT_LIMIT - 1);
  }
}
