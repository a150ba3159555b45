package io.destiny.protocols.pbft;

import io.destiny.core.machine.FamilyCodec;
import io.destiny.core.machine.Header;
import io.destiny.core.machine.Message;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import org.jspecify.annotations.Nullable;

/** Codec of {@link PbftMessage}; types 3 to 5. */
final class PbftCodec implements FamilyCodec {
  private static final int PREPARE = 3;
  private static final int COMMIT = 4;
  private static final int DECIDED = 5;

  @Override
  public @Nullable Header header(Message message) {
    if (!(message instanceof PbftMessage m)) {
      return null;
    }
    int type =
        switch (m) {
          case PbftMessage.Prepare p -> PREPARE;
          case PbftMessage.Commit c -> COMMIT;
          case PbftMessage.Decided d -> DECIDED;
        };
    return new Header(type, m.instance(), m.view(), m.slot(), 0);
  }

  @Override
  public void encodeBody(Message message, Writer w) {
    w.digest(((PbftMessage) message).value());
  }

  @Override
  public @Nullable Message decode(Header h, Reader r) throws MalformedException {
    if (h.type() < PREPARE || h.type() > DECIDED) {
      return null;
    }
    if (h.flags() != 0 || h.sequence() == 0 || (h.type() == DECIDED && h.view() != 0)) {
      throw new MalformedException("a header that this message does not have");
    }
    return switch (h.type()) {
      case PREPARE -> new PbftMessage.Prepare(h.instance(), h.view(), h.sequence(), r.digest());
      case COMMIT -> new PbftMessage.Commit(h.instance(), h.view(), h.sequence(), r.digest());
      default -> new PbftMessage.Decided(h.instance(), h.sequence(), r.digest());
    };
  }
}
