package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.engine.Value;
import io.destiny.core.engine.ValueDecoder;
import io.destiny.core.machine.FamilyCodec;
import io.destiny.core.machine.Header;
import io.destiny.core.machine.Message;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import io.destiny.protocols.hybrid.CertificateForm;
import org.jspecify.annotations.Nullable;

/** Codec of the family's own {@link OrderingMessage}s; types 1, 2 and 5. */
public final class OrderingCodec implements FamilyCodec {
  private static final int PREPARE = 1;
  private static final int FORWARD = 2;
  private static final int FETCH = 5;

  /** Flag of a Forward that has its payload. */
  private static final int WITH_VALUE = 1;

  private final ValueDecoder values;
  private final CertificateForm form;

  /**
   * @param form what the engine's proposals are certified with
   */
  public OrderingCodec(ValueDecoder values, CertificateForm form) {
    this.values = values;
    this.form = form;
  }

  /** The flags that tell the engine's messages from those with other certificates. */
  public static int flags(CertificateForm form) {
    return form == CertificateForm.SHARE ? 0 : OrderingMessage.WITHOUT_SHARE;
  }

  @Override
  public @Nullable Header header(Message message) {
    return switch (message) {
      case OrderingMessage.Prepare m -> header(PREPARE, m, flags(form));
      case OrderingMessage.Forward m ->
          header(FORWARD, m, flags(form) | (m.value() == null ? 0 : WITH_VALUE));
      case OrderingMessage.Fetch m -> header(FETCH, m, 0);
      default -> null;
    };
  }

  private static Header header(int type, OrderingMessage m, int flags) {
    return new Header(type, m.instance(), m.view(), m.slot(), flags);
  }

  @Override
  public void encodeBody(Message message, Writer w) {
    switch (message) {
      case OrderingMessage.Prepare m -> encode(m.header(), m.value(), w);
      case OrderingMessage.Forward m -> encode(m.header(), m.value(), w);
      case OrderingMessage.Fetch m -> w.u64(m.mask());
      default -> throw new IllegalArgumentException("of another codec: " + message.kind());
    }
  }

  /** Appends a proposal's digest, certificate and payload, as in Prepare and in the log. */
  static void encode(OrderingMessage.Header header, @Nullable Value value, Writer w) {
    w.digest(header.value()).raw(header.share()).raw(header.attestation());
    if (value != null) {
      value.encode(w);
    }
  }

  /** Reads what {@link #encode} wrote, up to the payload. */
  static OrderingMessage.Header decodeHeader(long view, long slot, CertificateForm form, Reader r)
      throws MalformedException {
    return OrderingMessage.Header.of(view, slot, r.digest(), form.decode(r));
  }

  @Override
  public @Nullable Message decode(Header h, Reader r) throws MalformedException {
    if (h.type() != PREPARE && h.type() != FORWARD && h.type() != FETCH) {
      return null;
    }
    int flags = h.type() == FETCH ? 0 : flags(form);
    boolean withValue = h.type() == FORWARD && h.flags() == (flags | WITH_VALUE);
    if (h.flags() != flags && !withValue) {
      throw new MalformedException("unknown flags");
    }
    if (h.sequence() == 0) {
      throw new MalformedException("slot 0");
    }
    return switch (h.type()) {
      case PREPARE -> {
        OrderingMessage.Header header = decodeHeader(h.view(), h.sequence(), form, r);
        yield new OrderingMessage.Prepare(h.instance(), header, value(h, header, r));
      }
      case FORWARD -> {
        OrderingMessage.Header header = decodeHeader(h.view(), h.sequence(), form, r);
        yield new OrderingMessage.Forward(
            h.instance(), header, withValue ? value(h, header, r) : null);
      }
      default -> new OrderingMessage.Fetch(h.instance(), h.view(), h.sequence(), r.u64());
    };
  }

  private Value value(Header h, OrderingMessage.Header header, Reader r) throws MalformedException {
    Value value = values.decode(h.instance(), r);
    if (!value.digest().equals(header.value())) {
      throw new MalformedException("payload does not match its digest");
    }
    return value;
  }
}
