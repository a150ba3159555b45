package io.destiny.sim.ghost;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Request;
import io.destiny.sim.world.WorldFailure;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs jobs with real keys, and holds each acceptance against the table: whatever verifies was
 * signed, by just that key, over just that statement.
 */
public final class CheckedCrypto implements CryptoProvider {
  private final CryptoProvider real;
  private final GhostLedger ledger;
  private final int self;

  /**
   * @param self the replica whose execution key it holds; -1: verification only
   */
  public CheckedCrypto(CryptoProvider real, GhostLedger ledger, int self) {
    this.real = real;
    this.ledger = ledger;
    this.self = self;
  }

  @Override
  public Result run(Work work) {
    Result result = real.run(work);
    switch (result) {
      case Result.Signed s when work instanceof Work.SignExecution w ->
          ledger.signShare(KeyPurpose.EXECUTION, self, w.statement());
      case Result.Signature s when work instanceof Work.SignReplica w ->
          ledger.signReplica(self, w.statement());
      case Result.Verdict v -> {
        if (v.valid()) {
          check(work);
        }
      }
      case Result.Combined c when work instanceof Work.Combine w ->
          certificate(w.purpose(), w.statement(), c.certificate());
      default -> {}
    }
    return result;
  }

  @Override
  public List<Result> runAll(List<Work> works) {
    List<Result> results = new ArrayList<>(works.size());
    for (Work work : works) {
      results.add(run(work));
    }
    return results;
  }

  /** The real verdict is "valid". */
  private void check(Work work) {
    switch (work) {
      case Work.VerifyRequests w -> {
        for (Request r : w.requests()) {
          must(ledger.hasSigned(Request.principal(r.client()), r.statement()), r);
        }
      }
      case Work.VerifyAttestation w -> must(ledger.hasAttested(w.replica(), w.call()), w.call());
      case Work.VerifyContinuing w ->
          must(ledger.hasContinued(w.instance(), w.certificate(), w.message()), w.certificate());
      case Work.VerifyCertificate w -> certificate(w.purpose(), w.statement(), w.certificate());
      case Work.All w -> w.parts().forEach(this::check);
      case Work.VerifyReplica w -> must(ledger.hasSignedAsReplica(w.replica(), w.statement()), w);
      case Work.SignReplica w -> {}
      case Work.Combine w -> {}
      case Work.SignExecution w -> {}
    }
  }

  private void certificate(KeyPurpose purpose, byte[] statement, Certificate certificate) {
    byte[] bitmap = certificate.signers();
    int signers = 0;
    for (int i = 0; i < 8 * bitmap.length; i++) {
      if (((bitmap[i / 8] >> (i % 8)) & 1) != 0) {
        must(ledger.hasSigned(purpose, i, statement), "a certificate with R" + i);
        signers++;
      }
    }
    must(signers >= ledger.threshold(purpose), "a certificate of " + signers);
  }

  private static void must(boolean signed, Object what) {
    if (!signed) {
      throw new WorldFailure("forged: real keys accept what nobody signed: " + what);
    }
  }
}
