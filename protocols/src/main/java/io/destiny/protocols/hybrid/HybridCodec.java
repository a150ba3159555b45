package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.engine.ValueDecoder;
import io.destiny.core.engine.Watermark;
import io.destiny.core.machine.FamilyCodec;
import io.destiny.core.machine.Header;
import io.destiny.core.machine.Message;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import io.destiny.core.trusted.ContinuingCertificate;
import io.destiny.core.trusted.Counters;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** Codec of {@link HybridMessage}; types 16 to 23. */
public final class HybridCodec implements FamilyCodec {
  private static final int COMPLAIN = 16;
  private static final int VIEW_CHANGE = 17;
  private static final int VIEW_CHANGE_BODY = 18;
  private static final int NEW_VIEW = 19;
  private static final int ACK = 20;
  private static final int PROOF = 21;
  private static final int ASK = 22;
  private static final int PAYLOAD = 23;

  /** Most proposals in a body or NEW-VIEW; windows are narrower. */
  private static final int MOST_PROPOSALS = 4096;

  private static final int CONTINUING_BYTES = 2 + 8 + 1 + 8 + 8 + HybridMessage.ATTESTATION_BYTES;

  private final int replicas;
  private final ValueDecoder values;
  private final CertificateForm form;

  /**
   * @param replicas N
   * @param form what the engine's proposals are certified with
   */
  public HybridCodec(int replicas, ValueDecoder values, CertificateForm form) {
    this.replicas = replicas;
    this.values = values;
    this.form = form;
  }

  @Override
  public @Nullable Header header(Message message) {
    if (!(message instanceof HybridMessage m)) {
      return null;
    }
    int type =
        switch (m) {
          case HybridMessage.Complain c -> COMPLAIN;
          case HybridMessage.ViewChange c -> VIEW_CHANGE;
          case HybridMessage.ViewChangeBody c -> VIEW_CHANGE_BODY;
          case HybridMessage.NewViewMessage c -> NEW_VIEW;
          case HybridMessage.Ack c -> ACK;
          case HybridMessage.Proof c -> PROOF;
          case HybridMessage.Ask c -> ASK;
          case HybridMessage.Payload c -> PAYLOAD;
        };
    return new Header(type, m.instance(), m.view(), m.sequence(), 0);
  }

  @Override
  public void encodeBody(Message message, Writer w) {
    switch ((HybridMessage) message) {
      case HybridMessage.Complain m -> {
        w.u32(m.target()).u8(m.reason().code()).u64(m.committed());
        m.share().encode(w);
      }
      case HybridMessage.ViewChange m -> encode(m.header(), w);
      case HybridMessage.ViewChangeBody m -> encode(m.body(), w);
      case HybridMessage.NewViewMessage m -> encode(m.newView(), w);
      case HybridMessage.Ack m -> m.share().encode(w.digest(m.newView()));
      case HybridMessage.Proof m -> m.certificate().encode(w.digest(m.newView()));
      case HybridMessage.Ask m -> w.u8(m.wanted().code()).digest(m.digest());
      case HybridMessage.Payload m -> m.value().encode(w);
    }
  }

