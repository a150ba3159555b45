package io.destiny.protocols.threephase;

import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Watermark;
import io.destiny.core.model.Digest;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * VIEW-CHANGE (pbft.md §5 rule 10), under its sender's own key, so that anyone can pass it on.
 *
 * <p>In place of C, the claimed checkpoints, it has a proven watermark: Q replicas signed that
 * checkpoint, which is more than the f+1 vouchers that rule 13 asks for, so that the highest one
 * among VIEW-CHANGEs can be taken as it is.
 *
 * @param view the view to go to
 * @param base h, with its proof
 * @param note the {@link Port#viewNote} of the view that was entered last
 * @param evidence what it says of the slots above h
 * @param complaints what lets replicas skip to this view (dqbft.md §7), mostly empty
 * @param signature of {@link #statement}
 */
public record ViewChange(
    int replica,
    long view,
    Watermark base,
    byte[] note,
    Evidence evidence,
    List<Complaint> complaints,
    byte[] signature) {
  /** A signed COMPLAIN that names {@code view}. */
  public record Complaint(int replica, byte[] signature) {
    static final int BYTES = 2 + Work.VerifyReplica.SIGNATURE_BYTES;
  }

  /** Not signed yet. */
  private static final byte[] UNSIGNED = new byte[Work.VerifyReplica.SIGNATURE_BYTES];

  /** Before its sender has signed it. */
  public static ViewChange unsigned(
      int replica, long view, Watermark base, byte[] note, Evidence evidence) {
    return new ViewChange(replica, view, base, note, evidence, List.of(), UNSIGNED);
  }

  public ViewChange with(List<Complaint> proof) {
    return new ViewChange(replica, view, base, note, evidence, List.copyOf(proof), signature);
  }

  public ViewChange signed(byte[] by) {
    return new ViewChange(replica, view, base, note, evidence, complaints, by);
  }

  /** What a COMPLAIN signs: the view to go to. */
  public static byte[] complaint(Domain domain, int instance, long target) {
    return domain.begin(StatementKind.SIGNED_COMPLAINT, instance, target, 0).toBytes();
  }

  /** What its sender signs. */
  public byte[] statement(Domain domain, int instance) {
    Writer w = new Writer(encodedLength());
    content(w);
    return domain
        .begin(StatementKind.SIGNED_VIEW_CHANGE, instance, view, 0)
        .digest(Digest.of(w.toBytes()))
        .toBytes();
  }

  /** H(VIEW-CHANGE), by which a NEW-VIEW refers to it. */
  public Digest id(Domain domain, int instance) {
    return Digest.of(statement(domain, instance));
  }

  /** What must verify beside its watermark: its signature, its complaints, its evidence. */
  public List<Work> proofs(Domain domain, int instance) {
    List<Work> all = new ArrayList<>();
    all.add(new Work.VerifyReplica(replica, statement(domain, instance), signature));
    byte[] complaint = complaint(domain, instance, view);
    for (Complaint c : complaints) {
      all.add(new Work.VerifyReplica(c.replica, complaint, c.signature));
    }
    all.addAll(evidence.proofs(domain, instance));
    return all;
  }

  /**
   * Rule 11, but for signatures and the watermark's proof.
   *
   * @param width W
   */
  public boolean wellFormed(int width, QuorumRule rule) {
    long low = base.slot();
    return low >= 0
        && low <= Long.MAX_VALUE - width
        && note.length <= Port.MAX_NOTE
        && (complaints.isEmpty() || complaints.size() >= rule.weak())
        && ascending(complaints)
        && evidence.wellFormed(rule, low, low + width, view);
  }

  private static boolean ascending(List<Complaint> complaints) {
    for (int i = 1; i < complaints.size(); i++) {
      if (complaints.get(i).replica <= complaints.get(i - 1).replica) {
        return false;
      }
    }
    return true;
  }

  /** The highest watermark of a set; each is proven. */
  public static Watermark highestBase(List<ViewChange> set) {
    return set.stream()
        .map(ViewChange::base)
        .max(Comparator.comparingLong(Watermark::slot))
        .orElseThrow();
  }

  // ---- bytes

  /** Encoded length, without the view, which a message's header has. */
  public int encodedLength() {
    return 2
        + 8
        + 4
        + base.proof().length
        + 4
        + note.length
        + evidence.encodedLength()
        + 2
        + Complaint.BYTES * complaints.size()
        + UNSIGNED.length;
  }

  private void content(Writer w) {
    w.u16(replica).u64(base.slot()).bytes(base.proof()).bytes(note);
    evidence.encode(w);
    w.u16(complaints.size());
    complaints.forEach(c -> w.u16(c.replica).raw(c.signature));
  }

  public void encode(Writer w) {
    content(w);
    w.raw(signature);
  }

  /** Reads what {@link #encode} wrote. */
  public static ViewChange decode(long view, int n, Evidence.Decoder decoder, Reader r)
      throws MalformedException {
    int replica = r.u16();
    Watermark base = new Watermark(r.u64(), r.bytes(Watermark.MAX_PROOF));
    byte[] note = r.bytes(Port.MAX_NOTE);
    Evidence evidence = decoder.decode(r);
    int count = r.u16();
    if (replica >= n || count > n) {
      throw new MalformedException("more replicas than there are");
    }
    List<Complaint> complaints = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      complaints.add(new Complaint(r.u16(), r.raw(Work.VerifyReplica.SIGNATURE_BYTES)));
    }
    byte[] signature = r.raw(Work.VerifyReplica.SIGNATURE_BYTES);
    return new ViewChange(replica, view, base, note, evidence, List.copyOf(complaints), signature);
  }
}
