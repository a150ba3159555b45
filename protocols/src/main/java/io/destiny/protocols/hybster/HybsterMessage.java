package io.destiny.protocols.hybster;

import io.destiny.core.model.Digest;
import io.destiny.core.statement.Writer;
import io.destiny.protocols.hybrid.HybridMessage;
import io.destiny.protocols.hybrid.ordering.CommitCertificate;
import io.destiny.protocols.hybrid.ordering.OrderingMessage;
import java.util.Arrays;
import java.util.List;

/** The messages of Hybster's own (hybster.md §2); votes and commits are named as their sister's. */
public sealed interface HybsterMessage extends OrderingMessage {
  /**
   * A replica's vote: its trusted subsystem's signature on a slot's statement.
   *
   * @param replica whose
   * @param attestation Ed25519, 64 bytes
   */
  record Vote(int replica, byte[] attestation) {
    static final int BYTES = 2 + HybridMessage.ATTESTATION_BYTES;

    void encode(Writer w) {
      w.u16(replica).raw(attestation);
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof Vote v
          && v.replica == replica
          && Arrays.equals(v.attestation, attestation);
    }

    @Override
    public int hashCode() {
      return replica * 31 + Arrays.hashCode(attestation);
    }

    @Override
    public String toString() {
      return "vote(" + replica + ")";
    }
  }

  /** COMMIT of hybster.md §2: its sender's vote, to all. */
  record CommitSig(int instance, long view, long slot, Digest value, Vote vote)
      implements HybsterMessage {
    @Override
    public int wireSize() {
      return HEADER_BYTES + Digest.BYTES + Vote.BYTES;
    }

    @Override
    public String kind() {
      return "CommitSig";
    }
  }

  /**
   * The commit certificate of hybster.md §3 rule 5.
   *
   * @param votes of distinct replicas, in their order; the leader's is its proposal
   */
  record Commit(int instance, long view, long slot, Digest value, List<Vote> votes)
      implements HybsterMessage, CommitCertificate {
    @Override
    public void encode(Writer w) {
      w.digest(value).u16(votes.size());
      votes.forEach(vote -> vote.encode(w));
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + Digest.BYTES + 2 + votes.size() * Vote.BYTES;
    }

    @Override
    public String kind() {
      return "Commit";
    }
  }
}
