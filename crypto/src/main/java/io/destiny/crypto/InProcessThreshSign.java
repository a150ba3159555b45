package io.destiny.crypto;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.trusted.ContinuingCertificate;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.ThreshSign;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.crypto.bls.Ciphersuite;
import io.destiny.crypto.bls.SecretKey;
import io.destiny.crypto.sign.SignatureSuite;
import java.security.PrivateKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The trusted subsystem itself (trusted-subsystem.md §2, §3): the same code in tests, in the
 * simulator and inside the isolated process. Its counters live as long as the object. The host
 * passes digests; every statement is built and hashed here, so that no choice of digests moves a
 * signature to another counter value.
 */
public final class InProcessThreshSign implements ThreshSign {
  private final Domain domain;
  private final int n;
  private final int replica;
  private final long boot;
  private final SecretKey orderingKey;
  private final PrivateKey attestationKey;
  private final byte[] attestationPublicKey;
  private final byte[] shareKey;

  /** By instance, the O-instance and the other pillars last, and counter. */
  private final TrustedCounter[][] counters;

  /**
   * @param provision of {@link ReplicaSecrets#provision}
   * @throws IllegalArgumentException if it is not
   */
  public InProcessThreshSign(byte[] provision) {
    Provision p = Provision.decode(provision);
    domain = p.domain();
    n = p.n();
    replica = p.replica();
    boot = p.boot();
    orderingKey = SecretKey.decode(p.orderingKey());
    shareKey = orderingKey.publicKey().encode();
    attestationKey = SignatureSuite.ED25519.privateKey(p.attestationPrivateKey());
    attestationPublicKey = p.attestationPublicKey();
    counters = new TrustedCounter[n + Instances.MOST_PILLARS][Counters.COUNT];
    for (TrustedCounter[] row : counters) {
      for (int c = 0; c < row.length; c++) {
        row[c] = new TrustedCounter(c);
      }
    }
  }

  private @Nullable TrustedCounter counter(int instance, int number) {
    if (!Instances.exists(instance, n, Instances.MOST_PILLARS)
        || number < 0
        || number >= Counters.COUNT) {
      return null;
    }
    int row = Instances.orders(instance) ? n + Instances.pillarOf(instance) : instance;
    return counters[row][number];
  }

  @Override
  public List<Result> call(List<TrustedCall> calls) {
    List<Result> results = new ArrayList<>(calls.size());
    for (TrustedCall call : calls) {
      results.add(call(call));
    }
    return results;
  }

  private Result call(TrustedCall call) {
    TrustedCounter counter = counter(call.instance(), call.counter());
    if (counter == null) {
      return new Result.Refused(Result.Refusal.OUT_OF_RANGE, -1);
    }
    TrustedCounter.Decision decision = counter.step(call);
    if (decision.refusal() != null) {
      return new Result.Refused(decision.refusal(), decision.current());
    }
    return switch (call) {
      case TrustedCall.IndependentShare f1 -> new Result.Shared(share(f1), attestation(f1));
      case TrustedCall.IndependentSignature f1 -> new Result.Attested(attestation(f1));
      case TrustedCall.Continuing f4 -> continuing(f4);
    };
  }

  private Share share(TrustedCall.IndependentShare f1) {
    byte[] statement = domain.share(f1.instance(), f1.counter(), f1.value(), f1.message());
    return new Share(replica, orderingKey.sign(statement, Ciphersuite.STATEMENT));
  }

  private byte[] attestation(TrustedCall.Independent f1) {
    byte[] statement =
        domain.shareSignature(replica, boot, f1.instance(), f1.counter(), f1.value(), f1.message());
    return SignatureSuite.ED25519.sign(attestationKey, statement);
  }

  private Result continuing(TrustedCall.Continuing f4) {
    byte[] statement =
        domain.continuing(
            replica, boot, f4.instance(), f4.counter(), f4.expected(), f4.value(), f4.message());
    return new Result.Continued(
        new ContinuingCertificate(
            replica,
            boot,
            f4.counter(),
            f4.expected(),
            f4.value(),
            SignatureSuite.ED25519.sign(attestationKey, statement)));
  }

  @Override
  public long read(int instance, int counter) {
    TrustedCounter found = counter(instance, counter);
    return found == null ? -1 : found.value();
  }

  @Override
  public Quote attest(byte[] nonce) {
    byte[] statement =
        domain
            .begin(StatementKind.QUOTE, 0, 0, 0)
            .u16(replica)
            .u64(boot)
            .bytes(attestationPublicKey)
            .bytes(shareKey)
            .bytes(nonce)
            .toBytes();
    return new Quote(
        true,
        domain.epoch(),
        replica,
        boot,
        attestationPublicKey.clone(),
        shareKey.clone(),
        SignatureSuite.ED25519.sign(attestationKey, statement));
  }
}
