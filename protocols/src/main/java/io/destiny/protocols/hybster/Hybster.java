package io.destiny.protocols.hybster;

import io.destiny.core.crypto.Work;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.protocols.hybrid.CertificateForm;
import io.destiny.protocols.hybrid.ordering.CommitCertificate;
import io.destiny.protocols.hybrid.ordering.OrderingEngine;
import io.destiny.protocols.hybrid.ordering.OrderingSlot;
import io.destiny.protocols.hybrid.ordering.Variant;
import io.destiny.protocols.hybrid.ordering.VoteMessage;
import io.destiny.protocols.hybrid.ordering.Votes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Hybster: the family's ordering phase with votes from all to all, which none combines. */
public final class Hybster implements Variant {
  @Override
  public CertificateForm form() {
    return CertificateForm.ATTESTATION;
  }

  @Override
  public Votes votes(OrderingEngine engine) {
    return new AllToAll(engine);
  }

  @Override
  public VoteMessage decodeVote(int instance, long view, long slot, Reader r)
      throws MalformedException {
    return new HybsterMessage.CommitSig(
        instance, view, slot, r.digest(), HybsterMessage.Vote.decode(r));
  }

  @Override
  public CommitCertificate decode(int instance, long view, long slot, Reader r)
      throws MalformedException {
    return HybsterMessage.Commit.decode(instance, view, slot, r);
  }

  /** Rule 5: Q distinct replicas signed one statement, and no more are looked at. */
  @Override
  public @Nullable Work check(CommitCertificate commit, OrderingSlot slot, OrderingEngine engine) {
    int quorum = engine.settings().rule().quorum();
    if (!(commit instanceof HybsterMessage.Commit c) || c.votes().size() != quorum) {
      return null;
    }
    TrustedCall.Independent call = engine.statements().call(slot, c.view(), c.value());
    List<Work> parts = new ArrayList<>(quorum);
    int before = -1;
    for (HybsterMessage.Vote vote : c.votes()) {
      if (vote.replica() <= before) {
        return null;
      }
      before = vote.replica();
      parts.add(new Work.VerifyAttestation(vote.replica(), call, vote.attestation()));
    }
    return new Work.All(parts);
  }
}
