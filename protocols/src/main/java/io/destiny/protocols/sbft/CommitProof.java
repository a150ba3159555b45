package io.destiny.protocols.sbft;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Digest;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What proves a slot committed to anyone and for ever (sbft.md §4 rule 7): σ(h) on the fast path,
 * τ(h) and τ(h2) on the slow one.
 *
 * @param accepted all N shares on h, or Q where {@code prepared} is there
 * @param prepared Q shares on h2; null: the fast path
 */
record CommitProof(long view, Digest value, Certificate accepted, @Nullable Certificate prepared) {
  boolean fast() {
    return prepared == null;
  }

  /** Whether enough have signed it, if they have. */
  boolean wellFormed(QuorumRule rule) {
    Certificate second = prepared;
    return second == null
        ? accepted.count() == rule.n()
        : accepted.count() >= rule.quorum() && second.count() >= rule.quorum();
  }

  /** What must verify. */
  List<Work> proofs(Statements statements, long slot) {
    List<Work> all = new ArrayList<>(2);
    all.add(Statements.verify(statements.accepted(view, slot, value), accepted));
    Certificate second = prepared;
    if (second != null) {
      all.add(Statements.verify(statements.prepared(view, slot, value), second));
    }
    return all;
  }

  // ---- bytes, without the view and which path it is

  int encodedLength() {
    Certificate second = prepared;
    return Digest.BYTES + accepted.encodedLength() + (second == null ? 0 : second.encodedLength());
  }

  void encode(Writer w) {
    accepted.encode(w.digest(value));
    Certificate second = prepared;
    if (second != null) {
      second.encode(w);
    }
  }

  static CommitProof decode(long view, boolean fast, Reader r) throws MalformedException {
    Digest value = r.digest();
    Certificate accepted = Certificate.decode(r);
    return new CommitProof(view, value, accepted, fast ? null : Certificate.decode(r));
  }
}
