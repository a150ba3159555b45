package io.destiny.protocols.sbft;

import io.destiny.core.crypto.Work;
import io.destiny.core.model.Digest;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import io.destiny.protocols.threephase.Evidence;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a VIEW-CHANGE says of slots on both paths (sbft.md §5 rule 13): a commit proof of either, or
 * the prepare certificate of the highest view (slow) and the value accepted in the highest view
 * (fast). The latter stands for the σ share of rule 13: the sender's signature binds it as well.
 *
 * @param slots by slot
 */
record SlotEvidence(List<Entry> slots) implements Evidence {
  /** A slot is said to be (value, view). */
  record Accepted(long view, Digest value) {}

  /**
   * Of one slot; something of it is there, and nothing beside a proof.
   *
   * @param proof decides it
   * @param prepared slow_s
   * @param accepted fast_s
   */
  record Entry(
      long slot,
      @Nullable CommitProof proof,
      @Nullable PrepareCertificate prepared,
      @Nullable Accepted accepted) {
    private static final int FAST = 1;
    private static final int SLOW = 2;
    private static final int PREPARED = 4;
    private static final int ACCEPTED = 8;

    private int flags() {
      CommitProof p = proof;
      int path = p == null ? 0 : p.fast() ? FAST : SLOW;
      return path | (prepared == null ? 0 : PREPARED) | (accepted == null ? 0 : ACCEPTED);
    }

    private static boolean legal(int flags) {
      boolean decided = flags == FAST || flags == SLOW;
      return decided || (flags != 0 && (flags & ~(PREPARED | ACCEPTED)) == 0);
    }

    boolean wellFormed(QuorumRule rule, long view) {
      return (proof == null || (proof.view() < view && proof.wellFormed(rule)))
          && (prepared == null
              || (prepared.view() < view && prepared.certificate().count() >= rule.quorum()))
          && (accepted == null || accepted.view < view);
    }

    /** Whether its sender has accepted this value. */
    boolean names(Digest value) {
      return (proof != null && proof.value().equals(value))
          || (prepared != null && prepared.value().equals(value))
          || (accepted != null && accepted.value.equals(value));
    }

    private int encodedLength() {
      return 9
          + (proof == null ? 0 : 4 + proof.encodedLength())
          + (prepared == null ? 0 : prepared.encodedLength())
          + (accepted == null ? 0 : 4 + Digest.BYTES);
    }

    private void encode(Writer w) {
      w.u64(slot).u8(flags());
      if (proof != null) {
        proof.encode(w.u32(proof.view()));
      }
      if (prepared != null) {
        prepared.encode(w);
      }
      if (accepted != null) {
        w.u32(accepted.view).digest(accepted.value);
      }
    }

    private static Entry decode(Reader r) throws MalformedException {
      long slot = r.u64();
      int flags = r.u8();
      if (!legal(flags)) {
        throw new MalformedException("no evidence, or evidence beside a proof");
      }
      boolean decided = flags == FAST || flags == SLOW;
      return new Entry(
          slot,
          decided ? CommitProof.decode(r.u32(), flags == FAST, r) : null,
          (flags & PREPARED) == 0 ? null : PrepareCertificate.decode(r),
          (flags & ACCEPTED) == 0 ? null : new Accepted(r.u32(), r.digest()));
    }
  }

  @Override
  public boolean wellFormed(QuorumRule rule, long low, long high, long view) {
    long last = low;
    for (Entry e : slots) {
      if (e.slot <= last || e.slot > high || !e.wellFormed(rule, view)) {
        return false;
      }
      last = e.slot;
    }
    return true;
  }

  @Override
  public List<Work> proofs(Domain domain, int instance) {
    Statements statements = new Statements(domain, instance);
    List<Work> all = new ArrayList<>();
    for (Entry e : slots) {
      CommitProof proof = e.proof;
      PrepareCertificate p = e.prepared;
      if (proof != null) {
        all.addAll(proof.proofs(statements, e.slot));
      }
      if (p != null) {
        byte[] signed = statements.accepted(p.view(), e.slot, p.value());
        all.add(Statements.verify(signed, p.certificate()));
      }
    }
    return all;
  }

  @Override
  public boolean names(long slot, Digest value) {
    return slots.stream().anyMatch(e -> e.slot == slot && e.names(value));
  }

  // ---- bytes

  @Override
  public int encodedLength() {
    int length = 4;
    for (Entry e : slots) {
      length += e.encodedLength();
    }
    return length;
  }

  @Override
  public void encode(Writer w) {
    w.u32(slots.size());
    slots.forEach(e -> e.encode(w));
  }

  static SlotEvidence read(Reader r) throws MalformedException {
    long count = r.u32();
    // The shortest entry has a view and a digest.
    if (count > r.remaining() / (9 + 4 + Digest.BYTES)) {
      throw new MalformedException("more entries than bytes");
    }
    List<Entry> all = new ArrayList<>((int) count);
    for (int i = 0; i < count; i++) {
      all.add(Entry.decode(r));
    }
    return new SlotEvidence(List.copyOf(all));
  }
}
