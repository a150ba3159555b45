package io.destiny.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.trusted.Counters;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A signature is good for one statement of one kind in one place, and nowhere else. */
class TransplantTest {
  private static final Digest M = Cluster.digest("m");
  private static final Domain HERE = Cluster.DOMAIN;

  private static List<byte[]> elsewhere() {
    List<byte[]> statements = new ArrayList<>();
    for (Domain d : List.of(Cluster.domain(2, 7), Cluster.domain(1, 8))) {
      statements.add(d.share(0, Counters.ORDER, 5, M));
    }
    statements.add(HERE.share(1, Counters.ORDER, 5, M));
    statements.add(HERE.share(Instances.ORDER, Counters.ORDER, 5, M));
    statements.add(HERE.share(0, Counters.NEW_VIEW, 5, M));
    statements.add(HERE.share(0, Counters.ORDER, 6, M));
    statements.add(HERE.share(0, Counters.ORDER, 5, Cluster.digest("n")));
    statements.add(HERE.shareSignature(0, 0, 0, Counters.ORDER, 5, M));
    statements.add(HERE.continuing(0, 0, 0, Counters.ORDER, 0, 5, M));
    statements.add(HERE.execution(0, 5, 5, M));
    statements.add(HERE.checkpoint(5, M));
    for (StatementKind kind : StatementKind.values()) {
      if (kind != StatementKind.SHARE) {
        statements.add(HERE.begin(kind, 0, 0, 5).u8(Counters.ORDER).digest(M).toBytes());
      }
    }
    return statements;
  }

  @ParameterizedTest
  @EnumSource(Scheme.class)
  void aCertificateOrShareIsWorthNothingAnywhereElse(Scheme scheme) {
    Cluster cluster = new Cluster(3, scheme);
    var shares = cluster.orderingShares(0, 5, M);
    byte[] statement = HERE.share(0, Counters.ORDER, 5, M);
    Result combined =
        cluster.verifier.run(new Work.Combine(KeyPurpose.ORDERING, statement, shares));
    Certificate certificate = ((Result.Combined) combined).certificate();

    List<Work> works = new ArrayList<>();
    for (byte[] other : elsewhere()) {
      for (KeyPurpose purpose : KeyPurpose.values()) {
        works.add(new Work.VerifyCertificate(purpose, other, certificate));
      }
      assertThat(cluster.verifier.run(new Work.Combine(KeyPurpose.ORDERING, other, shares)))
          .isEqualTo(new Result.BadShares(List.of(0, 1, 2)));
    }
    works.add(new Work.VerifyCertificate(KeyPurpose.EXECUTION, statement, certificate));
    assertThat(cluster.verifier.runAll(works)).containsOnly(new Result.Verdict(false));
    assertThat(
            cluster.valid(new Work.VerifyCertificate(KeyPurpose.ORDERING, statement, certificate)))
        .isTrue();
  }
}
