package io.destiny.protocols.pbft;

import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.ValueDecoder;
import io.destiny.core.machine.FamilyCodec;
import io.destiny.core.machine.Header;
import io.destiny.core.machine.Message;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import io.destiny.protocols.threephase.NewView;
import io.destiny.protocols.threephase.ViewChange;
import org.jspecify.annotations.Nullable;

/** Codec of {@link PbftMessage}; types 1 to 11. */
public final class PbftCodec implements FamilyCodec {
  private static final int PRE_PREPARE = 1;
  private static final int FORWARD = 2;
  private static final int PREPARE = 3;
  private static final int COMMIT = 4;
  private static final int DECIDED = 5;
  private static final int FETCH = 6;
  private static final int ASK = 7;
  private static final int PAYLOAD = 8;
  private static final int VIEW_CHANGE = 9;
  private static final int NEW_VIEW = 10;
  private static final int COMPLAIN = 11;

  private final int n;
  private final ValueDecoder values;

  public PbftCodec(int n, ValueDecoder values) {
    this.n = n;
    this.values = values;
  }

  @Override
  public @Nullable Header header(Message message) {
    if (!(message instanceof PbftMessage m)) {
      return null;
    }
    int type =
        switch (m) {
          case PbftMessage.PrePrepare p -> PRE_PREPARE;
          case PbftMessage.Forward f -> FORWARD;
          case PbftMessage.Prepare p -> PREPARE;
          case PbftMessage.Commit c -> COMMIT;
          case PbftMessage.Decided d -> DECIDED;
          case PbftMessage.Fetch f -> FETCH;
          case PbftMessage.Ask a -> ASK;
          case PbftMessage.Payload p -> PAYLOAD;
          case PbftMessage.ViewChangeMessage v -> VIEW_CHANGE;
          case PbftMessage.NewViewMessage v -> NEW_VIEW;
          case PbftMessage.Complain c -> COMPLAIN;
        };
    return new Header(type, m.instance(), m.view(), m.slot(), 0);
  }

  @Override
  public void encodeBody(Message message, Writer w) {
    switch ((PbftMessage) message) {
      case PbftMessage.PrePrepare m -> {
        encode(m.header(), w);
        m.value().encode(w);
      }
      case PbftMessage.Forward m -> encode(m.header(), w);
      case PbftMessage.Prepare m -> w.digest(m.value());
      case PbftMessage.Commit m -> w.digest(m.value());
      case PbftMessage.Decided m -> w.digest(m.value());
      case PbftMessage.Fetch m -> w.u64(m.mask());
      case PbftMessage.Ask m -> w.digest(m.wanted());
      case PbftMessage.Payload m -> m.value().encode(w);
      case PbftMessage.ViewChangeMessage m -> m.viewChange().encode(w);
      case PbftMessage.NewViewMessage m -> m.newView().encode(w);
      case PbftMessage.Complain m -> w.raw(m.signature());
    }
  }

  /** Appends a proposal's digest and signature. */
  static void encode(PbftMessage.Header header, Writer w) {
    w.digest(header.value()).raw(header.signature());
  }

  /** Reads what {@link #encode} wrote. */
  static PbftMessage.Header decodeHeader(long view, long slot, Reader r) throws MalformedException {
    return new PbftMessage.Header(
        view, slot, r.digest(), r.raw(Work.VerifyReplica.SIGNATURE_BYTES));
  }

  @Override
  public @Nullable Message decode(Header h, Reader r) throws MalformedException {
    if (h.type() < PRE_PREPARE || h.type() > COMPLAIN) {
      return null;
    }
    boolean slotless = h.type() == VIEW_CHANGE || h.type() == COMPLAIN;
    boolean free = h.type() == NEW_VIEW || h.type() == ASK;
    boolean viewless = h.type() == DECIDED || h.type() == PAYLOAD;
    if (h.flags() != 0
        || (!free && (h.sequence() == 0) != slotless)
        || (viewless && h.view() != 0)) {
      throw new MalformedException("a header that this message does not have");
    }
    int instance = h.instance();
    long view = h.view();
    long slot = h.sequence();
    return switch (h.type()) {
      case PRE_PREPARE -> {
        PbftMessage.Header header = decodeHeader(view, slot, r);
        Value value = values.decode(instance, r);
        if (!value.digest().equals(header.value())) {
          throw new MalformedException("payload does not match its digest");
        }
        yield new PbftMessage.PrePrepare(instance, header, value);
      }
      case FORWARD -> new PbftMessage.Forward(instance, decodeHeader(view, slot, r));
      case PREPARE -> new PbftMessage.Prepare(instance, view, slot, r.digest());
      case COMMIT -> new PbftMessage.Commit(instance, view, slot, r.digest());
      case DECIDED -> new PbftMessage.Decided(instance, slot, r.digest());
      case FETCH -> new PbftMessage.Fetch(instance, view, slot, r.u64());
      case ASK -> new PbftMessage.Ask(instance, view, slot, r.digest());
      case PAYLOAD -> new PbftMessage.Payload(instance, slot, values.decode(instance, r));
      case VIEW_CHANGE ->
          new PbftMessage.ViewChangeMessage(instance, ViewChange.decode(view, n, r));
      case NEW_VIEW -> new PbftMessage.NewViewMessage(instance, NewView.decode(view, slot, n, r));
      default ->
          new PbftMessage.Complain(instance, view, r.raw(Work.VerifyReplica.SIGNATURE_BYTES));
    };
  }
}
