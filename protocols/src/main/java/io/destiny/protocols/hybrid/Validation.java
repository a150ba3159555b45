package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Validity;
import io.destiny.core.engine.Watermark;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.statement.Writer;
import io.destiny.core.trusted.ContinuingCertificate;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What makes a VIEW-CHANGE and a NEW-VIEW valid (hybster.md §5 rules 10 to 13). Each method returns
 * the signatures that remain to be checked, or null for what is invalid by its form.
 */
final class Validation {
  private final HybridHost host;

  Validation(HybridHost host) {
    this.host = host;
  }

  private Domain domain() {
    return host.settings().domain();
  }

  // ---- rule 10

  /** A header by itself. */
  @Nullable List<Work> header(ViewChangeHeader h, Port port) {
    if (!wellFormed(h)) {
      return null;
    }
    List<Work> works = new ArrayList<>();
    if (!watermark(h.watermark(), works, port)) {
      return null;
    }
    works.add(complaint(h));
    works.addAll(certificates(h));
    return works;
  }

  private boolean wellFormed(ViewChangeHeader h) {
    ContinuingCertificate last = h.certificate();
    if (last.value() != Counters.encode(h.target(), 0)
        || !moves(last, h.sender())
        || h.complaint() >= h.target()
        || h.chain().size() > ViewChangeHeader.MOST_LINKS) {
      return false;
    }
    long end = -1;
    for (ViewChangeHeader.Link link : h.chain()) {
      ContinuingCertificate c = link.certificate();
      // [x|s] with s > 0 always is the origin, so that links end at view entries.
      if (!moves(c, h.sender())
          || Counters.slot(c.value()) != 0
          || (end >= 0 && c.previous() != end)) {
        return false;
      }
      end = c.value();
    }
    return (end < 0 || last.previous() == end) && h.last() <= h.watermark().slot() + host.width();
  }

  /** A continuing certificate of this replica's ORDER counter that raises it. */
  private static boolean moves(ContinuingCertificate c, int sender) {
    return c.replica() == sender
        && c.counter() == Counters.ORDER
        && c.previous() >= 0
        && c.previous() < c.value();
  }

  private Work complaint(ViewChangeHeader h) {
    byte[] statement = domain().complaint(h.instance(), h.complaint(), h.target());
    return new Work.VerifyCertificate(KeyPurpose.EXECUTION, statement, h.complaintProof());
  }

  private List<Work> certificates(ViewChangeHeader h) {
    List<Work> works = new ArrayList<>();
    works.add(new Work.VerifyContinuing(h.instance(), h.certificate(), h.digest(domain())));
    for (ViewChangeHeader.Link link : h.chain()) {
      works.add(new Work.VerifyContinuing(h.instance(), link.certificate(), link.message()));
    }
    return works;
  }

  private static boolean watermark(Watermark watermark, List<Work> works, Port port) {
    return switch (port.check(watermark)) {
      case Validity.Valid v -> true;
      case Validity.Invalid i -> false;
      case Validity.Depends d -> works.add(d.work());
    };
  }

  /** The body of a valid header: a proposal of leader(w) for every order in (o_c, k]. */
  @Nullable List<Work> body(ViewChangeHeader h, HybridMessage.Body body) {
    if (!h.body().equals(digest(body))
        || body.first() != h.watermark().slot() + 1
        || body.proposals().size() != h.span()) {
      return null;
    }
    List<Work> works = new ArrayList<>();
    for (int i = 0; i < body.proposals().size(); i++) {
      NewView.Old o = body.proposals().get(i);
      works.add(proposal(h.from(), body.first() + i, o.value(), o.certificate()));
    }
    return works;
  }

  /** H(body). */
  Digest digest(HybridMessage.Body body) {
    Writer w = domain().begin(StatementKind.VIEW_CHANGE_BODY, host.instance(), 0, body.first());
    HybridCodec.encode(body, w);
    return Digest.of(w.toBytes());
  }

  /** F1 of a proposal's leader. */
  TrustedCall.Independent call(long view, long slot, Digest value) {
    return host.form()
        .call(
            host.instance(),
            Counters.ORDER,
            Counters.encode(view, slot),
            host.statement(view, slot, value));
  }

  private Work proposal(long view, long slot, Digest value, byte[] attestation) {
    return new Work.VerifyAttestation(host.leader(view), call(view, slot, value), attestation);
  }

  /** F1 of a NEW-VIEW's leader: one a view. */
  TrustedCall.Independent call(NewView.Content content, Digest digest) {
    return host.form().call(host.instance(), Counters.NEW_VIEW, content.view(), digest);
  }

  /** Whether it is its leader's, which settles that there is no other for this view. */
  Work attestation(NewView n, Digest digest) {
    return new Work.VerifyAttestation(
        host.leader(n.view()), call(n.content(), digest), n.attestation());
  }

  // ---- rule 12

