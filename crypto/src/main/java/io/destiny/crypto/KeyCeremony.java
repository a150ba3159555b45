package io.destiny.crypto;

import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.crypto.bls.Ciphersuite;
import io.destiny.crypto.bls.SecretKey;
import io.destiny.crypto.bls.Shamir;
import io.destiny.crypto.sign.SignatureSuite;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Makes all keys of a new cluster or epoch, as its trusted dealer. */
public final class KeyCeremony {
  private static final byte[] NONE = {};
  private static final int FIRST_PRINCIPAL = 1;

  private KeyCeremony() {}

  /**
   * What a ceremony hands out.
   *
   * @param replicas each replica's secrets, in order
   * @param clientPrivateKey of principal 1, PKCS#8
   * @param provisionerPublicKey Ed25519, X.509: signs the manifest
   * @param provisionerPrivateKey Ed25519, PKCS#8
   */
  public record Ceremony(
      PublicKeys publicKeys,
      List<ReplicaSecrets> replicas,
      byte[] clientPrivateKey,
      byte[] provisionerPublicKey,
      byte[] provisionerPrivateKey) {
    @Override
    public String toString() {
      return "key ceremony";
    }
  }

  /** The keys of one purpose. */
  private record Dealt(byte[] groupKey, List<SecretKey> secrets) {}

  /** Generates fresh keys for a cluster with one enrolled client. */
  public static Ceremony generate(
      Domain domain, QuorumRule rule, Scheme scheme, ClientAlgorithm algorithm, int maxSessions) {
    SecureRandom random = new SecureRandom();
    Dealt ordering = deal(rule.n(), rule.quorum(), scheme, random);
    Dealt execution = deal(rule.n(), rule.weak(), scheme, random);
    List<ReplicaKeys> keys = new ArrayList<>();
    List<ReplicaSecrets> secrets = new ArrayList<>();
    Maker maker = new Maker(domain, rule.n(), scheme);
    for (int i = 0; i < rule.n(); i++) {
      SecretKey order = ordering.secrets().get(i);
      SecretKey execute = execution.secrets().get(i);
      KeyPair attestation = SignatureSuite.ED25519.generate();
      long boot = random.nextLong();
      keys.add(maker.publicPart(i, boot, attestation, order, execute));
      secrets.add(
          new ReplicaSecrets(
              execute.encode(), maker.provision(i, boot, attestation, order).encode()));
    }
    KeyPair client = PublicKeys.suite(algorithm).generate();
    KeyPair provisioner = SignatureSuite.ED25519.generate();
    TreeMap<Integer, byte[]> principals = new TreeMap<>();
    principals.put(FIRST_PRINCIPAL, client.getPublic().getEncoded());
    PublicKeys publicKeys =
        new PublicKeys(
            domain,
            rule,
            scheme,
            algorithm,
            keys,
            ordering.groupKey(),
            execution.groupKey(),
            principals,
            maxSessions);
    return new Ceremony(
        publicKeys,
        List.copyOf(secrets),
        client.getPrivate().getEncoded(),
        provisioner.getPublic().getEncoded(),
        provisioner.getPrivate().getEncoded());
  }

  private static Dealt deal(int n, int threshold, Scheme scheme, SecureRandom random) {
    if (scheme == Scheme.THRESHOLD) {
      Shamir shamir = Shamir.deal(n, threshold, random);
      return new Dealt(shamir.group().encode(), shamir.shares());
    }
    List<SecretKey> secrets = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      secrets.add(SecretKey.generate(random));
    }
    return new Dealt(NONE, secrets);
  }

  /** Puts one replica's keys together. */
  private record Maker(Domain domain, int n, Scheme scheme) {
    ReplicaKeys publicPart(
        int replica, long boot, KeyPair attestation, SecretKey order, SecretKey execute) {
      return new ReplicaKeys(
          boot,
          attestation.getPublic().getEncoded(),
          order.publicKey().encode(),
          possession(KeyPurpose.ORDERING, replica, order),
          execute.publicKey().encode(),
          possession(KeyPurpose.EXECUTION, replica, execute));
    }

    Provision provision(int replica, long boot, KeyPair attestation, SecretKey order) {
      return new Provision(
          domain,
          n,
          replica,
          boot,
          order.encode(),
          attestation.getPrivate().getEncoded(),
          attestation.getPublic().getEncoded());
    }

    private byte[] possession(KeyPurpose purpose, int replica, SecretKey key) {
      if (scheme == Scheme.THRESHOLD) {
        return NONE;
      }
      byte[] encoded = key.publicKey().encode();
      return key.sign(
          PublicKeys.possession(domain, purpose, replica, encoded), Ciphersuite.POSSESSION);
    }
  }
}
