package io.destiny.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What a replica signs with its own key (pbft.md §7), and certificates of more than a threshold.
 */
class ReplicaSignaturesTest {
  private static final byte[] STATEMENT = {1, 2, 3};

  private final Cluster cluster = new Cluster(4, Scheme.MULTI_SIGNATURE);

  private byte[] sign(int replica, byte[] statement) {
    Result result = cluster.replicas.get(replica).run(new Work.SignReplica(statement));
    return ((Result.Signature) result).bytes();
  }

  private boolean verifies(int replica, byte[] statement, byte[] signature) {
    return cluster
        .verifier
        .run(new Work.VerifyReplica(replica, statement, signature))
        .equals(new Result.Verdict(true));
  }

  @Test
  void aSignatureIsOfOneReplicaOverOneStatement() {
    byte[] signature = sign(2, STATEMENT);
    assertThat(signature).hasSize(Work.VerifyReplica.SIGNATURE_BYTES);
    assertThat(verifies(2, STATEMENT, signature)).isTrue();
    assertThat(verifies(1, STATEMENT, signature)).isFalse();
    assertThat(verifies(2, new byte[] {1, 2, 4}, signature)).isFalse();
    signature[0] ^= 1;
    assertThat(verifies(2, STATEMENT, signature)).isFalse();
  }

  @Test
  void whateverIsNoSignatureDoesNotVerify() {
    assertThat(verifies(-1, STATEMENT, new byte[64])).isFalse();
    assertThat(verifies(4, STATEMENT, new byte[64])).isFalse();
    assertThat(verifies(0, STATEMENT, new byte[0])).isFalse();
    assertThat(verifies(0, STATEMENT, new byte[65])).isFalse();
  }

  @Test
  void allOfThemAreOneJob() {
    List<Work> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(new Work.VerifyReplica(i, STATEMENT, sign(i, STATEMENT)));
    }
    assertThat(cluster.verifier.run(new Work.All(all))).isEqualTo(new Result.Verdict(true));
    all.add(new Work.VerifyReplica(0, STATEMENT, sign(1, STATEMENT)));
    assertThat(cluster.verifier.run(new Work.All(all))).isEqualTo(new Result.Verdict(false));
  }

  @Test
  void whoOnlyVerifiesCannotSign() {
    assertThatThrownBy(() -> cluster.verifier.run(new Work.SignReplica(STATEMENT)))
        .isInstanceOf(IllegalStateException.class);
  }

  /** 00-system-model §7: in the BFT model Q replicas vouch for a checkpoint, π asks for f+1. */
  @Test
  void aCertificateNamesAsManyAsAreAskedFor() {
    List<Share> shares = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Result signed = cluster.replicas.get(i).run(new Work.SignExecution(STATEMENT));
      shares.add(((Result.Signed) signed).share());
    }
    Work work = new Work.Combine(KeyPurpose.EXECUTION, STATEMENT, shares, 3);
    Certificate c = ((Result.Combined) cluster.verifier.run(work)).certificate();
    assertThat(c.count()).isEqualTo(3);
    assertThat(cluster.verifier.run(new Work.VerifyCertificate(KeyPurpose.EXECUTION, STATEMENT, c)))
        .isEqualTo(new Result.Verdict(true));
    shares.set(1, new Share(1, shares.getFirst().signature()));
    assertThat(cluster.verifier.run(new Work.Combine(KeyPurpose.EXECUTION, STATEMENT, shares, 3)))
        .isEqualTo(new Result.BadShares(List.of(1)));
  }

  @Test
  void theBftModelNeedsCertificatesThatTellHowManySigned() {
    QuorumRule rule = new QuorumRule(4, FaultModel.BFT);
    PublicKeys told =
        KeyCeremony.generate(
                Cluster.DOMAIN, rule, Scheme.MULTI_SIGNATURE, ClientAlgorithm.ED25519, 16)
            .publicKeys();
    told.check();
    PublicKeys silent =
        KeyCeremony.generate(Cluster.DOMAIN, rule, Scheme.THRESHOLD, ClientAlgorithm.ED25519, 16)
            .publicKeys();
    assertThatThrownBy(silent::check).hasMessageContaining("multi-signatures");
  }
}
