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
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;

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

  /**
   * The keys of another epoch.
   *
   * @param replicas each replica's secrets, in order
   */
  public record NextEpoch(PublicKeys publicKeys, List<ReplicaSecrets> replicas) {
    @Override
    public String toString() {
      return "keys of the next epoch";
    }
  }

  /** The secrets of a cluster that exists in a simulation or a test. */
  public record Reproducible(
      PublicKeys publicKeys, List<ReplicaSecrets> replicas, List<byte[]> clientPrivateKeys) {
    @Override
    public String toString() {
      return "reproducible keys";
    }
  }

  /** Generates fresh keys for a cluster with one enrolled client. */
  public static Ceremony generate(
      Domain domain, QuorumRule rule, Scheme scheme, ClientAlgorithm algorithm, int maxSessions) {
    Keys all =
        keys(
            new Terms(domain, rule, scheme, algorithm, maxSessions),
            new SecureRandom(),
            SignatureSuite.ED25519::generate,
            List.of(PublicKeys.suite(algorithm).generate()));
    KeyPair provisioner = SignatureSuite.ED25519.generate();
    return new Ceremony(
        all.publicKeys.withAdministrators(provisioner.getPublic().getEncoded()),
        all.secrets,
        all.clients.getFirst(),
        provisioner.getPublic().getEncoded(),
        provisioner.getPrivate().getEncoded());
  }

  /**
   * Fresh keys of all replicas for the next epoch; clients and administrators keep theirs.
   *
   * @param rule how many replicas there are then
   */
  public static NextEpoch next(PublicKeys present, QuorumRule rule) {
    return later(present, rule, present.domain().epoch() + 1);
  }

  /** The same for any later epoch. */
  public static NextEpoch later(PublicKeys present, QuorumRule rule, long epoch) {
    Domain domain = new Domain(present.domain().cluster(), epoch);
    Terms terms =
        new Terms(domain, rule, present.scheme(), present.clientAlgorithm(), present.maxSessions());
    Keys all =
        keys(terms, new SecureRandom(), SignatureSuite.ED25519::generate, List.<KeyPair>of());
    PublicKeys fresh = all.publicKeys;
    PublicKeys keys =
        new PublicKeys(
            domain,
            rule,
            fresh.scheme(),
            fresh.clientAlgorithm(),
            fresh.replicas(),
            fresh.orderingGroupKey(),
            fresh.executionGroupKey(),
            present.principals(),
            fresh.maxSessions(),
            present.administratorsKey());
    return new NextEpoch(keys, all.secrets);
  }

  /**
   * The same keys for the same seed, in multi-signature mode and with Ed25519 throughout: for
   * simulations and tests alone, since whoever knows the seed has every secret.
   *
   * @param principals how many clients are enrolled, with numbers from 1
   */
  public static Reproducible reproducible(
      Domain domain, QuorumRule rule, int maxSessions, long seed, int principals) {
    SeededRandom random = new SeededRandom(seed);
    List<KeyPair> clients = new ArrayList<>();
    for (int i = 0; i < principals; i++) {
      clients.add(SignatureSuite.reproducibleEd25519(random));
    }
    Terms terms =
        new Terms(domain, rule, Scheme.MULTI_SIGNATURE, ClientAlgorithm.ED25519, maxSessions);
    Keys all = keys(terms, random, () -> SignatureSuite.reproducibleEd25519(random), clients);
    return new Reproducible(all.publicKeys, all.secrets, all.clients);
  }

  /** Randomness that is none. */
  private static final class SeededRandom extends SecureRandom {
    private static final long serialVersionUID = 1;

    private final transient SplittableRandom random;

    SeededRandom(long seed) {
      this.random = new SplittableRandom(seed);
    }

    @Override
    public void nextBytes(byte[] bytes) {
      random.nextBytes(bytes);
    }
  }

  private record Terms(
      Domain domain, QuorumRule rule, Scheme scheme, ClientAlgorithm algorithm, int maxSessions) {}

  private record Keys(PublicKeys publicKeys, List<ReplicaSecrets> secrets, List<byte[]> clients) {}

  private static Keys keys(
      Terms terms, SecureRandom random, Supplier<KeyPair> attestations, List<KeyPair> clients) {
    QuorumRule rule = terms.rule;
    Scheme scheme = terms.scheme;
    Dealt ordering = deal(rule.n(), rule.quorum(), scheme, random);
    Dealt execution = deal(rule.n(), rule.weak(), scheme, random);
    List<ReplicaKeys> keys = new ArrayList<>();
    List<ReplicaSecrets> secrets = new ArrayList<>();
    Maker maker = new Maker(terms.domain, rule.n(), scheme);
    for (int i = 0; i < rule.n(); i++) {
      SecretKey order = ordering.secrets().get(i);
      SecretKey execute = execution.secrets().get(i);
      KeyPair attestation = attestations.get();
      long boot = random.nextLong();
      keys.add(maker.publicPart(i, boot, attestation, order, execute));
      secrets.add(
          new ReplicaSecrets(
              execute.encode(), maker.provision(i, boot, attestation, order).encode()));
    }
    TreeMap<Integer, byte[]> principals = new TreeMap<>();
    List<byte[]> privateKeys = new ArrayList<>();
    for (KeyPair client : clients) {
      principals.put(FIRST_PRINCIPAL + principals.size(), client.getPublic().getEncoded());
      privateKeys.add(client.getPrivate().getEncoded());
    }
    PublicKeys publicKeys =
        new PublicKeys(
            terms.domain,
            rule,
            scheme,
            terms.algorithm,
            keys,
            ordering.groupKey(),
            execution.groupKey(),
            principals,
            terms.maxSessions);
    return new Keys(publicKeys, List.copyOf(secrets), privateKeys);
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
          possession(KeyPurpose.EXECUTION, replica, execute),
          ReplicaSigner.publicKey(execute.encode()));
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
