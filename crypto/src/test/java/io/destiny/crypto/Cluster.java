package io.destiny.crypto;

import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.crypto.sign.SignatureSuite;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The keys of a small cluster and what its replicas do with them. */
final class Cluster {
  static final Domain DOMAIN = domain(1, 7);

  final KeyCeremony.Ceremony ceremony;
  final PublicKeys keys;
  final BlsCrypto verifier;
  final List<BlsCrypto> replicas = new ArrayList<>();
  final List<InProcessThreshSign> trusted = new ArrayList<>();

  /** Fresh public keys alone. */
  static PublicKeys keys(int n, Scheme scheme) {
    QuorumRule rule = new QuorumRule(n, FaultModel.HYBRID);
    return KeyCeremony.generate(DOMAIN, rule, scheme, ClientAlgorithm.ED25519, 16).publicKeys();
  }

  Cluster(int n, Scheme scheme) {
    this(n, scheme, ClientAlgorithm.ED25519, DOMAIN);
  }

  Cluster(int n, Scheme scheme, ClientAlgorithm algorithm, Domain domain) {
    QuorumRule rule = new QuorumRule(n, FaultModel.HYBRID);
    ceremony = KeyCeremony.generate(domain, rule, scheme, algorithm, 16);
    keys = ceremony.publicKeys();
    verifier = new BlsCrypto(keys);
    for (int i = 0; i < n; i++) {
      ReplicaSecrets secrets = ceremony.replicas().get(i);
      replicas.add(new BlsCrypto(keys, i, secrets.executionKey()));
      trusted.add(new InProcessThreshSign(secrets.provision()));
    }
  }

  /** A cluster id whose bytes are all {@code id}. */
  static Domain domain(int id, long epoch) {
    byte[] cluster = new byte[16];
    java.util.Arrays.fill(cluster, (byte) id);
    return new Domain(cluster, epoch);
  }

  static Digest digest(String text) {
    return Digest.of(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  static byte[] statement(String text) {
    return DOMAIN.execution(0, 1, 1, digest(text));
  }

  int quorum() {
    return keys.rule().quorum();
  }

  Share executionShare(int replica, byte[] statement) {
    return ((Result.Signed) replicas.get(replica).run(new Work.SignExecution(statement))).share();
  }

  List<Share> executionShares(byte[] statement) {
    return IntStream.range(0, keys.rule().n())
        .mapToObj(i -> executionShare(i, statement))
        .collect(java.util.stream.Collectors.toCollection(ArrayList::new));
  }

  Result combine(byte[] statement, List<Share> shares) {
    return verifier.run(new Work.Combine(KeyPurpose.EXECUTION, statement, shares));
  }

  Result.Shared order(int replica, int instance, long value, Digest message) {
    return (Result.Shared)
        trusted
            .get(replica)
            .call(
                List.of(new TrustedCall.IndependentShare(instance, Counters.ORDER, value, message)))
            .getFirst();
  }

  List<Share> orderingShares(int instance, long value, Digest message) {
    List<Share> shares = new ArrayList<>();
    for (int i = 0; i < trusted.size(); i++) {
      shares.add(order(i, instance, value, message).share());
    }
    return shares;
  }

  boolean valid(Work work) {
    return ((Result.Verdict) verifier.run(work)).valid();
  }

  /** Whether the attestation key that the manifest names made this signature. */
  boolean attested(int replica, byte[] statement, byte[] signature) {
    return SignatureSuite.ED25519.verify(keys.attestationKey(replica), statement, signature);
  }
}
