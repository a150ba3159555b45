package io.destiny.protocols.linearhybster;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.Writer;
import io.destiny.protocols.hybrid.ordering.CommitCertificate;
import io.destiny.protocols.hybrid.ordering.OrderingMessage;
import io.destiny.protocols.hybrid.ordering.VoteMessage;

/** The messages of Linear Hybster's own (linear-hybster.md §3). */
public sealed interface LinearHybsterMessage extends OrderingMessage {
  /** COMMITSIG: a replica's share on P, to a collector. */
  record CommitSig(int instance, long view, long slot, Digest value, Share share)
      implements LinearHybsterMessage, VoteMessage {
    @Override
    public void encode(Writer w) {
      share.encode(w.digest(value));
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + Digest.BYTES + Share.BYTES;
    }

    @Override
    public String kind() {
      return "CommitSig";
    }
  }

  /** COMMIT: Q shares on P combined. */
  record Commit(int instance, long view, long slot, Digest value, Certificate certificate)
      implements LinearHybsterMessage, CommitCertificate {
    @Override
    public void encode(Writer w) {
      certificate.encode(w.digest(value));
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + Digest.BYTES + certificate.encodedLength();
    }

    @Override
    public String kind() {
      return "Commit";
    }
  }
}
