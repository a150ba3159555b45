package io.destiny.protocols.sbft;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
import io.destiny.core.machine.FamilyCodec;
import io.destiny.core.machine.Header;
import io.destiny.core.machine.Message;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import org.jspecify.annotations.Nullable;

/** Codec of {@link SbftMessage}; types 3 to 5, 12 and 13. */
final class SbftCodec implements FamilyCodec {
  private static final int SIGN_SHARE = 3;
  private static final int PREPARE = 4;
  private static final int COMMIT = 5;
  private static final int FAST_PROOF = 12;
  private static final int SLOW_PROOF = 13;

  @Override
  public @Nullable Header header(Message message) {
    if (!(message instanceof SbftMessage m)) {
      return null;
    }
    int type =
        switch (m) {
          case SbftMessage.SignShare s -> SIGN_SHARE;
          case SbftMessage.PrepareProof p -> PREPARE;
          case SbftMessage.CommitShare c -> COMMIT;
          case SbftMessage.FullCommitProof f -> f.proof().fast() ? FAST_PROOF : SLOW_PROOF;
        };
    return new Header(type, m.instance(), m.view(), m.slot(), 0);
  }

  @Override
  public void encodeBody(Message message, Writer w) {
    switch ((SbftMessage) message) {
      case SbftMessage.SignShare m -> m.share().encode(w.digest(m.value()));
      case SbftMessage.PrepareProof m -> m.certificate().encode(w.digest(m.value()));
      case SbftMessage.CommitShare m -> m.share().encode(w.digest(m.value()));
      case SbftMessage.FullCommitProof m -> m.proof().encode(w);
    }
  }

  @Override
  public @Nullable Message decode(Header h, Reader r) throws MalformedException {
    boolean own =
        (h.type() >= SIGN_SHARE && h.type() <= COMMIT)
            || h.type() == FAST_PROOF
            || h.type() == SLOW_PROOF;
    if (!own) {
      return null;
    }
    if (h.flags() != 0 || h.sequence() == 0) {
      throw new MalformedException("a header that this message does not have");
    }
    int instance = h.instance();
    long view = h.view();
    long slot = h.sequence();
    return switch (h.type()) {
      case SIGN_SHARE ->
          new SbftMessage.SignShare(instance, view, slot, r.digest(), Share.decode(r));
      case PREPARE ->
          new SbftMessage.PrepareProof(instance, view, slot, r.digest(), Certificate.decode(r));
      case COMMIT -> new SbftMessage.CommitShare(instance, view, slot, r.digest(), Share.decode(r));
      default ->
          new SbftMessage.FullCommitProof(
              instance, slot, CommitProof.decode(view, h.type() == FAST_PROOF, r));
    };
  }
}
