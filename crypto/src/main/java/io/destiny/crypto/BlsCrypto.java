package io.destiny.crypto;

import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Reconfiguration;
import io.destiny.core.model.Request;
import io.destiny.core.trusted.ContinuingCertificate;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.crypto.bls.AggregateScheme;
import io.destiny.crypto.bls.BatchVerifier;
import io.destiny.crypto.bls.Ciphersuite;
import io.destiny.crypto.bls.Claim;
import io.destiny.crypto.bls.SecretKey;
import io.destiny.crypto.bls.ShareCombiner;
import io.destiny.crypto.sign.SignatureSuite;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The real cryptography. Trusts the keys it is given: call {@link PublicKeys#check} first, or
 * multi-signatures can be forged with rogue keys.
 */
public final class BlsCrypto implements CryptoProvider {
  private static final int ED25519_SIGNATURE = 64;

  private final PublicKeys keys;
  private final Map<KeyPurpose, AggregateScheme> schemes = new EnumMap<>(KeyPurpose.class);
  private final Map<KeyPurpose, ShareCombiner> combiners = new EnumMap<>(KeyPurpose.class);
  private final List<PublicKey> attestationKeys = new ArrayList<>();
  private final List<PublicKey> signingKeys = new ArrayList<>();
  private final Map<Integer, PublicKey> principals = new TreeMap<>();
  private final SignatureSuite clients;
  private final @Nullable PublicKey administrators;
  private final int self;
  private final @Nullable SecretKey executionKey;
  private final @Nullable ReplicaSigner signer;

  /**
   * For verification only, as a client does it.
   *
   * @throws IllegalArgumentException if a key does not decode
   */
  public BlsCrypto(PublicKeys keys) {
    this(keys, null, -1);
  }

  /**
   * For replica {@code self}.
   *
   * @param executionKey π's secret, 32 bytes
   * @throws IllegalArgumentException if a key does not decode
   */
  public BlsCrypto(PublicKeys keys, int self, byte[] executionKey) {
    this(keys, SecretKey.decode(executionKey), self);
  }

  private BlsCrypto(PublicKeys keys, @Nullable SecretKey executionKey, int self) {
    this.keys = keys;
    this.self = self;
    this.executionKey = executionKey;
    this.signer = executionKey == null ? null : new ReplicaSigner(executionKey.encode());
    this.clients = PublicKeys.suite(keys.clientAlgorithm());
    for (KeyPurpose purpose : KeyPurpose.values()) {
      AggregateScheme scheme = keys.aggregateScheme(purpose);
      schemes.put(purpose, scheme);
      combiners.put(purpose, new ShareCombiner(scheme));
    }
    for (int i = 0; i < keys.replicas().size(); i++) {
      attestationKeys.add(keys.attestationKey(i));
      signingKeys.add(keys.signingKey(i));
    }
    keys.principals().keySet().forEach(p -> principals.put(p, keys.principalKey(p)));
    this.administrators = keys.administratorsKey().length > 0 ? keys.administrators() : null;
  }

  /** Whether the secret that it was given belongs to this replica's public key. */
  public boolean ownKeyFits() {
    return executionKey != null
        && Arrays.equals(
            executionKey.publicKey().encode(), keys.replicas().get(self).executionKey());
  }

  @Override
  public Result run(Work work) {
    return runAll(List.of(work)).getFirst();
  }

  @Override
  public List<Result> runAll(List<Work> works) {
    Turn turn = new Turn();
    works.forEach(turn::collect);
    turn.verify();
    List<Result> results = new ArrayList<>(works.size());
    for (Work work : works) {
      results.add(turn.answer(work));
    }
    return List.copyOf(results);
  }

  /** One call of {@link #runAll}: the certificates of all its jobs are checked as one batch. */
  private final class Turn {
    private final List<Work.VerifyCertificate> certificates = new ArrayList<>();
    private final List<Claim> claims = new ArrayList<>();
    private final IdentityHashMap<Work, Boolean> verdicts = new IdentityHashMap<>();

    void collect(Work work) {
      if (work instanceof Work.All all) {
        all.parts().forEach(this::collect);
      } else if (work instanceof Work.VerifyCertificate c && !verdicts.containsKey(c)) {
        io.destiny.crypto.bls.PublicKey key =
            scheme(c.purpose()).certificateKey(c.certificate().signers());
        verdicts.put(c, false);
        if (key != null) {
          certificates.add(c);
          claims.add(new Claim(key, c.statement(), c.certificate().signature()));
        }
      }
    }

    void verify() {
      boolean[] valid = BatchVerifier.verify(claims, Ciphersuite.STATEMENT);
      for (int i = 0; i < valid.length; i++) {
        verdicts.put(certificates.get(i), valid[i]);
      }
    }

    Result answer(Work work) {
      return switch (work) {
        case Work.VerifyRequests w -> new Result.Verdict(requestsValid(w.requests()));
        case Work.VerifyAttestation w -> new Result.Verdict(attestationValid(w));
        case Work.VerifyContinuing w -> new Result.Verdict(continuingValid(w));
        case Work.VerifyCertificate w -> new Result.Verdict(verdicts.getOrDefault(w, false));
        case Work.Combine w -> combiner(w.purpose()).combine(w.statement(), w.shares(), w.least());
        case Work.SignExecution w -> sign(w.statement());
        case Work.SignReplica w -> signReplica(w.statement());
        case Work.VerifyReplica w -> new Result.Verdict(replicaValid(w));
        case Work.All w -> new Result.Verdict(w.parts().stream().allMatch(this::holds));
      };
    }

    private boolean holds(Work part) {
      return switch (answer(part)) {
        case Result.Verdict v -> v.valid();
        case Result.Combined c -> true;
        case Result.Signed s -> true;
        case Result.Signature s -> true;
        default -> false;
      };
    }
  }

  private AggregateScheme scheme(KeyPurpose purpose) {
    AggregateScheme scheme = schemes.get(purpose);
    if (scheme == null) {
      throw new IllegalStateException("no keys for " + purpose);
    }
    return scheme;
  }

  private ShareCombiner combiner(KeyPurpose purpose) {
    ShareCombiner combiner = combiners.get(purpose);
    if (combiner == null) {
      throw new IllegalStateException("no keys for " + purpose);
    }
    return combiner;
  }

  private boolean requestsValid(List<Request> requests) {
    for (Request request : requests) {
      boolean administers = Reconfiguration.administers(request.client());
      SignatureSuite suite = administers ? SignatureSuite.ED25519 : clients;
      PublicKey key =
          administers ? administrators : principals.get(Request.principal(request.client()));
      if (key == null
          || !keys.enrolled(request.client())
          || !suite.verify(key, request.statement(), request.signature())) {
        return false;
      }
    }
    return true;
  }

  private boolean attestationValid(Work.VerifyAttestation work) {
    int replica = work.replica();
    if (replica < 0
        || replica >= attestationKeys.size()
        || work.signature().length != ED25519_SIGNATURE) {
      return false;
    }
    TrustedCall.Independent call = work.call();
    byte[] statement =
        keys.domain()
            .shareSignature(
                replica,
                keys.replicas().get(replica).boot(),
                call.instance(),
                call.counter(),
                call.value(),
                call.message());
    return SignatureSuite.ED25519.verify(attestationKeys.get(replica), statement, work.signature());
  }

  private boolean continuingValid(Work.VerifyContinuing work) {
    ContinuingCertificate c = work.certificate();
    if (c.replica() < 0
        || c.replica() >= attestationKeys.size()
        || c.boot() != keys.replicas().get(c.replica()).boot()
        || c.signature().length != ED25519_SIGNATURE) {
      return false;
    }
    byte[] statement =
        keys.domain()
            .continuing(
                c.replica(),
                c.boot(),
                work.instance(),
                c.counter(),
                c.previous(),
                c.value(),
                work.message());
    return SignatureSuite.ED25519.verify(
        attestationKeys.get(c.replica()), statement, c.signature());
  }

  private boolean replicaValid(Work.VerifyReplica work) {
    return work.replica() >= 0
        && work.replica() < signingKeys.size()
        && work.signature().length == ED25519_SIGNATURE
        && SignatureSuite.ED25519.verify(
            signingKeys.get(work.replica()), work.statement(), work.signature());
  }

  private Result signReplica(byte[] statement) {
    if (signer == null) {
      throw new IllegalStateException("this object can only verify");
    }
    return new Result.Signature(signer.sign(statement));
  }

  private Result sign(byte[] statement) {
    if (executionKey == null) {
      throw new IllegalStateException("this object can only verify");
    }
    return new Result.Signed(new Share(self, executionKey.sign(statement, Ciphersuite.STATEMENT)));
  }
}
