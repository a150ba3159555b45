package io.destiny.protocols.threephase;

import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.ValueDecoder;
import io.destiny.core.machine.FamilyCodec;
import io.destiny.core.machine.Header;
import io.destiny.core.machine.Message;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import org.jspecify.annotations.Nullable;

/** Codec of what the family has in common; types 1 to 11, where 3 to 5 are an engine's own. */
public final class ThreePhaseCodec implements FamilyCodec {
  private static final int PRE_PREPARE = 1;
  private static final int FORWARD = 2;
  private static final int FETCH = 6;
  private static final int ASK = 7;
  private static final int PAYLOAD = 8;
  private static final int VIEW_CHANGE = 9;
  private static final int NEW_VIEW = 10;
  private static final int COMPLAIN = 11;

  private final int n;
  private final ValueDecoder values;
  private final Evidence.Decoder evidence;

  public ThreePhaseCodec(int n, ValueDecoder values, Evidence.Decoder evidence) {
    this.n = n;
    this.values = values;
    this.evidence = evidence;
  }

  @Override
  public @Nullable Header header(Message message) {
    if (!(message instanceof ThreePhaseMessage m)) {
      return null;
    }
    int type =
        switch (m) {
          case ThreePhaseMessage.PrePrepare p -> PRE_PREPARE;
          case ThreePhaseMessage.Forward f -> FORWARD;
          case ThreePhaseMessage.Fetch f -> FETCH;
          case ThreePhaseMessage.Ask a -> ASK;
          case ThreePhaseMessage.Payload p -> PAYLOAD;
          case ThreePhaseMessage.ViewChangeMessage v -> VIEW_CHANGE;
          case ThreePhaseMessage.NewViewMessage v -> NEW_VIEW;
          case ThreePhaseMessage.Complain c -> COMPLAIN;
          default -> 0;
        };
    if (type == 0) {
      return null;
    }
    return new Header(type, m.instance(), m.view(), m.slot(), 0);
  }

  @Override
  public void encodeBody(Message message, Writer w) {
    switch ((ThreePhaseMessage) message) {
      case ThreePhaseMessage.PrePrepare m -> {
        encode(m.header(), w);
        m.value().encode(w);
      }
      case ThreePhaseMessage.Forward m -> encode(m.header(), w);
      case ThreePhaseMessage.Fetch m -> w.u64(m.mask());
      case ThreePhaseMessage.Ask m -> w.digest(m.wanted());
      case ThreePhaseMessage.Payload m -> m.value().encode(w);
      case ThreePhaseMessage.ViewChangeMessage m -> m.viewChange().encode(w);
      case ThreePhaseMessage.NewViewMessage m -> m.newView().encode(w);
      case ThreePhaseMessage.Complain m -> w.raw(m.signature());
      default -> throw new IllegalArgumentException("not of this family: " + message.kind());
    }
  }

  /** Appends a proposal's digest and signature. */
  static void encode(ThreePhaseMessage.Header header, Writer w) {
    w.digest(header.value()).raw(header.signature());
  }

  /** Reads what {@link #encode} wrote. */
  static ThreePhaseMessage.Header decodeHeader(long view, long slot, Reader r)
      throws MalformedException {
    return new ThreePhaseMessage.Header(
        view, slot, r.digest(), r.raw(Work.VerifyReplica.SIGNATURE_BYTES));
  }

  @Override
  public @Nullable Message decode(Header h, Reader r) throws MalformedException {
    boolean common = h.type() == PRE_PREPARE || h.type() == FORWARD;
    if (!common && (h.type() < FETCH || h.type() > COMPLAIN)) {
      return null;
    }
    boolean slotless = h.type() == VIEW_CHANGE || h.type() == COMPLAIN;
    boolean free = h.type() == NEW_VIEW || h.type() == ASK;
    if (h.flags() != 0
        || (!free && (h.sequence() == 0) != slotless)
        || (h.type() == PAYLOAD && h.view() != 0)) {
      throw new MalformedException("a header that this message does not have");
    }
    int instance = h.instance();
    long view = h.view();
    long slot = h.sequence();
    return switch (h.type()) {
      case PRE_PREPARE -> {
        ThreePhaseMessage.Header header = decodeHeader(view, slot, r);
        Value value = values.decode(instance, r);
        if (!value.digest().equals(header.value())) {
          throw new MalformedException("payload does not match its digest");
        }
        yield new ThreePhaseMessage.PrePrepare(instance, header, value);
      }
      case FORWARD -> new ThreePhaseMessage.Forward(instance, decodeHeader(view, slot, r));
      case FETCH -> new ThreePhaseMessage.Fetch(instance, view, slot, r.u64());
      case ASK -> new ThreePhaseMessage.Ask(instance, view, slot, r.digest());
      case PAYLOAD -> new ThreePhaseMessage.Payload(instance, slot, values.decode(instance, r));
      case VIEW_CHANGE ->
          new ThreePhaseMessage.ViewChangeMessage(
              instance, ViewChange.decode(view, n, evidence, r));
      case NEW_VIEW ->
          new ThreePhaseMessage.NewViewMessage(instance, NewView.decode(view, slot, n, r));
      default ->
          new ThreePhaseMessage.Complain(instance, view, r.raw(Work.VerifyReplica.SIGNATURE_BYTES));
    };
  }
}
