package io.destiny.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Work;
import io.destiny.crypto.bls.Ciphersuite;
import io.destiny.crypto.bls.SecretKey;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublicKeysTest {
  private static final byte[] NONE = {};

  private static PublicKeys with(PublicKeys k, int replica, ReplicaKeys replacement) {
    List<ReplicaKeys> replicas = new ArrayList<>(k.replicas());
    replicas.set(replica, replacement);
    return new PublicKeys(
        k.domain(),
        k.rule(),
        k.scheme(),
        k.clientAlgorithm(),
        replicas,
        k.orderingGroupKey(),
        k.executionGroupKey(),
        k.principals(),
        k.maxSessions());
  }

  private static PublicKeys withGroup(PublicKeys k, byte[] ordering) {
    return new PublicKeys(
        k.domain(),
        k.rule(),
        k.scheme(),
        k.clientAlgorithm(),
        k.replicas(),
        ordering,
        k.executionGroupKey(),
        k.principals(),
        k.maxSessions());
  }

  private static PublicKeys withPrincipals(PublicKeys k, SortedMap<Integer, byte[]> principals) {
    return new PublicKeys(
        k.domain(),
        k.rule(),
        k.scheme(),
        k.clientAlgorithm(),
        k.replicas(),
        k.orderingGroupKey(),
        k.executionGroupKey(),
        principals,
        k.maxSessions());
  }

  private static ReplicaKeys execution(ReplicaKeys k, byte[] key, byte[] possession) {
    return new ReplicaKeys(
        k.boot(),
        k.attestationKey(),
        k.orderingKey(),
        k.orderingPossession(),
        key,
        possession,
        k.signingKey());
  }

  private static void refused(PublicKeys keys, String sentence) {
    assertThatThrownBy(keys::check)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 13, 14, 40})
  void freshKeysPass(int n) {
    for (Scheme scheme : Scheme.values()) {
      assertThatCode(() -> Cluster.keys(n, scheme).check()).doesNotThrowAnyException();
    }
  }

  @Test
  void aRogueKeySpeaksForOthersUnlessPossessionIsChecked() {
    PublicKeys honest = Cluster.keys(3, Scheme.MULTI_SIGNATURE);
    SecretKey mine = SecretKey.generate(new SecureRandom());
    // replica 1 registers "mine minus replica 0's", so that both together are just "mine"
    byte[] rogue =
        Points.differenceInG2(mine.publicKey().encode(), honest.replicas().get(0).executionKey());
    byte[] statement = PublicKeys.possession(honest.domain(), KeyPurpose.EXECUTION, 1, rogue);
    byte[] possession = mine.sign(statement, Ciphersuite.POSSESSION);
    PublicKeys keys = with(honest, 1, execution(honest.replicas().get(1), rogue, possession));

    byte[] lie = Cluster.statement("replica 0 never said this");
    Certificate forged = new Certificate(mine.sign(lie, Ciphersuite.STATEMENT), new byte[] {0b011});
    assertThat(
            new BlsCrypto(keys).run(new Work.VerifyCertificate(KeyPurpose.EXECUTION, lie, forged)))
        .as("the attack works on keys that nobody checked")
        .isEqualTo(new io.destiny.core.crypto.Result.Verdict(true));
    refused(keys, "replica 1 does not prove possession of its key for EXECUTION");
  }

  @Test
  void aProofOfPossessionServesOneReplicaOnePurposeAndOneKey() {
    PublicKeys k = Cluster.keys(3, Scheme.MULTI_SIGNATURE);
    ReplicaKeys zero = k.replicas().get(0);
    refused(
        with(k, 1, execution(k.replicas().get(1), zero.executionKey(), zero.executionPossession())),
        "replica 1 does not prove possession");
    refused(
        with(k, 0, execution(zero, zero.orderingKey(), zero.orderingPossession())),
        "replica 0 does not prove possession");
    refused(with(k, 0, execution(zero, zero.executionKey(), NONE)), "lacks a proof");
    SecretKey other = SecretKey.generate(new SecureRandom());
    byte[] key = other.publicKey().encode();
    byte[] statement = PublicKeys.possession(k.domain(), KeyPurpose.EXECUTION, 0, key);
    refused(
        with(k, 0, execution(zero, key, other.sign(statement, Ciphersuite.STATEMENT))),
        "replica 0 does not prove possession");
  }

  @ParameterizedTest
  @EnumSource(Scheme.class)
  void pointsThatAreNoKeysAreRefused(Scheme scheme) {
    PublicKeys k = Cluster.keys(3, scheme);
    ReplicaKeys two = k.replicas().get(2);
    byte[] flag = two.executionKey().clone();
    flag[0] &= 0x7F;
    for (byte[] point :
        List.of(Points.infinity(96), Points.outsideG2(1), NONE, new byte[96], new byte[95], flag)) {
      PublicKeys bad = with(k, 2, execution(two, point, two.executionPossession()));
      refused(bad, "replica 2's key for EXECUTION is no point of the group");
      assertThatThrownBy(() -> new BlsCrypto(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 7, 14})
  void aShareKeyOffThePolynomialIsFound(int n) {
    PublicKeys k = Cluster.keys(n, Scheme.THRESHOLD);
    for (int replica : new int[] {0, n - 1}) {
      byte[] key = SecretKey.generate(new SecureRandom()).publicKey().encode();
      refused(with(k, replica, execution(k.replicas().get(replica), key, NONE)), "EXECUTION");
    }
    refused(withGroup(k, k.executionGroupKey()), "ORDERING do not belong together");
    refused(withGroup(k, NONE), "the group's key for ORDERING");
  }

  @Test
  void schemesDoNotMix() {
    PublicKeys threshold = Cluster.keys(3, Scheme.THRESHOLD);
    PublicKeys multi = Cluster.keys(3, Scheme.MULTI_SIGNATURE);
    refused(withGroup(multi, threshold.orderingGroupKey()), "no group key");
    refused(with(threshold, 0, multi.replicas().get(0)), "do not belong together");
  }

  @Test
  void otherKeysAreCheckedToo() {
    PublicKeys k = Cluster.keys(3, Scheme.MULTI_SIGNATURE);
    ReplicaKeys one = k.replicas().get(1);
    for (byte[] key : List.of(NONE, new byte[32], new byte[44])) {
      refused(
          with(
              k,
              1,
              new ReplicaKeys(
                  one.boot(),
                  key,
                  one.orderingKey(),
                  one.orderingPossession(),
                  one.executionKey(),
                  one.executionPossession(),
                  one.signingKey())),
          "replica 1's attestation key");
    }
    byte[] ec =
        new Cluster(1, Scheme.THRESHOLD, ClientAlgorithm.ECDSA_P256, Cluster.DOMAIN)
            .keys
            .principals()
            .get(1);
    refused(withPrincipals(k, new TreeMap<>(java.util.Map.of(4, ec))), "principal 4's key");
  }

  @Test
  void aRawAttestationKeyIsAsGoodAsAnEncodedOne() {
    PublicKeys k = Cluster.keys(3, Scheme.MULTI_SIGNATURE);
    ReplicaKeys one = k.replicas().get(1);
    byte[] raw = java.util.Arrays.copyOfRange(one.attestationKey(), 12, 44);
    ReplicaKeys same =
        new ReplicaKeys(
            one.boot(),
            raw,
            one.orderingKey(),
            one.orderingPossession(),
            one.executionKey(),
            one.executionPossession(),
            one.signingKey());
    assertThatCode(with(k, 1, same)::check).doesNotThrowAnyException();
  }

  @Test
  void enrolmentIsAMatterOfPrincipalAndSession() {
    PublicKeys k = Cluster.keys(3, Scheme.MULTI_SIGNATURE);
    long principal = 1L << 32;
    assertThat(k.enrolled(principal)).isTrue();
    assertThat(k.enrolled(principal | 15)).isTrue();
    assertThat(k.enrolled(principal | 16)).isFalse();
    assertThat(k.enrolled(principal | 0xFFFF_FFFFL)).isFalse();
    assertThat(k.enrolled(15)).isFalse();
    assertThat(k.enrolled(2L << 32)).isFalse();
    assertThat(k.enrolled(-1)).isFalse();
  }
}
