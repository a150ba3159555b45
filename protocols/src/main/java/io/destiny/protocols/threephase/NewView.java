package io.destiny.protocols.threephase;

import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Port;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * NEW-VIEW (pbft.md §5 rule 13), under its primary's own key.
 *
 * @param references V: whose VIEW-CHANGEs it was made of, by replica
 * @param base h*
 * @param chosen X: the digests of the slots h*+1, h*+2 and so on, without gaps
 * @param note what was agreed on with the view
 * @param signature of {@link #statement}
 */
public record NewView(
    long view,
    List<Reference> references,
    long base,
    List<Digest> chosen,
    byte[] note,
    byte[] signature) {
  /** A VIEW-CHANGE by its hash. */
  public record Reference(int replica, Digest id) {
    static final int BYTES = 2 + Digest.BYTES;
  }

  private static final byte[] UNSIGNED = new byte[Work.VerifyReplica.SIGNATURE_BYTES];

  /**
   * What VIEW-CHANGEs make, before the primary has signed it.
   *
   * @param set in order of replica
   */
  static NewView of(
      Domain domain, int instance, long view, List<ViewChange> set, Outcome outcome, byte[] note) {
    List<Reference> references =
        set.stream().map(v -> new Reference(v.replica(), v.id(domain, instance))).toList();
    return new NewView(view, references, outcome.base().slot(), outcome.chosen(), note, UNSIGNED);
  }

  public NewView signed(byte[] by) {
    return new NewView(view, references, base, chosen, note, by);
  }

  /** The last slot that it re-proposes; h* if it re-proposes none. */
  public long max() {
    return base + chosen.size();
  }

  /** What it re-proposes at a slot of (h*, max]. */
  public Digest value(long slot) {
    return chosen.get((int) (slot - base - 1));
  }

  /** Whether it says the same, whoever signed it. */
  boolean sameAs(NewView o) {
    return view == o.view
        && references.equals(o.references)
        && base == o.base
        && chosen.equals(o.chosen)
        && Arrays.equals(note, o.note);
  }

  /** References to a quorum, in order of replica. */
  public boolean wellFormed(int n, int quorum, int width) {
    boolean ascending = references.size() >= quorum;
    for (int i = 0; i < references.size(); i++) {
      ascending &= i == 0 || references.get(i).replica > references.get(i - 1).replica;
      ascending &= references.get(i).replica < n;
    }
    return ascending && view > 0 && base >= 0 && chosen.size() <= width;
  }

  /** What its primary signs. */
  public byte[] statement(Domain domain, int instance) {
    Writer w = new Writer(encodedLength());
    content(w);
    return domain
        .begin(StatementKind.SIGNED_NEW_VIEW, instance, view, base)
        .digest(Digest.of(w.toBytes()))
        .toBytes();
  }

  /** Encoded length, without view and base, which a message's header has. */
  public int encodedLength() {
    return 2
        + Reference.BYTES * references.size()
        + 4
        + Digest.BYTES * chosen.size()
        + 4
        + note.length
        + UNSIGNED.length;
  }

  private void content(Writer w) {
    w.u16(references.size());
    references.forEach(v -> w.u16(v.replica).digest(v.id));
    w.u32(chosen.size());
    chosen.forEach(w::digest);
    w.bytes(note);
  }

  public void encode(Writer w) {
    content(w);
    w.raw(signature);
  }

  /** Reads what {@link #encode} wrote. */
  public static NewView decode(long view, long base, int n, Reader r) throws MalformedException {
    int count = r.u16();
    if (count > n) {
      throw new MalformedException("more replicas than there are");
    }
    List<Reference> references = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      references.add(new Reference(r.u16(), r.digest()));
    }
    long slots = r.u32();
    if (slots > r.remaining() / Digest.BYTES) {
      throw new MalformedException("more slots than bytes");
    }
    List<Digest> chosen = new ArrayList<>((int) slots);
    for (int i = 0; i < slots; i++) {
      chosen.add(r.digest());
    }
    byte[] note = r.bytes(Port.MAX_NOTE);
    byte[] signature = r.raw(Work.VerifyReplica.SIGNATURE_BYTES);
    return new NewView(view, List.copyOf(references), base, List.copyOf(chosen), note, signature);
  }
}
