package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Result;
import io.destiny.core.engine.Watermark;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.statement.Writer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * NEW-VIEW (hybster.md §5 rule 12). Immutable.
 *
 * @param content what the leader certifies with its NEWVIEW counter
 * @param attestation that certificate, 64 bytes
 * @param proposals the leader's certificates for the re-proposals, one for each of the content's
 */
public record NewView(Content content, byte[] attestation, List<Signed> proposals) {
  /**
   * A share and an attestation of one F1 call.
   *
   * @param share 48 bytes; none in the form without a share
   * @param attestation 64 bytes
   */
  public record Signed(byte[] share, byte[] attestation) {
    /** What F1 answered. */
    public static Signed of(Result.Certified answer) {
      byte[] share = answer instanceof Result.Shared s ? s.share().signature() : new byte[0];
      return new Signed(share, answer.attestation());
    }

    int encodedLength() {
      return share.length + attestation.length;
    }
  }

  /**
   * A re-proposal.
   *
   * @param value d_o
   * @param certificate the attestation of leader(w*) for (w*, o); empty if NEW-VIEW(w*) has it
   */
  public record Old(Digest value, byte[] certificate) {}

  /**
   * @param view v'
   * @param headers VIEW-CHANGE headers of Q replicas, in order of their senders
   * @param from w*
   * @param base the highest checkpoint among them
   * @param note what the composer wants agreed on
   * @param old the re-proposals for base+1, base+2, ..
   */
  public record Content(
      int instance,
      long view,
      List<ViewChangeHeader> headers,
      long from,
      Watermark base,
      byte[] note,
      List<Old> old) {
    /** The last order that is re-proposed, or the base. */
    public long max() {
      return base.slot() + old.size();
    }

    /** d_o; null outside (base, max]. */
    public @Nullable Digest value(long slot) {
      long i = slot - base.slot() - 1;
      return i < 0 || i >= old.size() ? null : old.get((int) i).value();
    }

    /** H(NEW-VIEW). The new certificates need not be in it: each counter value binds one digest. */
    Digest digest(Domain domain) {
      Writer w =
          domain.begin(StatementKind.NEW_VIEW, instance, view, base.slot()).u16(headers.size());
      for (ViewChangeHeader header : headers) {
        w.digest(header.digest(domain));
        HybridCodec.encode(header.certificate(), w);
      }
      w.u32(from).bytes(base.proof()).bytes(note).u16(old.size());
      for (Old o : old) {
        w.digest(o.value()).bytes(o.certificate());
      }
      return Digest.of(w.toBytes());
    }
  }

  public long view() {
    return content.view();
  }
}
