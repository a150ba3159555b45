package io.destiny.protocols.linearhybster;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.protocols.hybrid.CertificateForm;
import io.destiny.protocols.hybrid.ordering.CommitCertificate;
import io.destiny.protocols.hybrid.ordering.OrderingEngine;
import io.destiny.protocols.hybrid.ordering.OrderingSlot;
import io.destiny.protocols.hybrid.ordering.Variant;
import io.destiny.protocols.hybrid.ordering.VoteMessage;
import io.destiny.protocols.hybrid.ordering.Votes;
import org.jspecify.annotations.Nullable;

/** Linear Hybster: the family's ordering phase with votes that collectors combine. */
public final class LinearHybster implements Variant {
  @Override
  public CertificateForm form() {
    return CertificateForm.SHARE;
  }

  @Override
  public Votes votes(OrderingEngine engine) {
    return new CommitCollector(engine);
  }

  @Override
  public VoteMessage decodeVote(int instance, long view, long slot, Reader r)
      throws MalformedException {
    return new LinearHybsterMessage.CommitSig(instance, view, slot, r.digest(), Share.decode(r));
  }

  @Override
  public CommitCertificate decode(int instance, long view, long slot, Reader r)
      throws MalformedException {
    return new LinearHybsterMessage.Commit(instance, view, slot, r.digest(), Certificate.decode(r));
  }

  @Override
  public @Nullable Work check(CommitCertificate commit, OrderingSlot slot, OrderingEngine engine) {
    if (!(commit instanceof LinearHybsterMessage.Commit c)) {
      return null;
    }
    byte[] signed = engine.statements().shared(slot, c.view(), c.value());
    return new Work.VerifyCertificate(KeyPurpose.ORDERING, signed, c.certificate());
  }
}
