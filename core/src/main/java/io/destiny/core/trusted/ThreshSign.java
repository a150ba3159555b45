package io.destiny.core.trusted;

import io.destiny.core.crypto.Result;
import java.util.List;

/**
 * The trusted subsystem of one replica: the functions that must be inside (F1, F4, read, attest).
 * F2, F3 and F5 are outside, in {@link io.destiny.core.crypto.CryptoProvider}. Thread-safe. There
 * is no way to set or reset a counter and none to sign without one.
 */
public interface ThreshSign {
  /**
   * Carries out the calls in order, each one atomic. Every answer is {@code Shared}, {@code
   * Attested}, {@code Continued} or {@code Refused}; a tuple that was certified among the last ones
   * of its counter is answered again with the same bytes.
   */
  List<Result> call(List<TrustedCall> calls);

  /**
   * The current value of a counter, or -1 where there is none or the subsystem is not provisioned.
   *
   * @throws java.lang.IllegalStateException if the subsystem cannot be reached
   */
  long read(int instance, int counter);

  /** What it says of itself, with a signature over it and {@code nonce}. */
  Quote attest(byte[] nonce);

  /**
   * A software subsystem's quote proves only that the process holds the key, see the README.
   *
   * @param provisioned whether it has its keys and may sign
   */
  record Quote(
      boolean provisioned,
      long epoch,
      int replica,
      long boot,
      byte[] attestationKey,
      byte[] shareKey,
      byte[] signature) {}
}
