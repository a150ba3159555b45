package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Share;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.trusted.TrustedCall;

/** What an engine has F1 make of its proposals and votes (trusted-subsystem.md §3). */
public enum CertificateForm {
  /** A share that can be combined with others, and the attestation. */
  SHARE(Share.SIGNATURE_BYTES),
  /** The attestation alone. */
  ATTESTATION(0);

  private final int shareBytes;

  CertificateForm(int shareBytes) {
    this.shareBytes = shareBytes;
  }

  /** How long the share is, 0 where there is none. */
  public int shareBytes() {
    return shareBytes;
  }

  /** The call that makes it. */
  public TrustedCall.Independent call(int instance, int counter, long value, Digest message) {
    return this == SHARE
        ? new TrustedCall.IndependentShare(instance, counter, value, message)
        : new TrustedCall.IndependentSignature(instance, counter, value, message);
  }

  /** Reads a share, if any, and an attestation. */
  public NewView.Signed decode(Reader r) throws MalformedException {
    return new NewView.Signed(r.raw(shareBytes), r.raw(HybridMessage.ATTESTATION_BYTES));
  }
}
