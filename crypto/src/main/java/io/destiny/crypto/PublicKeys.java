package io.destiny.crypto;

import io.destiny.core.crypto.ClientRegistry;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.model.Assignment;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Reconfiguration;
import io.destiny.core.model.Request;
import io.destiny.core.statement.Domain;
import io.destiny.crypto.bls.AggregateScheme;
import io.destiny.crypto.bls.BatchVerifier;
import io.destiny.crypto.bls.Ciphersuite;
import io.destiny.crypto.bls.Claim;
import io.destiny.crypto.bls.MultiSignatureScheme;
import io.destiny.crypto.bls.PublicKey;
import io.destiny.crypto.bls.ThresholdScheme;
import io.destiny.crypto.sign.SignatureSuite;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All public keys of a cluster: with these, anyone can verify its certificates.
 *
 * @param replicas in order, one for each replica
 * @param orderingGroupKey with {@link Scheme#THRESHOLD} the group's key, 96 bytes; else empty
 * @param executionGroupKey likewise
 * @param principals each enrolled client's public key, by its number
 * @param maxSessions sessions 0..maxSessions-1 of each principal may send requests
 * @param administratorsKey what the administrators' requests are signed with, the same in all
 *     epochs: the provisioner's Ed25519 key, X.509; empty where there are none, as in a simulation
 */
public record PublicKeys(
    Domain domain,
    QuorumRule rule,
    Scheme scheme,
    ClientAlgorithm clientAlgorithm,
    List<ReplicaKeys> replicas,
    byte[] orderingGroupKey,
    byte[] executionGroupKey,
    SortedMap<Integer, byte[]> principals,
    int maxSessions,
    byte[] administratorsKey)
    implements ClientRegistry {
  public PublicKeys {
    replicas = List.copyOf(replicas);
    principals = Collections.unmodifiableSortedMap(new TreeMap<>(principals));
  }

  /** Keys of a cluster without administrators. */
  public PublicKeys(
      Domain domain,
      QuorumRule rule,
      Scheme scheme,
      ClientAlgorithm clientAlgorithm,
      List<ReplicaKeys> replicas,
      byte[] orderingGroupKey,
      byte[] executionGroupKey,
      SortedMap<Integer, byte[]> principals,
      int maxSessions) {
    this(
        domain,
        rule,
        scheme,
        clientAlgorithm,
        replicas,
        orderingGroupKey,
        executionGroupKey,
        principals,
        maxSessions,
        new byte[0]);
  }

  /** The same with administrators. */
  public PublicKeys withAdministrators(byte[] key) {
    return new PublicKeys(
        domain,
        rule,
        scheme,
        clientAlgorithm,
        replicas,
        orderingGroupKey,
        executionGroupKey,
        principals,
        maxSessions,
        key);
  }

  @Override
  public boolean enrolled(long client) {
    if (Reconfiguration.administers(client)) {
      return client == Reconfiguration.CLIENT && administratorsKey.length > 0;
    }
    long session = Assignment.asker(client) & 0xFFFF_FFFFL;
    return session < maxSessions && principals.containsKey(Request.principal(client));
  }

  /** How many shares make a certificate. */
  public int threshold(KeyPurpose purpose) {
    return purpose == KeyPurpose.ORDERING ? rule.quorum() : rule.weak();
  }

  /**
   * Checks everything that must hold before these keys are trusted; costs about a millisecond a
   * replica.
   *
   * @throws IllegalArgumentException with one sentence that says which key is wrong and how
   */
  public void check() {
    require(replicas.size() == rule.n(), "there are keys for another number of replicas");
    require(maxSessions > 0, "maxSessions must be positive");
    for (int i = 0; i < replicas.size(); i++) {
      attestationKey(i);
      signingKey(i);
    }
    require(
        rule.model() != FaultModel.BFT || scheme == Scheme.MULTI_SIGNATURE,
        "the BFT model needs certificates that say how many signed: multi-signatures");
    principals.keySet().forEach(this::principalKey);
    if (administratorsKey.length > 0) {
      administrators();
    }
    for (KeyPurpose purpose : KeyPurpose.values()) {
      AggregateScheme aggregates = aggregateScheme(purpose);
      if (aggregates instanceof ThresholdScheme threshold) {
        require(
            threshold.consistent(),
            "the shares' keys and the group's key of " + purpose + " do not belong together");
      }
      checkPossession(purpose, aggregates);
    }
  }

  private static void require(boolean condition, String sentence) {
    if (!condition) {
      throw new IllegalArgumentException(sentence);
    }
  }

  private void checkPossession(KeyPurpose purpose, AggregateScheme aggregates) {
    List<Claim> claims = new ArrayList<>();
    for (int i = 0; i < replicas.size(); i++) {
      ReplicaKeys keys = replicas.get(i);
      boolean ordering = purpose == KeyPurpose.ORDERING;
      byte[] proof = ordering ? keys.orderingPossession() : keys.executionPossession();
      if (scheme == Scheme.THRESHOLD) {
        require(proof.length == 0, "threshold keys have no proof of possession");
        continue;
      }
      require(proof.length > 0, "replica " + i + " lacks a proof of possession for " + purpose);
      byte[] statement = possession(domain, purpose, i, blsKey(purpose, i));
      claims.add(new Claim(aggregates.shareKey(i), statement, proof));
    }
    boolean[] valid = BatchVerifier.verify(claims, Ciphersuite.POSSESSION);
    for (int i = 0; i < valid.length; i++) {
      require(valid[i], "replica " + i + " does not prove possession of its key for " + purpose);
    }
  }

  /** What a proof of possession signs. */
  static byte[] possession(Domain domain, KeyPurpose purpose, int replica, byte[] key) {
    int code =
        switch (purpose) {
          case ORDERING -> 0;
          case EXECUTION -> 1;
        };
    return domain.possession(code, replica, key);
  }

  private byte[] blsKey(KeyPurpose purpose, int replica) {
    ReplicaKeys keys = replicas.get(replica);
    return purpose == KeyPurpose.ORDERING ? keys.orderingKey() : keys.executionKey();
  }

  /** The decoded keys of one purpose. */
  AggregateScheme aggregateScheme(KeyPurpose purpose) {
    List<PublicKey> keys = new ArrayList<>(replicas.size());
    for (int i = 0; i < replicas.size(); i++) {
      keys.add(decode(blsKey(purpose, i), "replica " + i + "'s key for " + purpose));
    }
    byte[] group = purpose == KeyPurpose.ORDERING ? orderingGroupKey : executionGroupKey;
    if (scheme == Scheme.MULTI_SIGNATURE) {
      require(group.length == 0, "multi-signatures have no group key");
      return new MultiSignatureScheme(keys, threshold(purpose));
    }
    return new ThresholdScheme(
        keys, decode(group, "the group's key for " + purpose), threshold(purpose));
  }

  private static PublicKey decode(byte[] encoded, String what) {
    try {
      return PublicKey.decode(encoded);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(what + " is no point of the group", e);
    }
  }

  java.security.PublicKey attestationKey(int replica) {
    try {
      return SignatureSuite.ED25519.publicKey(replicas.get(replica).attestationKey());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "replica " + replica + "'s attestation key is no Ed25519 key", e);
    }
  }

  java.security.PublicKey signingKey(int replica) {
    try {
      return SignatureSuite.ED25519.publicKey(replicas.get(replica).signingKey());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "replica " + replica + "'s signing key is no Ed25519 key", e);
    }
  }

  java.security.PublicKey principalKey(int principal) {
    byte[] encoded = principals.get(principal);
    try {
      if (encoded == null) {
        throw new IllegalArgumentException("no such principal");
      }
      return suite(clientAlgorithm).publicKey(encoded);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "principal " + principal + "'s key is no " + clientAlgorithm + " key", e);
    }
  }

  /** What checks the administrators' requests. */
  java.security.PublicKey administrators() {
    try {
      return SignatureSuite.ED25519.publicKey(administratorsKey);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the provisioner's key is no Ed25519 key", e);
    }
  }

  static SignatureSuite suite(ClientAlgorithm algorithm) {
    return algorithm == ClientAlgorithm.ED25519
        ? SignatureSuite.ED25519
        : SignatureSuite.ECDSA_P256;
  }
}
