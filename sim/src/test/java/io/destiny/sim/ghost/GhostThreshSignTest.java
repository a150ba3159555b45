package io.destiny.sim.ghost;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Instances;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GhostThreshSignTest {
  private static final Digest A = Digest.of(new byte[] {1});
  private static final Digest B = Digest.of(new byte[] {2});

  private final GhostLedger ledger =
      new GhostLedger(new Domain(new byte[16], 3), new QuorumRule(3, FaultModel.HYBRID));
  private final GhostThreshSign enclave = new GhostThreshSign(ledger, 1, GhostLedger.boot(1));

  private Result share(long value, Digest message) {
    return call(new TrustedCall.IndependentShare(0, Counters.ORDER, value, message));
  }

  private Result call(TrustedCall call) {
    return enclave.call(List.of(call)).getFirst();
  }

  private static Result refused(Result.Refusal reason, long current) {
    return new Result.Refused(reason, current);
  }

  @Test
  void aValueBindsOneMessage() {
    assertThat(share(5, A)).isInstanceOf(Result.Shared.class);
    assertThat(share(5, B)).isEqualTo(refused(Result.Refusal.COUNTER, 5));
    assertThat(share(4, A)).isEqualTo(refused(Result.Refusal.COUNTER, 5));
    assertThat(enclave.read(0, Counters.ORDER)).isEqualTo(5);
    assertThat(enclave.read(1, Counters.ORDER)).isZero();
  }

  @Test
  void aTupleOfTheRingIsAnsweredAgainWithTheSameBytes() {
    Result.Shared first = (Result.Shared) share(1, A);
    for (int v = 2; v <= GhostThreshSign.ORDER_RING; v++) {
      assertThat(share(v, B)).isInstanceOf(Result.Shared.class);
    }
    Result.Shared again = (Result.Shared) share(1, A);
    assertThat(again.share()).isEqualTo(first.share());
    assertThat(again.attestation()).isEqualTo(first.attestation());
    assertThat(enclave.read(0, Counters.ORDER)).isEqualTo(GhostThreshSign.ORDER_RING);

    share(GhostThreshSign.ORDER_RING + 1L, B);
    assertThat(share(1, A)).isInstanceOf(Result.Refused.class);
  }

  @Test
  void aContinuingCertificateNamesTheValueItFound() {
    share(7, A);
    TrustedCall.Continuing wrong = new TrustedCall.Continuing(0, Counters.ORDER, 6, 9, B);
    TrustedCall.Continuing right = new TrustedCall.Continuing(0, Counters.ORDER, 7, 9, B);
    TrustedCall.Continuing falling = new TrustedCall.Continuing(0, Counters.ORDER, 9, 8, B);
    TrustedCall.Continuing standing = new TrustedCall.Continuing(0, Counters.ORDER, 9, 9, A);

    assertThat(call(wrong)).isEqualTo(refused(Result.Refusal.COUNTER, 7));
    assertThat(((Result.Continued) call(right)).certificate().previous()).isEqualTo(7);
    assertThat(call(falling)).isEqualTo(refused(Result.Refusal.COUNTER, 9));
    assertThat(call(standing)).isInstanceOf(Result.Continued.class);
    assertThat(call(right)).as("re-issued").isInstanceOf(Result.Continued.class);
    assertThat(share(9, A)).as("a late F1").isEqualTo(refused(Result.Refusal.COUNTER, 9));
  }

  @ParameterizedTest
  @CsvSource({"3,0", "-1,0", "0,3", "0,-1", "65534,0"})
  void whatDoesNotExistIsOutOfRange(int instance, int counter) {
    assertThat(call(new TrustedCall.IndependentShare(instance, counter, 1, A)))
        .isEqualTo(refused(Result.Refusal.OUT_OF_RANGE, -1));
  }

  @Test
  void valuesAreNotNegative() {
    assertThat(share(-1, A)).isEqualTo(refused(Result.Refusal.OUT_OF_RANGE, 0));
    assertThat(call(new TrustedCall.IndependentShare(Instances.ORDER, 0, Long.MAX_VALUE, A)))
        .isInstanceOf(Result.Shared.class);
  }

  @Test
  void aSignatureWithoutShareIsTheSameStepOfTheSameCounter() {
    TrustedCall first = new TrustedCall.IndependentSignature(0, Counters.ORDER, 5, A);
    TrustedCall second = new TrustedCall.IndependentSignature(0, Counters.ORDER, 5, B);
    byte[] alone = ((Result.Attested) call(first)).attestation();
    assertThat(call(second)).isEqualTo(refused(Result.Refusal.COUNTER, 5));
    assertThat(share(5, B)).isEqualTo(refused(Result.Refusal.COUNTER, 5));
    assertThat(((Result.Shared) share(5, A)).attestation()).isEqualTo(alone);
  }

  @Test
  void afterARestartItHasNoKeys() {
    share(1, A);
    enclave.restart();
    assertThat(share(2, A)).isEqualTo(refused(Result.Refusal.NOT_PROVISIONED, -1));
    assertThat(enclave.read(0, Counters.ORDER)).isEqualTo(-1);
    assertThat(enclave.attest(new byte[8]).provisioned()).isFalse();
  }

  @Test
  void aCloneOrARollBackBreaksUniqueness() {
    GhostThreshSign clone = enclave.copy();
    share(1, A);
    assertThat(clone.call(List.of(new TrustedCall.IndependentShare(0, Counters.ORDER, 1, B))))
        .first()
        .isInstanceOf(Result.Shared.class);

    GhostThreshSign earlier = enclave.copy();
    share(2, A);
    enclave.rollBack(earlier);
    assertThat(share(2, B)).isInstanceOf(Result.Shared.class);
  }

  @Test
  void anAttestationHoldsForItsCallAndReplicaOnly() {
    GhostCrypto crypto = new GhostCrypto(ledger, 0);
    TrustedCall.IndependentShare call = new TrustedCall.IndependentShare(0, 0, 1, A);
    byte[] attestation = ((Result.Shared) call(call)).attestation();

    assertThat(attestation).hasSize(64);
    assertThat(crypto.run(new Work.VerifyAttestation(1, call, attestation)))
        .isEqualTo(new Result.Verdict(true));
    assertThat(crypto.run(new Work.VerifyAttestation(2, call, attestation)))
        .isEqualTo(new Result.Verdict(false));
    TrustedCall.IndependentShare other = new TrustedCall.IndependentShare(0, 0, 1, B);
    assertThat(crypto.run(new Work.VerifyAttestation(1, other, attestation)))
        .isEqualTo(new Result.Verdict(false));
    assertThat(crypto.run(new Work.VerifyAttestation(1, call, new byte[1])))
        .isEqualTo(new Result.Verdict(false));
  }
}
