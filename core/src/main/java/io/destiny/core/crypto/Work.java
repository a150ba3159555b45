package io.destiny.core.crypto;

import io.destiny.core.model.Digest;
import io.destiny.core.model.Request;
import io.destiny.core.trusted.ContinuingCertificate;
import io.destiny.core.trusted.TrustedCall;
import java.util.List;

/**
 * A cryptographic job outside the trusted part. The driver runs it on a pool, or charges its cost.
 */
public sealed interface Work {
  /** Are all client signatures valid? Answered by {@link Result.Verdict}. */
  record VerifyRequests(List<Request> requests) implements Work {}

  /**
   * Did the trusted subsystem of {@code replica}, with the boot id that the manifest pins, make
   * this F1 call? Checks its Ed25519 signature over {@code Domain.shareSignature}. Answered by
   * {@link Result.Verdict}.
   */
  record VerifyAttestation(int replica, TrustedCall.Independent call, byte[] signature)
      implements Work {}

  /**
   * F5: did the trusted subsystem of the certificate's replica, with the boot id that the manifest
   * pins, move the counter of {@code instance} for {@code message}? Answered by {@link
   * Result.Verdict}.
   */
  record VerifyContinuing(int instance, ContinuingCertificate certificate, Digest message)
      implements Work {}

  /** Is the certificate valid, with a threshold of signers? Answered by {@link Result.Verdict}. */
  record VerifyCertificate(KeyPurpose purpose, byte[] statement, Certificate certificate)
      implements Work {}

  /**
   * Combine a threshold of the shares and check the aggregate (linear-hybster.md §6): answered by
   * {@link Result.Combined}, or by {@link Result.BadShares} naming those that do not verify.
   *
   * @param shares at least the threshold, of distinct signers
   * @param least so many shares make the certificate where the purpose's threshold is lower
   */
  record Combine(KeyPurpose purpose, byte[] statement, List<Share> shares, int least)
      implements Work {
    public Combine(KeyPurpose purpose, byte[] statement, List<Share> shares) {
      this(purpose, statement, shares, 0);
    }
  }

  /**
   * Make a share over {@code statement} with this replica's own BLS key outside the trusted part:
   * that of π, and of σ and τ in sbft.md §1, whose statements and thresholds differ. Answered by
   * {@link Result.Signed}.
   */
  record SignExecution(byte[] statement) implements Work {}

  /**
   * Sign with this replica's own Ed25519 key, for others to check later (pbft.md §7). Answered by
   * {@link Result.Signature}.
   */
  record SignReplica(byte[] statement) implements Work {}

  /** Did this replica sign the statement with its own key? Answered by {@link Result.Verdict}. */
  record VerifyReplica(int replica, byte[] statement, byte[] signature) implements Work {
    /** Length of an Ed25519 signature. */
    public static final int SIGNATURE_BYTES = 64;
  }

  /** Are all of these valid? Answered by {@link Result.Verdict}. */
  record All(List<Work> parts) implements Work {}
}
