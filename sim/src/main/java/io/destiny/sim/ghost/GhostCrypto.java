package io.destiny.sim.ghost;

import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Request;
import io.destiny.core.trusted.ContinuingCertificate;
import io.destiny.core.trusted.TrustedCall;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Runs jobs against the ledger, for one replica or for a client. Not thread-safe. */
public final class GhostCrypto implements CryptoProvider {
  private final GhostLedger ledger;
  private final int self;

  /**
   * @param self the replica whose execution key it holds; -1: verification only
   */
  public GhostCrypto(GhostLedger ledger, int self) {
    this.ledger = ledger;
    this.self = self;
  }

  @Override
  public Result run(Work work) {
    return switch (work) {
      case Work.VerifyRequests w -> new Result.Verdict(requests(w.requests()));
      case Work.VerifyAttestation w -> new Result.Verdict(attested(w));
      case Work.VerifyContinuing w -> new Result.Verdict(continued(w));
      case Work.VerifyCertificate w ->
          new Result.Verdict(ledger.verifyCertificate(w.purpose(), w.statement(), w.certificate()));
      case Work.Combine w -> combine(w);
      case Work.SignExecution w -> sign(w);
      case Work.SignReplica w -> signReplica(w);
      case Work.VerifyReplica w -> new Result.Verdict(replica(w));
      case Work.All w -> new Result.Verdict(all(w.parts()));
    };
  }

  @Override
  public List<Result> runAll(List<Work> works) {
    List<Result> results = new ArrayList<>(works.size());
    for (Work work : works) {
      results.add(run(work));
    }
    return results;
  }

  private boolean attested(Work.VerifyAttestation w) {
    if (w.signature().length != GhostLedger.SIGNATURE_BYTES) {
      return false;
    }
    TrustedCall.Independent call = w.call();
    byte[] statement =
        ledger
            .domain()
            .shareSignature(
                w.replica(),
                GhostLedger.boot(w.replica()),
                call.instance(),
                call.counter(),
                call.value(),
                call.message());
    return ledger.verify(GhostLedger.Key.ATTESTATION, w.replica(), statement, w.signature());
  }

  private boolean continued(Work.VerifyContinuing w) {
    ContinuingCertificate c = w.certificate();
    if (c.signature().length != GhostLedger.SIGNATURE_BYTES
        || c.replica() < 0
        || c.replica() >= ledger.rule().n()
        || c.boot() != GhostLedger.boot(c.replica())) {
      return false;
    }
    byte[] statement =
        ledger
            .domain()
            .continuing(
                c.replica(),
                c.boot(),
                w.instance(),
                c.counter(),
                c.previous(),
                c.value(),
                w.message());
    return ledger.verify(GhostLedger.Key.ATTESTATION, c.replica(), statement, c.signature());
  }

  private boolean requests(List<Request> requests) {
    for (Request r : requests) {
      if (!ledger.verifyRequest(r)) {
        return false;
      }
    }
    return true;
  }

  private boolean all(List<Work> parts) {
    for (Work part : parts) {
      if (!(run(part) instanceof Result.Verdict v && v.valid())) {
        return false;
      }
    }
    return true;
  }

  private boolean replica(Work.VerifyReplica w) {
    return w.replica() >= 0
        && w.replica() < ledger.rule().n()
        && w.signature().length == GhostLedger.SIGNATURE_BYTES
        && ledger.verify(GhostLedger.Key.REPLICA, w.replica(), w.statement(), w.signature());
  }

  private Result signReplica(Work.SignReplica w) {
    if (self < 0) {
      throw new IllegalStateException("no signing key here");
    }
    return new Result.Signature(ledger.signReplica(self, w.statement()));
  }

  private Result sign(Work.SignExecution w) {
    if (self < 0) {
      throw new IllegalStateException("no execution key here");
    }
    return new Result.Signed(ledger.signShare(KeyPurpose.EXECUTION, self, w.statement()));
  }

  /** Takes the first threshold of distinct signers; only if that fails looks at each share. */
  private Result combine(Work.Combine w) {
    int threshold = Math.max(ledger.threshold(w.purpose()), w.least());
    if (distinct(w.shares()) < threshold) {
      throw new IllegalArgumentException("too few shares to combine");
    }
    List<Share> chosen = w.shares().subList(0, threshold);
    List<Integer> bad = bad(w, chosen);
    if (!bad.isEmpty()) {
      return new Result.BadShares(bad(w, w.shares()));
    }
    return new Result.Combined(ledger.combine(w.purpose(), w.statement(), chosen));
  }

  private static int distinct(List<Share> shares) {
    BitSet signers = new BitSet();
    for (Share share : shares) {
      signers.set(share.signer());
    }
    return signers.cardinality() == shares.size() ? shares.size() : 0;
  }

  private List<Integer> bad(Work.Combine w, List<Share> shares) {
    List<Integer> bad = new ArrayList<>();
    for (Share share : shares) {
      if (!ledger.verifyShare(w.purpose(), w.statement(), share)) {
        bad.add(share.signer());
      }
    }
    return bad;
  }
}
