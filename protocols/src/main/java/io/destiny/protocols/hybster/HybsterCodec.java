package io.destiny.protocols.hybster;

import io.destiny.core.machine.FamilyCodec;
import io.destiny.core.machine.Header;
import io.destiny.core.machine.Message;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import io.destiny.protocols.hybrid.CertificateForm;
import io.destiny.protocols.hybrid.HybridMessage;
import io.destiny.protocols.hybrid.ordering.OrderingCodec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Codec of {@link HybsterMessage}; types 3 and 4, told from their sister's by a flag. */
public final class HybsterCodec implements FamilyCodec {
  private static final int COMMIT_SIG = 3;
  private static final int COMMIT = 4;
  private static final int FLAGS = OrderingCodec.flags(CertificateForm.ATTESTATION);

  @Override
  public @Nullable Header header(Message message) {
    if (!(message instanceof HybsterMessage m)) {
      return null;
    }
    int type =
        switch (m) {
          case HybsterMessage.CommitSig c -> COMMIT_SIG;
          case HybsterMessage.Commit c -> COMMIT;
        };
    return new Header(type, m.instance(), m.view(), m.slot(), FLAGS);
  }

  @Override
  public void encodeBody(Message message, Writer w) {
    switch ((HybsterMessage) message) {
      case HybsterMessage.CommitSig m -> m.vote().encode(w.digest(m.value()));
      case HybsterMessage.Commit m -> m.encode(w);
    }
  }

  @Override
  public @Nullable Message decode(Header h, Reader r) throws MalformedException {
    if (h.type() != COMMIT_SIG && h.type() != COMMIT) {
      return null;
    }
    if (h.flags() != FLAGS) {
      throw new MalformedException("unknown flags");
    }
    if (h.sequence() == 0) {
      throw new MalformedException("slot 0");
    }
    if (h.type() == COMMIT) {
      return commit(h.instance(), h.view(), h.sequence(), r);
    }
    Digest value = r.digest();
    return new HybsterMessage.CommitSig(h.instance(), h.view(), h.sequence(), value, vote(r));
  }

  private static HybsterMessage.Vote vote(Reader r) throws MalformedException {
    return new HybsterMessage.Vote(r.u16(), r.raw(HybridMessage.ATTESTATION_BYTES));
  }

  /** Reads a commit after its header. */
  static HybsterMessage.Commit commit(int instance, long view, long slot, Reader r)
      throws MalformedException {
    Digest value = r.digest();
    int count = r.u16();
    if (count * HybsterMessage.Vote.BYTES > r.remaining()) {
      throw new MalformedException("too many votes");
    }
    List<HybsterMessage.Vote> votes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      votes.add(vote(r));
    }
    return new HybsterMessage.Commit(instance, view, slot, value, List.copyOf(votes));
  }
}
