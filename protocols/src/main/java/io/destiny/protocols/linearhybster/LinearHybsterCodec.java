package io.destiny.protocols.linearhybster;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.ValueDecoder;
import io.destiny.core.machine.FamilyCodec;
import io.destiny.core.machine.Header;
import io.destiny.core.machine.Message;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import org.jspecify.annotations.Nullable;

/** Codec of {@link LinearHybsterMessage}; types 1 to 5. */
public final class LinearHybsterCodec implements FamilyCodec {
  private static final int PREPARE = 1;
  private static final int FORWARD = 2;
  private static final int COMMIT_SIG = 3;
  private static final int COMMIT = 4;
  private static final int FETCH = 5;

  /** Flag of a Forward that has its payload. */
  private static final int WITH_VALUE = 1;

  private final ValueDecoder values;

  public LinearHybsterCodec(ValueDecoder values) {
    this.values = values;
  }

  @Override
  public @Nullable Header header(Message message) {
    if (!(message instanceof LinearHybsterMessage m)) {
      return null;
    }
    int type =
        switch (m) {
          case LinearHybsterMessage.Prepare p -> PREPARE;
          case LinearHybsterMessage.Forward f -> FORWARD;
          case LinearHybsterMessage.CommitSig c -> COMMIT_SIG;
          case LinearHybsterMessage.Commit c -> COMMIT;
          case LinearHybsterMessage.Fetch f -> FETCH;
        };
    int flags = m instanceof LinearHybsterMessage.Forward f && f.value() != null ? WITH_VALUE : 0;
    return new Header(type, m.instance(), m.view(), m.slot(), flags);
  }

  @Override
  public void encodeBody(Message message, Writer w) {
    switch ((LinearHybsterMessage) message) {
      case LinearHybsterMessage.Prepare m -> encode(m.header(), m.value(), w);
      case LinearHybsterMessage.Forward m -> encode(m.header(), m.value(), w);
      case LinearHybsterMessage.CommitSig m -> {
        w.digest(m.value());
        m.share().encode(w);
      }
      case LinearHybsterMessage.Commit m -> {
        w.digest(m.value());
        m.certificate().encode(w);
      }
      case LinearHybsterMessage.Fetch m -> w.u64(m.mask());
    }
  }

  /** Appends a proposal's digest, certificate and payload, as in Prepare and in the log. */
  static void encode(LinearHybsterMessage.Header header, @Nullable Value value, Writer w) {
    w.digest(header.value()).raw(header.share()).raw(header.attestation());
    if (value != null) {
      value.encode(w);
    }
  }

  /** Reads what {@link #encode} wrote, up to the payload. */
  static LinearHybsterMessage.Header decodeHeader(long view, long slot, Reader r)
      throws MalformedException {
    return new LinearHybsterMessage.Header(
        view,
        slot,
        r.digest(),
        r.raw(Share.SIGNATURE_BYTES),
        r.raw(LinearHybsterMessage.ATTESTATION_BYTES));
  }

  @Override
  public @Nullable Message decode(Header h, Reader r) throws MalformedException {
    if (h.type() < PREPARE || h.type() > FETCH) {
      return null;
    }
    boolean withValue = h.type() == FORWARD && h.flags() == WITH_VALUE;
    if (h.flags() != 0 && !withValue) {
      throw new MalformedException("unknown flags");
    }
    if (h.sequence() == 0) {
      throw new MalformedException("slot 0");
    }
    return switch (h.type()) {
      case PREPARE -> {
        LinearHybsterMessage.Header header = decodeHeader(h.view(), h.sequence(), r);
        yield new LinearHybsterMessage.Prepare(h.instance(), header, value(h, header, r));
      }
      case FORWARD -> {
        LinearHybsterMessage.Header header = decodeHeader(h.view(), h.sequence(), r);
        yield new LinearHybsterMessage.Forward(
            h.instance(), header, withValue ? value(h, header, r) : null);
      }
      case COMMIT_SIG -> {
        Digest value = r.digest();
        yield new LinearHybsterMessage.CommitSig(
            h.instance(), h.view(), h.sequence(), value, Share.decode(r));
      }
      case COMMIT -> {
        Digest value = r.digest();
        yield new LinearHybsterMessage.Commit(
            h.instance(), h.view(), h.sequence(), value, Certificate.decode(r));
      }
      default -> new LinearHybsterMessage.Fetch(h.instance(), h.view(), h.sequence(), r.u64());
    };
  }

  private Value value(Header h, LinearHybsterMessage.Header header, Reader r)
      throws MalformedException {
    Value value = values.decode(h.instance(), r);
    if (!value.digest().equals(header.value())) {
      throw new MalformedException("payload does not match its digest");
    }
    return value;
  }
}
