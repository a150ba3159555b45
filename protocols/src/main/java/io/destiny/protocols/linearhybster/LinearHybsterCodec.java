package io.destiny.protocols.linearhybster;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
import io.destiny.core.machine.FamilyCodec;
import io.destiny.core.machine.Header;
import io.destiny.core.machine.Message;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import org.jspecify.annotations.Nullable;

/** Codec of {@link LinearHybsterMessage}; types 3 and 4. */
public final class LinearHybsterCodec implements FamilyCodec {
  private static final int COMMIT_SIG = 3;
  private static final int COMMIT = 4;

  @Override
  public @Nullable Header header(Message message) {
    if (!(message instanceof LinearHybsterMessage m)) {
      return null;
    }
    int type =
        switch (m) {
          case LinearHybsterMessage.CommitSig c -> COMMIT_SIG;
          case LinearHybsterMessage.Commit c -> COMMIT;
        };
    return new Header(type, m.instance(), m.view(), m.slot(), 0);
  }

  @Override
  public void encodeBody(Message message, Writer w) {
    switch ((LinearHybsterMessage) message) {
      case LinearHybsterMessage.CommitSig m -> m.share().encode(w.digest(m.value()));
      case LinearHybsterMessage.Commit m -> m.encode(w);
    }
  }

  @Override
  public @Nullable Message decode(Header h, Reader r) throws MalformedException {
    if (h.type() != COMMIT_SIG && h.type() != COMMIT) {
      return null;
    }
    if (h.flags() != 0) {
      throw new MalformedException("unknown flags");
    }
    if (h.sequence() == 0) {
      throw new MalformedException("slot 0");
    }
    if (h.type() == COMMIT) {
      return commit(h.instance(), h.view(), h.sequence(), r);
    }
    Digest value = r.digest();
    return new LinearHybsterMessage.CommitSig(
        h.instance(), h.view(), h.sequence(), value, Share.decode(r));
  }

  /** Reads a commit after its header. */
  static LinearHybsterMessage.Commit commit(int instance, long view, long slot, Reader r)
      throws MalformedException {
    Digest value = r.digest();
    return new LinearHybsterMessage.Commit(instance, view, slot, value, Certificate.decode(r));
  }
}
