package io.destiny.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Result.Refusal;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.ThreshSign;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.core.trusted.TrustedCall.Continuing;
import io.destiny.core.trusted.TrustedCall.IndependentShare;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Trusted-subsystem.md §3 and §4, on the class that also runs inside the isolated process. */
class ThreshSignTest {
  private static final Digest A = Cluster.digest("a");
  private static final Digest B = Cluster.digest("b");

  private final Cluster cluster = new Cluster(3, Scheme.MULTI_SIGNATURE);
  private final ThreshSign trusted = cluster.trusted.getFirst();

  private Result call(TrustedCall call) {
    return trusted.call(List.of(call)).getFirst();
  }

  private Result f1(long value, Digest message) {
    return call(new IndependentShare(0, Counters.ORDER, value, message));
  }

  /** F1 without a share. */
  private Result signature(long value, Digest message) {
    return call(new TrustedCall.IndependentSignature(0, Counters.ORDER, value, message));
  }

  private Result f4(long expected, long value, Digest message) {
    return call(new Continuing(0, Counters.ORDER, expected, value, message));
  }

  private static Result refused(long current) {
    return new Result.Refused(Refusal.COUNTER, current);
  }

  private static byte[] bytes(Result result) {
    return switch (result) {
      case Result.Shared s -> {
        byte[] both = java.util.Arrays.copyOf(s.share().signature(), 48 + 64);
        System.arraycopy(s.attestation(), 0, both, 48, 64);
        yield both;
      }
      case Result.Continued c -> c.certificate().signature();
      default -> throw new AssertionError(result);
    };
  }

  @Test
  void f1WantsAValueAboveTheCurrentOne() {
    assertThat(f1(0, A)).isEqualTo(refused(0));
    assertThat(f1(5, A)).isInstanceOf(Result.Shared.class);
    assertThat(f1(5, B)).isEqualTo(refused(5));
    assertThat(f1(4, B)).isEqualTo(refused(5));
    assertThat(trusted.read(0, Counters.ORDER)).isEqualTo(5);
    assertThat(f1(9, B)).as("F1 may jump").isInstanceOf(Result.Shared.class);
  }

  @Test
  void f4WantsExactlyTheCurrentValueAndNeverFalls() {
    f1(5, A);
    assertThat(f4(4, 7, B)).isEqualTo(refused(5));
    assertThat(f4(6, 7, B)).isEqualTo(refused(5));
    assertThat(f4(5, 4, B)).isEqualTo(refused(5));
    assertThat(f4(5, 5, B)).as("a trusted MAC").isInstanceOf(Result.Continued.class);
    assertThat(f4(5, 8, B)).isInstanceOf(Result.Continued.class);
    assertThat(f1(7, A)).as("T3: nothing in (5, 8] any more").isEqualTo(refused(8));
    assertThat(f4(5, 9, A)).as("T4").isEqualTo(refused(8));
  }

  @Test
  void whatWasIssuedVerifiesUnderTheKeysOfTheManifest() {
    Result.Shared shared = (Result.Shared) f1(5, A);
    long boot = cluster.keys.replicas().getFirst().boot();
    var call = new TrustedCall.IndependentShare(0, Counters.ORDER, 5, A);
    assertThat(cluster.valid(new Work.VerifyAttestation(0, call, shared.attestation()))).isTrue();
    assertThat(cluster.valid(new Work.VerifyAttestation(1, call, shared.attestation()))).isFalse();
    var other = new TrustedCall.IndependentShare(0, Counters.ORDER, 6, A);
    assertThat(cluster.valid(new Work.VerifyAttestation(0, other, shared.attestation()))).isFalse();
    var certificate = ((Result.Continued) f4(5, 6, B)).certificate();
    byte[] s2 = Cluster.DOMAIN.continuing(0, boot, 0, Counters.ORDER, 5, 6, B);
    assertThat(cluster.attested(0, s2, certificate.signature())).isTrue();
    byte[] gap = Cluster.DOMAIN.continuing(0, boot, 0, Counters.ORDER, 4, 6, B);
    assertThat(cluster.attested(0, gap, certificate.signature())).isFalse();
  }

  @Test
  void theLast256TuplesOfOrderAreIssuedAgainByteForByteAndOlderOnesAreNot() {
    Map<Long, byte[]> first = new HashMap<>();
    for (long v = 1; v <= 300; v++) {
      Result result = v % 7 == 0 ? f4(v - 1, v, A) : f1(v, A);
      first.put(v, bytes(result));
    }
    for (long v = 1; v <= 300; v++) {
      Result again = v % 7 == 0 ? f4(v - 1, v, A) : f1(v, A);
      if (v <= 300 - 256) {
        assertThat(again).as("value %d", v).isEqualTo(refused(300));
      } else {
        assertThat(bytes(again)).as("value %d", v).isEqualTo(first.get(v));
        assertThat(f1(v, B)).as("another message at %d", v).isEqualTo(refused(300));
      }
    }
    assertThat(trusted.read(0, Counters.ORDER)).isEqualTo(300);
  }

  @Test
  void otherCountersRememberFour() {
    for (long v = 1; v <= 6; v++) {
      call(new IndependentShare(1, Counters.NEW_VIEW, v, A));
    }
    assertThat(call(new IndependentShare(1, Counters.NEW_VIEW, 2, A))).isEqualTo(refused(6));
    assertThat(call(new IndependentShare(1, Counters.NEW_VIEW, 3, A)))
        .isInstanceOf(Result.Shared.class);
  }

