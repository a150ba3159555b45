package io.destiny.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import supranational.blst.BLST_ERROR;
import supranational.blst.P1_Affine;
import supranational.blst.P2_Affine;

class BlsCryptoTest {
  private static final byte[] STATEMENT = Cluster.statement("result");

  private static Work verify(byte[] statement, Certificate certificate) {
    return new Work.VerifyCertificate(KeyPurpose.EXECUTION, statement, certificate);
  }

  private static Certificate certificate(Cluster cluster, byte[] statement) {
    return ((Result.Combined) cluster.combine(statement, cluster.executionShares(statement)))
        .certificate();
  }

  private static Result bad(Integer... signers) {
    return new Result.BadShares(List.of(signers));
  }

  @ParameterizedTest
  @CsvSource({
    "1, MULTI_SIGNATURE",
    "3, MULTI_SIGNATURE",
    "20, MULTI_SIGNATURE",
    "1, THRESHOLD",
    "2, THRESHOLD",
    "3, THRESHOLD",
    "5, THRESHOLD",
    "7, THRESHOLD",
    "13, THRESHOLD",
    "14, THRESHOLD",
    "31, THRESHOLD"
  })
  void anyThresholdOfSharesMakesACertificateThatAnyoneCanVerify(int n, Scheme scheme) {
    Cluster cluster = new Cluster(n, scheme);
    cluster.keys.check();
    List<Share> shares = cluster.executionShares(STATEMENT);
    for (List<Share> some : List.of(shares, shares.reversed())) {
      Result combined = cluster.combine(STATEMENT, some);
      assertThat(combined).isInstanceOf(Result.Combined.class);
      Certificate certificate = ((Result.Combined) combined).certificate();
      assertThat(cluster.valid(verify(STATEMENT, certificate))).isTrue();
      assertThat(cluster.valid(verify(Cluster.statement("other"), certificate))).isFalse();
    }

    var message = Cluster.digest("proposal");
    long value = Counters.encode(0, 1);
    var ordering = cluster.orderingShares(Instances.ORDER, value, message);
    byte[] share = Cluster.DOMAIN.share(Instances.ORDER, Counters.ORDER, value, message);
    assertThat(cluster.verifier.run(new Work.Combine(KeyPurpose.ORDERING, share, ordering)))
        .isInstanceOf(Result.Combined.class);
  }

  @ParameterizedTest
  @CsvSource({"5, THRESHOLD", "15, THRESHOLD"})
  void allSetsOfSignersGiveTheSameThresholdSignature(int n, Scheme scheme) {
    Cluster cluster = new Cluster(n, scheme);
    List<Share> shares = cluster.executionShares(STATEMENT);
    Result first = cluster.combine(STATEMENT, shares);
    Random random = new Random(1);
    for (int i = 0; i < 20; i++) {
      java.util.Collections.shuffle(shares, random);
      assertThat(cluster.combine(STATEMENT, shares)).isEqualTo(first);
    }
  }

  @Test
  void anotherImplementationOfTheStandardAcceptsOurSignatures() {
    Cluster cluster = new Cluster(3, Scheme.MULTI_SIGNATURE);
    byte[] signature = cluster.executionShare(1, STATEMENT).signature();
    P2_Affine key = new P2_Affine(cluster.keys.replicas().get(1).executionKey());
    assertThat(
            new P1_Affine(signature)
                .core_verify(
                    key, true, STATEMENT, "DESTINY-V1-SIG-BLS12381G1_XMD:SHA-256_SSWU_RO_"))
        .isEqualTo(BLST_ERROR.BLST_SUCCESS);
  }

