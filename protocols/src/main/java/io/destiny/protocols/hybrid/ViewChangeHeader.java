package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.engine.Watermark;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.statement.Writer;
import io.destiny.core.trusted.ContinuingCertificate;
import io.destiny.core.trusted.Counters;
import java.util.List;

/**
 * What a replica certifies when it leaves a view (hybster.md §5 rules 9 and 10). Immutable.
 *
 * @param sender i
 * @param target vTo
 * @param complaint the view that f+1 replicas complained of, naming {@code target}
 * @param complaintProof their π signatures combined
 * @param watermark o_c with its proof
 * @param body H of the body
 * @param chain earlier continuing certificates since the origin, oldest first
 * @param certificate F4 on ORDER, up to [vTo|0], over {@link #digest}
 */
public record ViewChangeHeader(
    int instance,
    int sender,
    long target,
    long complaint,
    Certificate complaintProof,
    Watermark watermark,
    Digest body,
    List<Link> chain,
    ContinuingCertificate certificate) {
  /** Most links that a decoder accepts: so many views in a row may fail. */
  static final int MOST_LINKS = 255;

  /** A continuing certificate and the digest of what it certified. */
  public record Link(ContinuingCertificate certificate, Digest message) {}

  /** A_1: the counter's value in the last view that the sender took part in. */
  private long origin() {
    return chain.isEmpty() ? certificate.previous() : chain.getFirst().certificate().previous();
  }

  /** w: the from-view. */
  public long from() {
    return Counters.view(origin());
  }

  /** k: the last slot that the sender signed in its from-view. */
  public long last() {
    return Counters.slot(origin());
  }

  /** How many proposals the body has. */
  public long span() {
    return Math.max(0, last() - watermark.slot());
  }

  /** H(header): all but the certificate. */
  Digest digest(Domain domain) {
    return digest(
        domain, instance, sender, target, complaint, complaintProof, watermark, body, chain);
  }

  /** The same of what is about to be certified. */
  static Digest digest(
      Domain domain,
      int instance,
      int sender,
      long target,
      long complaint,
      Certificate complaintProof,
      Watermark watermark,
      Digest body,
      List<Link> chain) {
    Writer w =
        domain.begin(StatementKind.VIEW_CHANGE, instance, target, 0).u16(sender).u32(complaint);
    complaintProof.encode(w);
    w.u64(watermark.slot()).bytes(watermark.proof()).digest(body).u8(chain.size());
    for (Link link : chain) {
      HybridCodec.encode(link.certificate(), w);
      w.digest(link.message());
    }
    return Digest.of(w.toBytes());
  }
}
