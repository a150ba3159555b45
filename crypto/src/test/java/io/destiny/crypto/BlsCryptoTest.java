package io.destiny.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Instances;
import io.destiny.core.trusted.Counters;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlsCryptoTest {
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
  void sharesOfTheLastReplicasMakeACertificateThatAnyoneCanVerify(int n, Scheme scheme) {
    Cluster cluster = new Cluster(n, scheme);
    cluster.keys.check();
    byte[] statement = Cluster.statement("result");
    var shares = cluster.executionShares(statement);
    var combined = cluster.combine(statement, shares.reversed());
    assertThat(combined).isInstanceOf(Result.Combined.class);
    var certificate = ((Result.Combined) combined).certificate();
    assertThat(
            cluster.valid(new Work.VerifyCertificate(KeyPurpose.EXECUTION, statement, certificate)))
        .isTrue();
    assertThat(
            cluster.valid(
                new Work.VerifyCertificate(
                    KeyPurpose.EXECUTION, Cluster.statement("other"), certificate)))
        .isFalse();

    var message = Cluster.digest("proposal");
    long value = Counters.encode(0, 1);
    var ordering = cluster.orderingShares(Instances.ORDER, value, message);
    byte[] share = Cluster.DOMAIN.share(Instances.ORDER, Counters.ORDER, value, message);
    assertThat(cluster.verifier.run(new Work.Combine(KeyPurpose.ORDERING, share, ordering)))
        .isInstanceOf(Result.Combined.class);
  }
}
