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

  /** F1, in either form: refused unless {@code value} is above the counter. */
  sealed interface Independent extends TrustedCall {}

  /** F1: answered by {@code Result.Shared}. */
  record IndependentShare(int instance, int counter, long value, Digest message)
      implements Independent {}

  /**
   * F1 without the share, for protocols that combine none: answered by {@code Result.Attested}. It
   * is the same step of the counter, and the same signature: both forms bind one tuple.
   */
  record IndependentSignature(int instance, int counter, long value, Digest message)
      implements Independent {}

  /**
   * F4: answered by {@code Result.Continued}, or refused unless the counter stands at {@code
   * expected} ≤ {@code value}.
   */
  record Continuing(int instance, int counter, long expected, long value, Digest message)
      implements TrustedCall {}
}
