package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.machine.FamilyCodec;
import io.destiny.core.machine.Header;
import io.destiny.core.machine.Message;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import org.jspecify.annotations.Nullable;

/**
 * Codec of what each engine has of its own, votes and commits; types 3 and 4, told from another
 * engine's by a flag. Their bodies are the engine's.
 */
public final class VoteCodec implements FamilyCodec {
  private static final int VOTE = 3;
  private static final int COMMIT = 4;

  private final Variant variant;
  private final int flags;

  public VoteCodec(Variant variant) {
    this.variant = variant;
    this.flags = OrderingCodec.flags(variant.form());
  }

  @Override
  public @Nullable Header header(Message message) {
    return switch (message) {
      case VoteMessage m -> header(VOTE, m);
      case CommitCertificate m -> header(COMMIT, m);
      default -> null;
    };
  }

  private Header header(int type, OrderingMessage m) {
    return new Header(type, m.instance(), m.view(), m.slot(), flags);
  }

  @Override
  public void encodeBody(Message message, Writer w) {
    if (message instanceof VoteMessage m) {
      m.encode(w);
    } else {
      ((CommitCertificate) message).encode(w);
    }
  }

  @Override
  public @Nullable Message decode(Header h, Reader r) throws MalformedException {
    if (h.type() != VOTE && h.type() != COMMIT) {
      return null;
    }
    if (h.flags() != flags) {
      throw new MalformedException("unknown flags");
    }
    if (h.sequence() == 0) {
      throw new MalformedException("slot 0");
    }
    return h.type() == VOTE
        ? variant.decodeVote(h.instance(), h.view(), h.sequence(), r)
        : variant.decode(h.instance(), h.view(), h.sequence(), r);
  }
}
