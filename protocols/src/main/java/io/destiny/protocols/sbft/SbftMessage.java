package io.destiny.protocols.sbft;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
import io.destiny.core.model.Digest;
import io.destiny.protocols.threephase.ThreePhaseMessage;

/** The messages of SBFT's own (sbft.md §3). */
sealed interface SbftMessage extends ThreePhaseMessage {
  /** SIGN-SHARE: a replica has accepted the proposal; its share on h, to a collector. */
  record SignShare(int instance, long view, long slot, Digest value, Share share)
      implements SbftMessage {
    @Override
    public int wireSize() {
      return HEADER_BYTES + Digest.BYTES + Share.BYTES;
    }

    @Override
    public String kind() {
      return "SignShare";
    }
  }

  /** PREPARE: from a collector to all, Q shares on h combined. */
  record PrepareProof(int instance, long view, long slot, Digest value, Certificate certificate)
      implements SbftMessage {
    @Override
    public int wireSize() {
      return HEADER_BYTES + Digest.BYTES + certificate.encodedLength();
    }

    @Override
    public String kind() {
      return "PrepareProof";
    }
  }

  /** COMMIT: a replica has prepared the value; its share on h2, to a collector. */
  record CommitShare(int instance, long view, long slot, Digest value, Share share)
      implements SbftMessage {
    @Override
    public int wireSize() {
      return HEADER_BYTES + Digest.BYTES + Share.BYTES;
    }

    @Override
    public String kind() {
      return "CommitShare";
    }
  }

  /** FULL-COMMIT-PROOF and FULL-COMMIT-PROOF-SLOW: from a collector to all, or passed on. */
  record FullCommitProof(int instance, long slot, CommitProof proof) implements SbftMessage {
    @Override
    public long view() {
      return proof.view();
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + proof.encodedLength();
    }

    @Override
    public String kind() {
      return proof.fast() ? "FullCommitProof" : "FullCommitProofSlow";
    }
  }
}