  @Override
  public @Nullable Message decode(Header h, Reader r) throws MalformedException {
    if (h.type() < COMPLAIN || h.type() > PAYLOAD) {
      return null;
    }
    boolean slotted = h.type() == ASK || h.type() == PAYLOAD;
    if (h.flags() != 0
        || h.view() >= Counters.VIEW_LIMIT
        || h.sequence() >= Counters.SLOT_LIMIT
        || (h.sequence() != 0 && !slotted)
        || (h.view() != 0 && h.type() == PAYLOAD)) {
      throw new MalformedException("no such header");
    }
    return switch (h.type()) {
      case COMPLAIN ->
          new HybridMessage.Complain(
              h.instance(),
              h.view(),
              view(r),
              choice(Suspicion.values(), Suspicion::code, r),
              r.u64(),
              Share.decode(r));
      case VIEW_CHANGE -> new HybridMessage.ViewChange(decodeHeader(h.instance(), h.view(), r));
      case VIEW_CHANGE_BODY ->
          new HybridMessage.ViewChangeBody(h.instance(), h.view(), decodeBody(r));
      case NEW_VIEW -> new HybridMessage.NewViewMessage(decodeNewView(h.instance(), h.view(), r));
      case ACK -> new HybridMessage.Ack(h.instance(), h.view(), r.digest(), Share.decode(r));
      case PROOF ->
          new HybridMessage.Proof(h.instance(), h.view(), r.digest(), Certificate.decode(r));
      case ASK ->
          new HybridMessage.Ask(
              h.instance(),
              h.view(),
              choice(HybridMessage.Wanted.values(), HybridMessage.Wanted::code, r),
              h.sequence(),
              r.digest());
      default ->
          new HybridMessage.Payload(h.instance(), h.sequence(), values.decode(h.instance(), r));
    };
  }

  private static <T> T choice(T[] values, ToIntFunction<T> code, Reader r)
      throws MalformedException {
    int wanted = r.u8();
    for (T value : values) {
      if (code.applyAsInt(value) == wanted) {
        return value;
      }
    }
    throw new MalformedException("no such choice");
  }

  private static long view(Reader r) throws MalformedException {
    long view = r.u32();
    if (view >= Counters.VIEW_LIMIT) {
      throw new MalformedException("view out of range");
    }
    return view;
  }

  // ---- the parts

  static void encode(ContinuingCertificate c, Writer w) {
    w.u16(c.replica()).u64(c.boot()).u8(c.counter()).u64(c.previous()).u64(c.value());
    w.raw(c.signature());
  }

  static ContinuingCertificate decodeCertificate(Reader r) throws MalformedException {
    return new ContinuingCertificate(
        r.u16(), r.u64(), r.u8(), r.u64(), r.u64(), r.raw(HybridMessage.ATTESTATION_BYTES));
  }

  private static void encode(Watermark m, Writer w) {
    w.u64(m.slot()).bytes(m.proof());
  }

  private static Watermark decodeWatermark(Reader r) throws MalformedException {
    long slot = r.u64();
    if (slot < 0 || slot >= Counters.SLOT_LIMIT) {
      throw new MalformedException("slot out of range");
    }
    return new Watermark(slot, r.bytes(Watermark.MAX_PROOF));
  }

  private static int length(Watermark m) {
    return 8 + 4 + m.proof().length;
  }

  static void encode(ViewChangeHeader h, Writer w) {
    w.u16(h.sender()).u32(h.complaint());
    h.complaintProof().encode(w);
    encode(h.watermark(), w);
    w.digest(h.body()).u8(h.chain().size());
    for (ViewChangeHeader.Link link : h.chain()) {
      encode(link.certificate(), w);
      w.digest(link.message());
    }
    encode(h.certificate(), w);
  }

  static int length(ViewChangeHeader h) {
    return 2
        + 4
        + h.complaintProof().encodedLength()
        + length(h.watermark())
        + Digest.BYTES
        + 1
        + h.chain().size() * (CONTINUING_BYTES + Digest.BYTES)
        + CONTINUING_BYTES;
  }

  ViewChangeHeader decodeHeader(int instance, long target, Reader r) throws MalformedException {
    int sender = r.u16();
    if (sender >= replicas) {
      throw new MalformedException("no such replica");
    }
    long complaint = view(r);
    Certificate proof = Certificate.decode(r);
    Watermark watermark = decodeWatermark(r);
    Digest body = r.digest();
    int links = r.u8();
    List<ViewChangeHeader.Link> chain = new ArrayList<>();
    for (int i = 0; i < links; i++) {
      chain.add(new ViewChangeHeader.Link(decodeCertificate(r), r.digest()));
    }
    return new ViewChangeHeader(
        instance,
        sender,
        target,
        complaint,
        proof,
        watermark,
        body,
        List.copyOf(chain),
        decodeCertificate(r));
  }

