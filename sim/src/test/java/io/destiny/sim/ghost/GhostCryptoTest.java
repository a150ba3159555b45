package io.destiny.sim.ghost;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Request;
import io.destiny.core.statement.Domain;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GhostCryptoTest {
  private static final byte[] STATEMENT = {1, 2, 3};
  private static final byte[] OTHER = {1, 2, 4};

  private final Domain domain = new Domain(new byte[16], 0);
  private final GhostLedger ledger = new GhostLedger(domain, new QuorumRule(19, FaultModel.HYBRID));
  private final GhostCrypto crypto = new GhostCrypto(ledger, 4);

  private List<Share> shares(int from, int to) {
    List<Share> shares = new ArrayList<>();
    for (int i = from; i < to; i++) {
      Result signed = new GhostCrypto(ledger, i).run(new Work.SignExecution(STATEMENT));
      shares.add(((Result.Signed) signed).share());
    }
    return shares;
  }

  private Result combine(byte[] statement, List<Share> shares) {
    return crypto.run(new Work.Combine(KeyPurpose.EXECUTION, statement, shares));
  }

  private boolean verifies(byte[] statement, Certificate certificate) {
    return crypto
        .run(new Work.VerifyCertificate(KeyPurpose.EXECUTION, statement, certificate))
        .equals(new Result.Verdict(true));
  }

  @Test
  void aThresholdOfSharesMakesACertificateThatNamesItsSigners() {
    Certificate c = ((Result.Combined) combine(STATEMENT, shares(3, 13))).certificate();

    assertThat(c.signature()).hasSize(48);
    assertThat(c.signers()).containsExactly(0b1111_1000, 0b0001_1111, 0);
    assertThat(verifies(STATEMENT, c)).isTrue();
    assertThat(verifies(OTHER, c)).isFalse();
    assertThat(crypto.run(new Work.VerifyCertificate(KeyPurpose.ORDERING, STATEMENT, c)))
        .isEqualTo(new Result.Verdict(false));
  }

  @Test
  void aCertificateThatNobodyCombinedIsNone() {
    Certificate c = ((Result.Combined) combine(STATEMENT, shares(0, 10))).certificate();
    byte[] fewer = c.signers().clone();
    fewer[0] &= 0x7F;
    byte[] stranger = c.signers().clone();
    stranger[2] |= 0x08; // replica 19 of 0..18
    byte[] flipped = c.signature().clone();
    flipped[47] ^= 1;

    assertThat(verifies(STATEMENT, new Certificate(c.signature(), fewer))).isFalse();
    assertThat(verifies(STATEMENT, new Certificate(c.signature(), stranger))).isFalse();
    assertThat(verifies(STATEMENT, new Certificate(flipped, c.signers()))).isFalse();
    assertThat(verifies(STATEMENT, new Certificate(c.signature(), new byte[0]))).isFalse();
  }

  @Test
  void badSharesAreNamed() {
    List<Share> shares = new ArrayList<>(shares(0, 12));
    shares.set(2, new Share(2, new byte[48]));
    shares.set(11, new Share(11, shares.get(1).signature()));

    assertThat(combine(STATEMENT, shares)).isEqualTo(new Result.BadShares(List.of(2, 11)));
    assertThat(combine(OTHER, shares(0, 10)))
        .isInstanceOfSatisfying(
            Result.BadShares.class, bad -> assertThat(bad.signers()).hasSize(10));
  }

  @Test
  void aRequestIsSignedByItsPrincipal() {
    long client = 5L << 32 | 9;
    List<byte[]> commands = List.of(new byte[] {1});
    byte[] statement = domain.request(client, 1, Request.group(commands));
    Request mine = Request.of(domain, client, 1, commands, ledger.signClient(5, statement));
    Request theirs = Request.of(domain, client, 1, commands, ledger.signClient(6, statement));
    Request garbage = Request.of(domain, client, 1, commands, new byte[3]);

    assertThat(crypto.run(new Work.VerifyRequests(List.of(mine))))
        .isEqualTo(new Result.Verdict(true));
    assertThat(crypto.run(new Work.VerifyRequests(List.of(mine, theirs))))
        .isEqualTo(new Result.Verdict(false));
    Work garbled = new Work.VerifyRequests(List.of(garbage));
    Work good = new Work.VerifyRequests(List.of(mine));
    assertThat(crypto.runAll(List.of(garbled, new Work.All(List.of(good, garbled)), good)))
        .containsExactly(
            new Result.Verdict(false), new Result.Verdict(false), new Result.Verdict(true));
  }
}
