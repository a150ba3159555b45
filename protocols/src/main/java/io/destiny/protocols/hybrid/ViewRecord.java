package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import io.destiny.core.trusted.ContinuingCertificate;
import io.destiny.core.trusted.Counters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All that a replica has promised about the views of an instance, in one record of its log that is
 * written anew with each step (hybster.md §6): so that what belongs together is durable together.
 *
 * @param view the present view, or the one left for
 * @param installed the view entered last
 * @param kept NEW-VIEWs known valid: of {@code installed}, and those its validity rests on
 * @param proofs f+1 NVACKs for some of them
 * @param chain certificates of views left since the last one entered
 * @param leaving the VIEW-CHANGE whose certificate is wanted or was the last
 * @param certified whether {@code leaving} has its certificate
 * @param making a NEW-VIEW that this replica has begun to certify (rule 12)
 * @param signed what was certified of it
 */
record ViewRecord(
    long view,
    long installed,
    Map<Long, NewView> kept,
    Map<Long, Certificate> proofs,
    List<ViewChangeHeader.Link> chain,
    @Nullable ViewChangeHeader leaving,
    boolean certified,
    HybridMessage.@Nullable Body body,
    NewView.@Nullable Content making,
    List<NewView.Signed> signed) {
  /** The log's kind; slot 0, so that no truncation removes it. */
  static final int KIND = 90;

  LogRecord toLog(int instance) {
    Writer w = new Writer(512);
    w.u64(view).u64(installed).u16(kept.size());
    kept.forEach(
        (v, n) -> {
          w.u64(v);
          HybridCodec.encode(n, w);
        });
    w.u16(proofs.size());
    proofs.forEach((v, c) -> c.encode(w.u64(v)));
    w.u16(chain.size());
    for (ViewChangeHeader.Link link : chain) {
      HybridCodec.encode(link.certificate(), w);
      w.digest(link.message());
    }
    w.u8(leaving == null || body == null ? 0 : certified ? 2 : 1);
    if (leaving != null && body != null) {
      HybridCodec.encode(leaving, w.u64(leaving.target()));
      HybridCodec.encode(body, w);
    }
    w.u8(making == null ? 0 : 1);
    if (making != null) {
      HybridCodec.encode(making, w.u64(making.view()));
      w.u16(signed.size());
      for (NewView.Signed s : signed) {
        w.raw(s.share()).raw(s.attestation());
      }
    }
    return new LogRecord(instance, 0, KIND, 0, w.toBytes());
  }

  /**
   * Reads it back.
   *
   * @throws IllegalStateException if the log is damaged
   */
  static ViewRecord of(LogRecord record, HybridCodec codec) {
    try {
      Reader r = new Reader(record.body());
      int instance = record.instance();
      long view = r.u64();
      long installed = r.u64();
      TreeMap<Long, NewView> kept = new TreeMap<>();
      for (int i = r.u16(); i > 0; i--) {
        long v = r.u64();
        kept.put(v, codec.decodeNewView(instance, v, r));
      }
      TreeMap<Long, Certificate> proofs = new TreeMap<>();
      for (int i = r.u16(); i > 0; i--) {
        long v = r.u64();
        proofs.put(v, Certificate.decode(r));
      }
      List<ViewChangeHeader.Link> chain = new ArrayList<>();
      for (int i = r.u16(); i > 0; i--) {
        chain.add(new ViewChangeHeader.Link(HybridCodec.decodeCertificate(r), r.digest()));
      }
      int left = r.u8();
      ViewChangeHeader leaving = null;
      HybridMessage.Body body = null;
      if (left != 0) {
        leaving = codec.decodeHeader(instance, r.u64(), r);
        body = HybridCodec.decodeBody(r);
      }
      NewView.Content making = null;
      List<NewView.Signed> signed = new ArrayList<>();
      if (r.u8() != 0) {
        making = codec.decodeContent(instance, r.u64(), r);
        for (int i = r.u16(); i > 0; i--) {
          signed.add(codec.decodeSigned(r));
        }
      }
      r.end();
      return new ViewRecord(
          view, installed, kept, proofs, chain, leaving, left == 2, body, making, signed);
    } catch (MalformedException e) {
      throw new IllegalStateException("the log is damaged: the record of views", e);
    }
  }

  /** A header that is yet to be certified. */
  static ContinuingCertificate uncertified(int replica, long from, long target) {
    return new ContinuingCertificate(
        replica,
        0,
        Counters.ORDER,
        from,
        Counters.encode(target, 0),
        new byte[HybridMessage.ATTESTATION_BYTES]);
  }
}
