package io.destiny.sim.check;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.sim.ghost.GhostLedger;
import io.destiny.sim.world.TraceListener;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Each certificate that a correct replica finds valid or makes has enough distinct signers, each of
 * whom signed exactly that statement (S3). Counts by itself from what was ever signed.
 */
public final class CertificateCheck implements TraceListener {
  /** Whether a replica ever signed a statement. */
  @FunctionalInterface
  public interface Signed {
    boolean by(KeyPurpose purpose, int signer, byte[] statement);
  }

  private static final int MOST_REMEMBERED = 1 << 16;

  private record Pending(KeyPurpose purpose, byte[] statement, Certificate certificate) {}

  private final Scope scope;
  private final Scope.Count s3;
  private final Signed signed;
  private final Map<Integer, Map<Long, Work>> jobs = new HashMap<>();

  /** One object travels to all replicas: it is judged once for a statement. */
  private final IdentityHashMap<Certificate, byte[]> judged = new IdentityHashMap<>();

  public CertificateCheck(Scope scope, GhostLedger ledger) {
    this(scope, ledger::hasSigned);
  }

  CertificateCheck(Scope scope, Signed signed) {
    this.scope = scope;
    this.s3 = scope.count("S3");
    this.signed = signed;
  }

  @Override
  public void started(int replica) {
    jobs.remove(replica);
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    if (effect instanceof Effect.Compute(long job, Work work)
        && (work instanceof Work.VerifyCertificate || work instanceof Work.Combine)
        && scope.correct(replica)) {
      jobs.computeIfAbsent(replica, r -> new HashMap<>()).put(job, work);
    }
  }

  @Override
  public void input(int replica, Input input) {
    if (!(input instanceof Input.Computed(long job, Result result))) {
      return;
    }
    Map<Long, Work> own = jobs.get(replica);
    Work work = own == null ? null : own.remove(job);
    if (work instanceof Work.VerifyCertificate v
        && result instanceof Result.Verdict(boolean valid)
        && valid) {
      judge(replica, new Pending(v.purpose(), v.statement(), v.certificate()));
    } else if (work instanceof Work.Combine c && result instanceof Result.Combined combined) {
      judge(replica, new Pending(c.purpose(), c.statement(), combined.certificate()));
    }
  }

  private void judge(int replica, Pending p) {
    s3.checked++;
    if (Arrays.equals(judged.get(p.certificate), p.statement)) {
      return;
    }
    int signers = 0;
    byte[] bitmap = p.certificate.signers();
    for (int i = 0; i < 8 * bitmap.length; i++) {
      if ((bitmap[i / 8] >> (i % 8) & 1) != 0) {
        if (i >= scope.n() || !signed.by(p.purpose, i, p.statement)) {
          throw new Violation(
              "S3", "R%d accepts a certificate that R%d did not sign".formatted(replica, i));
        }
        signers++;
      }
    }
    int enough = p.purpose == KeyPurpose.ORDERING ? scope.quorum() : scope.weak();
    if (signers < enough) {
      throw new Violation(
          "S3",
          "R%d accepts a certificate of %d signers, not %d".formatted(replica, signers, enough));
    }
    if (judged.size() >= MOST_REMEMBERED) {
      judged.clear();
    }
    judged.put(p.certificate, p.statement);
  }
}
