package io.destiny.protocols.threephase;

import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Watermark;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
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
 * @param prepared P, by slot
 * @param preprepared Q, by slot and digest
 * @param complaints what lets replicas skip to this view (dqbft.md §7), mostly empty
 * @param signature of {@link #statement}
 */
public record ViewChange(
    int replica,
    long view,
    Watermark base,
    byte[] note,
    List<SlotClaim> prepared,
    List<SlotClaim> preprepared,
    List<Complaint> complaints,
    byte[] signature) {
  /** Most Q entries of one slot (rule 11). */
  public static final int MOST_A_SLOT = 64;

  /** A signed COMPLAIN that names {@code view}. */
  public record Complaint(int replica, byte[] signature) {
    static final int BYTES = 2 + Work.VerifyReplica.SIGNATURE_BYTES;
  }

  /** Not signed yet. */
  private static final byte[] UNSIGNED = new byte[Work.VerifyReplica.SIGNATURE_BYTES];

  /** Before its sender has signed it. */
  public static ViewChange unsigned(
      int replica, long view, Watermark base, byte[] note, SlotHistory history, int width) {
    long low = base.slot();
    return new ViewChange(
        replica,
        view,
        base,
        note,
        history.prepared(low, low + width),
        history.preprepared(low, low + width),
        List.of(),
        UNSIGNED);
  }

  public ViewChange with(List<Complaint> proof) {
    return new ViewChange(
        replica, view, base, note, prepared, preprepared, List.copyOf(proof), signature);
  }

  public ViewChange signed(byte[] by) {
    return new ViewChange(replica, view, base, note, prepared, preprepared, complaints, by);
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

  /** What must verify beside its watermark. */
  public List<Work> signatures(Domain domain, int instance) {
    List<Work> all = new ArrayList<>();
    all.add(new Work.VerifyReplica(replica, statement(domain, instance), signature));
    byte[] complaint = complaint(domain, instance, view);
    for (Complaint c : complaints) {
      all.add(new Work.VerifyReplica(c.replica, complaint, c.signature));
    }
    return all;
  }

  /**
   * Rule 11, but for signatures and the watermark's proof.
   *
   * @param width W
   * @param weak f+1
   */
  public boolean wellFormed(int width, int weak) {
    long low = base.slot();
    return low >= 0
        && low <= Long.MAX_VALUE - width
        && note.length <= Port.MAX_NOTE
        && (complaints.isEmpty() || complaints.size() >= weak)
        && ascending(complaints)
        && within(prepared, low, low + width)
        && within(preprepared, low, low + width)
        && sorted(prepared, 1)
        && sorted(preprepared, MOST_A_SLOT)
        && prepared.stream().allMatch(this::preprepared);
  }

  private static boolean ascending(List<Complaint> complaints) {
    for (int i = 1; i < complaints.size(); i++) {
      if (complaints.get(i).replica <= complaints.get(i - 1).replica) {
        return false;
      }
    }
    return true;
  }

  private boolean within(List<SlotClaim> claims, long low, long high) {
    for (SlotClaim c : claims) {
      if (c.slot() <= low || c.slot() > high || c.view() >= view) {
        return false;
      }
    }
    return true;
  }

  /** By slot and digest, none twice, and at most so many a slot. */
  private static boolean sorted(List<SlotClaim> claims, int most) {
    int same = 1;
    for (int i = 1; i < claims.size(); i++) {
      SlotClaim before = claims.get(i - 1);
      SlotClaim c = claims.get(i);
      same = c.slot() == before.slot() ? same + 1 : 1;
      boolean after =
          c.slot() > before.slot()
              || (c.slot() == before.slot() && c.value().compareTo(before.value()) > 0);
      if (!after || same > most) {
        return false;
      }
    }
    return true;
  }

  private boolean preprepared(SlotClaim p) {
    int low = 0;
    int high = preprepared.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      SlotClaim q = preprepared.get(middle);
      int order = Long.compare(q.slot(), p.slot());
      order = order == 0 ? q.value().compareTo(p.value()) : order;
      if (order == 0) {
        return q.view() >= p.view();
      }
      low = order < 0 ? middle + 1 : low;
      high = order < 0 ? high : middle;
    }
    return false;
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
        + 8
        + SlotClaim.BYTES * (prepared.size() + preprepared.size())
        + 2
        + Complaint.BYTES * complaints.size()
        + UNSIGNED.length;
  }

  private void content(Writer w) {
    w.u16(replica).u64(base.slot()).bytes(base.proof()).bytes(note);
    SlotClaim.encode(prepared, w);
    SlotClaim.encode(preprepared, w);
    w.u16(complaints.size());
    complaints.forEach(c -> w.u16(c.replica).raw(c.signature));
  }

  public void encode(Writer w) {
    content(w);
    w.raw(signature);
  }

  /** Reads what {@link #encode} wrote. */
  public static ViewChange decode(long view, int n, Reader r) throws MalformedException {
    int replica = r.u16();
    Watermark base = new Watermark(r.u64(), r.bytes(Watermark.MAX_PROOF));
    byte[] note = r.bytes(Port.MAX_NOTE);
    List<SlotClaim> prepared = SlotClaim.decodeAll(r);
    List<SlotClaim> preprepared = SlotClaim.decodeAll(r);
    int count = r.u16();
    if (replica >= n || count > n) {
      throw new MalformedException("more replicas than there are");
    }
    List<Complaint> complaints = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      complaints.add(new Complaint(r.u16(), r.raw(Work.VerifyReplica.SIGNATURE_BYTES)));
    }
    byte[] signature = r.raw(Work.VerifyReplica.SIGNATURE_BYTES);
    return new ViewChange(
        replica, view, base, note, prepared, preprepared, List.copyOf(complaints), signature);
  }
}