  static void encode(HybridMessage.Body b, Writer w) {
    w.u64(b.first()).u16(b.proposals().size());
    for (NewView.Old o : b.proposals()) {
      w.digest(o.value()).raw(o.certificate());
    }
  }

  static HybridMessage.Body decodeBody(Reader r) throws MalformedException {
    long first = r.u64();
    if (first <= 0 || first >= Counters.SLOT_LIMIT) {
      throw new MalformedException("slot out of range");
    }
    int count = count(r, Digest.BYTES + HybridMessage.ATTESTATION_BYTES);
    List<NewView.Old> proposals = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      proposals.add(new NewView.Old(r.digest(), r.raw(HybridMessage.ATTESTATION_BYTES)));
    }
    return new HybridMessage.Body(first, proposals);
  }

  /** A count of entries of at least so many bytes, no more than can follow. */
  private static int count(Reader r, int bytes) throws MalformedException {
    int count = r.u16();
    if (count > MOST_PROPOSALS || count * bytes > r.remaining()) {
      throw new MalformedException("too many entries");
    }
    return count;
  }

  static void encode(NewView.Content c, Writer w) {
    w.u16(c.headers().size());
    for (ViewChangeHeader h : c.headers()) {
      encode(h, w);
    }
    w.u32(c.from());
    encode(c.base(), w);
    w.bytes(c.note()).u16(c.old().size());
    for (NewView.Old o : c.old()) {
      w.digest(o.value()).u8(o.certificate().length == 0 ? 0 : 1).raw(o.certificate());
    }
  }

  private static int length(NewView.Content c) {
    int length = 2 + 4 + length(c.base()) + 4 + c.note().length + 2;
    for (ViewChangeHeader h : c.headers()) {
      length += length(h);
    }
    for (NewView.Old o : c.old()) {
      length += Digest.BYTES + 1 + o.certificate().length;
    }
    return length;
  }

  NewView.Content decodeContent(int instance, long view, Reader r) throws MalformedException {
    int count = r.u16();
    if (count > replicas) {
      throw new MalformedException("more headers than replicas");
    }
    List<ViewChangeHeader> headers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      headers.add(decodeHeader(instance, view, r));
    }
    long from = view(r);
    Watermark base = decodeWatermark(r);
    byte[] note = r.bytes(Port.MAX_NOTE);
    int proposals = count(r, Digest.BYTES + 1);
    List<NewView.Old> old = new ArrayList<>(proposals);
    for (int i = 0; i < proposals; i++) {
      Digest value = r.digest();
      int flag = r.u8();
      if (flag > 1) {
        throw new MalformedException("no such flag");
      }
      old.add(
          new NewView.Old(value, flag == 0 ? new byte[0] : r.raw(HybridMessage.ATTESTATION_BYTES)));
    }
    return new NewView.Content(instance, view, List.copyOf(headers), from, base, note, old);
  }

  static void encode(NewView n, Writer w) {
    encode(n.content(), w);
    w.raw(n.attestation());
    for (NewView.Signed s : n.proposals()) {
      w.raw(s.share()).raw(s.attestation());
    }
  }

  static int length(NewView n) {
    return length(n.content())
        + HybridMessage.ATTESTATION_BYTES
        + n.proposals().stream().mapToInt(NewView.Signed::encodedLength).sum();
  }

  NewView decodeNewView(int instance, long view, Reader r) throws MalformedException {
    NewView.Content content = decodeContent(instance, view, r);
    byte[] attestation = r.raw(HybridMessage.ATTESTATION_BYTES);
    List<NewView.Signed> signed = new ArrayList<>(content.old().size());
    for (int i = 0; i < content.old().size(); i++) {
      signed.add(decodeSigned(r));
    }
    return new NewView(content, attestation, signed);
  }

  /** Reads what F1 made of a re-proposal. */
  NewView.Signed decodeSigned(Reader r) throws MalformedException {
    return form.decode(r);
  }
}
