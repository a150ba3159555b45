package io.destiny.core.trusted;

import io.destiny.core.model.Digest;

/**
 * A call of F1 or F4 (trusted-subsystem.md §3). Calls for one (instance, counter) are carried out
 * in order.
 */
public sealed interface TrustedCall {
  int instance();

  int counter();

  /** tv'. */
  long value();

  /** m: the digest of a canonical statement. */
  Digest message();

  /**
   * F1: answered by {@code Result.Shared}, or refused unless {@code value} is above the counter.
   */
  record IndependentShare(int instance, int counter, long value, Digest message)
      implements TrustedCall {}

  /**
   * F4: answered by {@code Result.Continued}, or refused unless the counter stands at {@code
   * expected} ≤ {@code value}.
   */
  record Continuing(int instance, int counter, long expected, long value, Digest message)
      implements TrustedCall {}
}
