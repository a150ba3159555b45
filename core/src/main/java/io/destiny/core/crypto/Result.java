package io.destiny.core.crypto;

import io.destiny.core.trusted.ContinuingCertificate;
import java.util.List;

/** The answer to a {@link Work} or to a trusted call. */
public sealed interface Result {
  record Verdict(boolean valid) implements Result {}

  record Combined(Certificate certificate) implements Result {}

  /**
   * @param signers those of the given shares that do not verify; never empty
   */
  record BadShares(List<Integer> signers) implements Result {}

  record Signed(Share share) implements Result {}

  /** An Ed25519 signature of this replica. */
  record Signature(byte[] bytes) implements Result {}

  /** F1's answer (trusted-subsystem.md §3). */
  sealed interface Certified extends Result {
    /** The enclave's Ed25519 signature over the tuple, 64 bytes. */
    byte[] attestation();
  }

  /** F1's answer with a share over the same tuple. */
  record Shared(Share share, byte[] attestation) implements Certified {}

  /** F1's answer where no share was asked for. */
  record Attested(byte[] attestation) implements Certified {}

  /** F4's answer. */
  record Continued(ContinuingCertificate certificate) implements Result {}

  /** A trusted call's precondition failed; nothing changed and nothing was signed. */
  record Refused(Refusal reason, long current) implements Result {}

  /** Why a trusted call was refused. */
  enum Refusal {
    /** No such instance or counter, or a value outside 0..2^63-1. */
    OUT_OF_RANGE,
    /**
     * F1: the new value is not above the current one. F4: the expected value is not the current
     * one, or would fall.
     */
    COUNTER,
    /** The trusted subsystem has no key. */
    NOT_PROVISIONED,
    /**
     * The trusted process could not be reached; the call may or may not have happened and can be
     * repeated.
     */
    UNAVAILABLE
  }
}