  /**
   * What a leader must propose, given valid VIEW-CHANGEs of Q replicas with their bodies.
   *
   * @param before NEW-VIEW(w*), null for view 0
   */
  static NewView.Content content(
      int instance,
      long view,
      List<ViewChangeHeader> headers,
      Map<Integer, HybridMessage.Body> bodies,
      NewView.@Nullable Content before,
      Port port) {
    long from = from(headers);
    Watermark base = base(headers);
    long max = max(headers, from, base.slot(), before);
    List<NewView.Old> old = new ArrayList<>();
    for (long o = base.slot() + 1; o <= max; o++) {
      Digest inherited = before == null ? null : before.value(o);
      old.add(
          inherited == null
              ? shown(o, from, headers, bodies)
              : new NewView.Old(inherited, new byte[0]));
    }
    byte[] note = port.viewNote(before == null ? new byte[0] : before.note(), max);
    return new NewView.Content(instance, view, headers, from, base, note, old);
  }

  private static NewView.Old shown(
      long slot,
      long from,
      List<ViewChangeHeader> headers,
      Map<Integer, HybridMessage.Body> bodies) {
    for (ViewChangeHeader h : headers) {
      HybridMessage.Body body = bodies.get(h.sender());
      if (h.from() == from && body != null) {
        long i = slot - body.first();
        if (i >= 0 && i < body.proposals().size()) {
          return body.proposals().get((int) i);
        }
      }
    }
    throw new IllegalStateException("no gaps can occur, but slot " + slot + " is one");
  }

  /** W*: the highest from-view. */
  static long from(List<ViewChangeHeader> headers) {
    return headers.stream().mapToLong(ViewChangeHeader::from).max().orElse(0);
  }

  /** The highest checkpoint. */
  private static Watermark base(List<ViewChangeHeader> headers) {
    Watermark base = headers.getFirst().watermark();
    for (ViewChangeHeader h : headers) {
      if (h.watermark().slot() > base.slot()) {
        base = h.watermark();
      }
    }
    return base;
  }

  private static long max(
      List<ViewChangeHeader> headers, long from, long base, NewView.@Nullable Content before) {
    long max = before == null ? base : Math.max(base, before.max());
    for (ViewChangeHeader h : headers) {
      if (h.from() == from) {
        max = Math.max(max, h.last());
      }
    }
    return max;
  }

  /** Rule 10: a from-view's base is not above the checkpoint shown with it. */
  static boolean coversBase(ViewChangeHeader h, NewView.@Nullable Content from) {
    return from == null || h.watermark().slot() >= from.base().slot();
  }

  // ---- rules 11 and 13

  /** The form of a NEW-VIEW: what can be said of it without knowing NEW-VIEW(w*). */
  boolean wellFormed(NewView n) {
    NewView.Content c = n.content();
    if (c.view() == 0
        || c.headers().size() < host.settings().rule().quorum()
        || c.from() != from(c.headers())
        || c.from() >= c.view()
        || !same(c.base(), base(c.headers()))
        || c.old().size() > host.width()) {
      return false;
    }
    int before = -1;
    for (ViewChangeHeader h : c.headers()) {
      if (h.sender() <= before || h.target() != c.view() || !wellFormed(h)) {
        return false;
      }
      before = h.sender();
    }
    return true;
  }

  private static boolean same(Watermark a, Watermark b) {
    return a.slot() == b.slot() && Arrays.equals(a.proof(), b.proof());
  }

  /**
   * All of rules 10 to 12, recomputed on the enclosed headers.
   *
   * @param before NEW-VIEW(w*), known valid; null iff w* is 0
   */
  @Nullable List<Work> newView(NewView n, NewView.@Nullable Content before, Port port) {
    NewView.Content c = n.content();
    long max = max(c.headers(), c.from(), c.base().slot(), before);
    byte[] note = port.viewNote(before == null ? new byte[0] : before.note(), max);
    if (max != c.max() || !Arrays.equals(note, c.note())) {
      return null;
    }
    List<Work> works = new ArrayList<>();
    for (long o = c.base().slot() + 1; o <= max; o++) {
      NewView.Old old = c.old().get((int) (o - c.base().slot() - 1));
      Digest inherited = before == null ? null : before.value(o);
      if (inherited == null) {
        works.add(proposal(c.from(), o, old.value(), old.certificate()));
      } else if (!inherited.equals(old.value())) {
        return null;
      }
    }
    return headers(c, before, works, port) ? works : null;
  }

  private boolean headers(
      NewView.Content c, NewView.@Nullable Content before, List<Work> works, Port port) {
    List<ViewChangeHeader> complaints = new ArrayList<>();
    for (ViewChangeHeader h : c.headers()) {
      if (h.from() == c.from() && !coversBase(h, before)) {
        return false;
      }
      // Most carry the same proof: one check serves all.
      if (complaints.stream().noneMatch(known -> sameComplaint(known, h))) {
        complaints.add(h);
        works.add(complaint(h));
      }
      works.addAll(certificates(h));
      if (!same(h.watermark(), c.base()) && !watermark(h.watermark(), works, port)) {
        return false;
      }
    }
    return watermark(c.base(), works, port);
  }

  private static boolean sameComplaint(ViewChangeHeader a, ViewChangeHeader b) {
    return a.complaint() == b.complaint() && a.complaintProof().equals(b.complaintProof());
  }

  /** The leader's certificates for its re-proposals. */
  List<Work> proposals(NewView n) {
    List<Work> works = new ArrayList<>();
    NewView.Content c = n.content();
    for (int i = 0; i < c.old().size(); i++) {
      works.add(
          proposal(
              c.view(),
              c.base().slot() + 1 + i,
              c.old().get(i).value(),
              n.proposals().get(i).attestation()));
    }
    return works;
  }
}