  @ParameterizedTest
  @EnumSource(Scheme.class)
  void oneShareLessThanTheThresholdNeverVerifies(Scheme scheme) {
    Cluster cluster = new Cluster(7, scheme);
    List<Share> few = cluster.executionShares(STATEMENT).subList(0, cluster.keys.rule().f());
    assertThat(cluster.combine(STATEMENT, few)).isEqualTo(new Result.Verdict(false));
    // what f replicas can make by themselves, under every claim about who signed
    Certificate full = certificate(cluster, STATEMENT);
    byte[] sum = few.get(0).signature();
    for (int i = 1; i < few.size(); i++) {
      sum = Points.sumInG1(sum, few.get(i).signature());
    }
    byte[] fewBits = {(byte) ((1 << few.size()) - 1)};
    for (byte[] bitmap : List.of(full.signers(), fewBits, new byte[0])) {
      assertThat(cluster.valid(verify(STATEMENT, new Certificate(sum, bitmap)))).isFalse();
      for (Share one : few) {
        assertThat(cluster.valid(verify(STATEMENT, new Certificate(one.signature(), bitmap))))
            .isFalse();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Scheme.class)
  void everyBadShareIsNamedWhereverItStands(Scheme scheme) {
    Cluster cluster = new Cluster(9, scheme);
    List<Share> good = cluster.executionShares(STATEMENT);
    for (int a = 0; a < 5; a++) {
      for (int b = a + 1; b < 9; b++) {
        List<Share> shares = new ArrayList<>(good);
        shares.set(a, cluster.executionShare(a, Cluster.statement("other")));
        shares.set(b, new Share(b, good.get(a).signature()));
        assertThat(cluster.combine(STATEMENT, shares)).isEqualTo(bad(a, b));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Scheme.class)
  void sharesThatAreNoSharesAtAllAreNamed(Scheme scheme) {
    Cluster cluster = new Cluster(5, scheme);
    List<Share> good = cluster.executionShares(STATEMENT);
    byte[] wrongFlag = good.get(1).signature().clone();
    wrongFlag[0] &= 0x7F;
    List<byte[]> hostile =
        List.of(Points.infinity(48), Points.outsideG1(3), new byte[48], wrongFlag);
    for (byte[] point : hostile) {
      List<Share> shares = new ArrayList<>(good);
      shares.set(1, new Share(1, point));
      assertThat(cluster.combine(STATEMENT, shares)).isEqualTo(bad(1));
    }
    List<Share> twice = new ArrayList<>(good);
    twice.set(1, good.get(0));
    assertThat(cluster.combine(STATEMENT, twice)).isEqualTo(bad(0));
    for (int nobody : new int[] {5, 65535, -1}) {
      List<Share> shares = new ArrayList<>(good);
      shares.set(2, new Share(nobody, good.get(2).signature()));
      assertThat(cluster.combine(STATEMENT, shares)).isEqualTo(bad(nobody));
    }
  }

  @Test
  void badSharesBehindAGoodThresholdCostNothingAndAreNotNamed() {
    Cluster cluster = new Cluster(5, Scheme.MULTI_SIGNATURE);
    List<Share> shares = cluster.executionShares(STATEMENT);
    shares.set(4, new Share(4, Points.infinity(48)));
    assertThat(cluster.combine(STATEMENT, shares)).isInstanceOf(Result.Combined.class);
  }

  @Test
  void sharesWhoseErrorsCancelAreAcceptedAndNobodyIsBlamed() {
    Cluster cluster = new Cluster(3, Scheme.MULTI_SIGNATURE);
    List<Share> good = cluster.executionShares(STATEMENT);
    byte[] error = cluster.executionShare(2, Cluster.statement("error")).signature();
    byte[] minus = Points.differenceInG1(good.get(1).signature(), error);
    List<Share> shares = List.of(Points.off(good.get(0), error), new Share(1, minus));
    Result combined = cluster.combine(STATEMENT, shares);
    assertThat(combined).isEqualTo(cluster.combine(STATEMENT, good));
    // with a third that is wrong, each is judged by itself: cancelling errors do not hide
    assertThat(
            cluster.combine(
                STATEMENT,
                List.of(shares.get(0), new Share(2, good.get(0).signature()), shares.get(1))))
        .isEqualTo(bad(0, 1, 2));
  }

  @ParameterizedTest
  @EnumSource(Scheme.class)
  void malformedCertificatesAreInvalid(Scheme scheme) {
    Cluster cluster = new Cluster(9, scheme);
    Certificate good = certificate(cluster, STATEMENT);
    byte[] outside = Points.sumInG1(good.signature(), Points.outsideG1(5));
    for (byte[] point : List.of(Points.infinity(48), new byte[48], outside)) {
      assertThat(cluster.valid(verify(STATEMENT, new Certificate(point, good.signers()))))
          .isFalse();
    }
    int length = good.signers().length;
    for (int bytes : new int[] {0, 1, 2, 3, 255}) {
      if (bytes != length) {
        byte[] bitmap = java.util.Arrays.copyOf(good.signers(), bytes);
        assertThat(cluster.valid(verify(STATEMENT, new Certificate(good.signature(), bitmap))))
            .isFalse();
      }
    }
    if (scheme == Scheme.MULTI_SIGNATURE) {
      byte[] beyond = good.signers().clone();
      beyond[1] |= 2;
      byte[] one = good.signers().clone();
      one[1] ^= 1;
      for (byte[] bitmap : List.of(beyond, one)) {
        assertThat(cluster.valid(verify(STATEMENT, new Certificate(good.signature(), bitmap))))
            .isFalse();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Scheme.class)
  void aSecondEncodingOfTheSamePointIsRefused(Scheme scheme) {
    Cluster cluster = new Cluster(3, scheme);
    int tried = 0;
    for (int i = 0; tried < 3; i++) {
      byte[] statement = Cluster.statement("statement " + i);
      Certificate good = certificate(cluster, statement);
      byte[] other = Points.nonCanonical(good.signature());
      if (other != null) {
        tried++;
        assertThat(cluster.valid(verify(statement, good))).isTrue();
        assertThat(cluster.valid(verify(statement, new Certificate(other, good.signers()))))
            .isFalse();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Scheme.class)
  void aBatchTellsTheBadCertificatesFromTheGoodOnes(Scheme scheme) {
    Cluster cluster = new Cluster(4, scheme);
    Random random = new Random(7);
    List<Work> works = new ArrayList<>();
    List<Result> expected = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      byte[] statement = Cluster.statement("slot " + i);
      List<Share> shares = cluster.executionShares(statement);
      java.util.Collections.shuffle(shares, random);
      Certificate certificate =
          ((Result.Combined) cluster.combine(statement, shares)).certificate();
      boolean wrong = i % 11 == 3;
      works.add(verify(wrong ? Cluster.statement("lie " + i) : statement, certificate));
      expected.add(new Result.Verdict(!wrong));
    }
    assertThat(cluster.verifier.runAll(works)).isEqualTo(expected);
    assertThat(cluster.valid(new Work.All(works.subList(0, 3)))).isTrue();
    assertThat(cluster.valid(new Work.All(works.subList(0, 4)))).isFalse();
    assertThat(cluster.valid(new Work.All(List.of()))).isTrue();
  }

  @Test
  void errorsThatCancelBetweenTwoCertificatesDoNotPassABatch() {
    Cluster cluster = new Cluster(3, Scheme.THRESHOLD);
    byte[] other = Cluster.statement("other");
    Certificate a = certificate(cluster, STATEMENT);
    Certificate b = certificate(cluster, other);
    byte[] error = cluster.executionShare(0, Cluster.statement("error")).signature();
    var results =
        cluster.verifier.runAll(
            List.of(
                verify(
                    STATEMENT, new Certificate(Points.sumInG1(a.signature(), error), new byte[0])),
                verify(
                    other,
                    new Certificate(Points.differenceInG1(b.signature(), error), new byte[0]))));
    assertThat(results).containsOnly(new Result.Verdict(false));
  }

  @Test
  void moreCertificatesThanOneChunkAreAllChecked() {
    Cluster cluster = new Cluster(3, Scheme.THRESHOLD);
    Certificate good = certificate(cluster, STATEMENT);
    List<Work> works = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      works.add(verify(i == 299 ? Cluster.statement("lie") : STATEMENT, good));
    }
    List<Result> results = cluster.verifier.runAll(works);
    assertThat(results.subList(0, 299)).containsOnly(new Result.Verdict(true));
    assertThat(results.get(299)).isEqualTo(new Result.Verdict(false));
  }

  @ParameterizedTest
  @EnumSource(Scheme.class)
  void noBytesMakeItThrow(Scheme scheme) {
    Cluster cluster = new Cluster(4, scheme);
    Random random = new Random(11);
    List<Share> good = cluster.executionShares(STATEMENT);
    List<Work> works = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      byte[] point = new byte[48];
      random.nextBytes(point);
      byte[] bitmap = new byte[random.nextInt(3)];
      random.nextBytes(bitmap);
      byte[] statement = new byte[random.nextInt(100)];
      works.add(verify(statement, new Certificate(point, bitmap)));
      works.add(
          new Work.VerifyAttestation(
              random.nextInt(6) - 1,
              new TrustedCall.IndependentShare(0, 0, 1, Digest.of(statement)),
              point));
      List<Share> shares = new ArrayList<>(good);
      shares.set(random.nextInt(4), new Share(random.nextInt(), point));
      works.add(new Work.Combine(KeyPurpose.EXECUTION, STATEMENT, shares));
    }
    works.add(new Work.Combine(KeyPurpose.ORDERING, STATEMENT, List.of()));
    for (Result result : cluster.verifier.runAll(works)) {
      assertThat(result)
          .isInstanceOfAny(Result.Verdict.class, Result.BadShares.class, Result.Combined.class);
      assertThat(result).isNotEqualTo(new Result.Verdict(true));
    }
  }
}
