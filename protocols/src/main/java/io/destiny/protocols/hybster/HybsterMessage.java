package io.destiny.protocols.hybster;

import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import io.destiny.protocols.hybrid.HybridMessage;
import io.destiny.protocols.hybrid.ordering.CommitCertificate;
import io.destiny.protocols.hybrid.ordering.OrderingMessage;
import io.destiny.protocols.hybrid.ordering.VoteMessage;
import java.util.ArrayList;
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

    static Vote decode(Reader r) throws MalformedException {
      return new Vote(r.u16(), r.raw(HybridMessage.ATTESTATION_BYTES));
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
      implements HybsterMessage, VoteMessage {
    @Override
    public void encode(Writer w) {
      vote.encode(w.digest(value));
    }

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

    static Commit decode(int instance, long view, long slot, Reader r) throws MalformedException {
      Digest value = r.digest();
      int count = r.u16();
      if (count * Vote.BYTES > r.remaining()) {
        throw new MalformedException("too many votes");
      }
      List<Vote> votes = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        votes.add(Vote.decode(r));
      }
      return new Commit(instance, view, slot, value, List.copyOf(votes));
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