  @Test
  void aTupleOfOneFunctionIsNotReissuedByTheOther() {
    f1(5, A);
    assertThat(f4(0, 5, A)).isEqualTo(refused(5));
    f4(5, 6, A);
    assertThat(f1(6, A)).isEqualTo(refused(6));
    assertThat(f4(4, 6, A)).isEqualTo(refused(6));
  }

  @Test
  void countersOfInstancesAreIndependentAndABatchRunsInOrder() {
    List<Result> results =
        trusted.call(
            List.of(
                new IndependentShare(0, Counters.ORDER, 1, A),
                new Continuing(0, Counters.ORDER, 1, 4, B),
                new IndependentShare(0, Counters.ORDER, 3, A),
                new IndependentShare(2, Counters.ORDER, 3, A),
                new IndependentShare(Instances.ORDER, Counters.ORDER, 2, A)));
    assertThat(results.get(2)).isEqualTo(refused(4));
    assertThat(results.get(3)).isInstanceOf(Result.Shared.class);
    assertThat(trusted.read(Instances.ORDER, Counters.ORDER)).isEqualTo(2);
    assertThat(trusted.read(1, Counters.ORDER)).isZero();
  }

  @Test
  void sixtyFourThreadsRacingOnOneCounterNeverGetTwoMessagesForOneValue() throws Exception {
    record Issued(int thread, TrustedCall call) {}
    ConcurrentLinkedQueue<Issued> issued = new ConcurrentLinkedQueue<>();
    CountDownLatch start = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 64; t++) {
      int number = t;
      Digest mine = Cluster.digest("thread " + t);
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      start.await();
                    } catch (InterruptedException e) {
                      return;
                    }
                    for (long v = 1; v <= 40; v++) {
                      TrustedCall call =
                          number % 4 == 0
                              ? new Continuing(1, Counters.ORDER, v - 1, v, mine)
                              : new IndependentShare(1, Counters.ORDER, v, mine);
                      if (!(call(call) instanceof Result.Refused)) {
                        issued.add(new Issued(number, call));
                      }
                    }
                  }));
    }
    start.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(issued).isNotEmpty();
    assertThat(issued.stream().map(i -> i.call().value()))
        .as("T1: one statement for each value, of whichever function")
        .doesNotHaveDuplicates();
    assertThat(trusted.read(1, Counters.ORDER)).isEqualTo(40);
  }

  @Test
  void anyMixOfCallsKeepsUniquenessMonotonicityAndContinuity() {
    Random random = new Random(42);
    Map<Long, Digest> independent = new HashMap<>();
    Map<Long, Digest> steps = new HashMap<>();
    long model = 0;
    for (int i = 0; i < 2000; i++) {
      long value = Math.max(0, model - 3 + random.nextInt(7));
      Digest message = random.nextBoolean() ? A : B;
      boolean first = random.nextBoolean();
      long expected = Math.max(0, model - 1 + random.nextInt(3));
      Result result = first ? f1(value, message) : f4(expected, value, message);
      long now = trusted.read(0, Counters.ORDER);
      assertThat(now).isGreaterThanOrEqualTo(model);
      if (result instanceof Result.Refused) {
        assertThat(now).isEqualTo(model);
      } else if (first) {
        assertThat(independent.putIfAbsent(value, message)).isIn(null, message);
        assertThat(steps).as("T3").doesNotContainKey(value);
      } else if (value > expected) {
        assertThat(steps.putIfAbsent(value, message)).as("T4").isIn(null, message);
        for (long v = expected + 1; v <= value; v++) {
          assertThat(independent).as("T3").doesNotContainKey(v);
        }
      }
      model = now;
    }
    assertThat(independent.size() + steps.size()).isGreaterThan(200);
  }

  @Test
  void aQuoteIsSignedByTheAttestedKey() {
    byte[] nonce = {1, 2, 3};
    ThreshSign.Quote quote = trusted.attest(nonce);
    ReplicaKeys keys = cluster.keys.replicas().getFirst();
    assertThat(quote.provisioned()).isTrue();
    assertThat(quote.boot()).isEqualTo(keys.boot());
    assertThat(quote.shareKey()).isEqualTo(keys.orderingKey());
    byte[] statement =
        Cluster.DOMAIN
            .begin(io.destiny.core.statement.StatementKind.QUOTE, 0, 0, 0)
            .u16(0)
            .u64(quote.boot())
            .bytes(quote.attestationKey())
            .bytes(quote.shareKey())
            .bytes(nonce)
            .toBytes();
    assertThat(cluster.attested(0, statement, quote.signature())).isTrue();
  }

  @Test
  void aSignatureWithoutShareIsTheSameStepOfTheSameCounter() {
    byte[] alone = ((Result.Attested) signature(5, A)).attestation();
    assertThat(signature(5, B)).isEqualTo(refused(5));
    assertThat(signature(4, A)).isEqualTo(refused(5));
    assertThat(f1(5, B)).isEqualTo(refused(5));
    // One tuple, however it is asked for: the same bytes again, and no second message.
    assertThat(((Result.Attested) signature(5, A)).attestation()).isEqualTo(alone);
    assertThat(((Result.Shared) f1(5, A)).attestation()).isEqualTo(alone);
    assertThat(f1(6, A)).isInstanceOf(Result.Shared.class);
    assertThat(signature(6, B)).isEqualTo(refused(6));
  }
}
