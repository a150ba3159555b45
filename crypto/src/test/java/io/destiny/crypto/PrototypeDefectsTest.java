package io.destiny.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Result.Refusal;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.ThreshSign;
import io.destiny.core.trusted.TrustedCall;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The defects of the published prototype (reliability.md §2.1) that concern this module. */
class PrototypeDefectsTest {
  private record Tuple(int instance, int counter, long value, Digest message) {}

  private static Digest random(Random random) {
    return new Digest(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }

  /** The digest a host would pass at {@code at} to forge {@code wanted} at {@code target}. */
  private static Digest xor(Digest wanted, long target, long at) {
    return new Digest(wanted.a(), wanted.b(), wanted.c() ^ target ^ at, wanted.d());
  }

  @Test
  void p1NoCertificateVerifiesForATupleThatWasNotIssued() {
    Cluster cluster = new Cluster(1, Scheme.MULTI_SIGNATURE);
    ThreshSign trusted = cluster.trusted.getFirst();
    Random random = new Random(1);
    List<Work> forgeries = new ArrayList<>();
    List<Work> honest = new ArrayList<>();
    long value = 0;
    for (int i = 0; i < 64; i++) {
      long target = value + 1 + random.nextInt(1000);
      value = target + 1 + random.nextInt(1000);
      Digest wanted = random(random);
      int counter = random.nextInt(Counters.COUNT);
      Digest submitted = xor(wanted, target, value);
      TrustedCall call = new TrustedCall.IndependentShare(0, counter, value, submitted);
      Result.Shared shared = (Result.Shared) trusted.call(List.of(call)).getFirst();
      Certificate certificate = new Certificate(shared.share().signature(), new byte[] {1});
      honest.add(claim(new Tuple(0, counter, value, submitted), certificate));
      for (Tuple other :
          List.of(
              new Tuple(0, counter, target, wanted),
              new Tuple(0, counter, target, submitted),
              new Tuple(0, counter, value, wanted),
              new Tuple(0, (counter + 1) % Counters.COUNT, value, submitted),
              new Tuple(Instances.ORDER, counter, value, submitted))) {
        forgeries.add(claim(other, certificate));
      }
    }
    assertThat(cluster.verifier.runAll(honest)).containsOnly(new Result.Verdict(true));
    assertThat(cluster.verifier.runAll(forgeries)).containsOnly(new Result.Verdict(false));
  }

  private static Work claim(Tuple t, Certificate certificate) {
    byte[] statement = Cluster.DOMAIN.share(t.instance(), t.counter(), t.value(), t.message());
    return new Work.VerifyCertificate(KeyPurpose.ORDERING, statement, certificate);
  }

  @Test
  void p1AttestationsOfContinuingCertificatesCannotBeMovedEither() {
    Cluster cluster = new Cluster(1, Scheme.MULTI_SIGNATURE);
    ThreshSign trusted = cluster.trusted.getFirst();
    long boot = cluster.keys.replicas().getFirst().boot();
    Random random = new Random(2);
    long current = 0;
    for (int i = 0; i < 4000; i++) {
      long target = current + 1 + random.nextInt(100);
      long next = target + 1 + random.nextInt(100);
      Digest wanted = random(random);
      Digest submitted = xor(wanted, target, next);
      var call = new TrustedCall.Continuing(0, Counters.ORDER, current, next, submitted);
      byte[] signature =
          ((Result.Continued) trusted.call(List.of(call)).getFirst()).certificate().signature();
      byte[] issued =
          Cluster.DOMAIN.continuing(0, boot, 0, Counters.ORDER, current, next, submitted);
      byte[] forged =
          Cluster.DOMAIN.continuing(0, boot, 0, Counters.ORDER, current, target, wanted);
      assertThat(cluster.attested(0, issued, signature)).isTrue();
      assertThat(cluster.attested(0, forged, signature)).isFalse();
      current = next;
    }
  }

  @Test
  void p1SignedStatementsOfDifferentTuplesAreNeverTheSameBytes() {
    Random random = new Random(3);
    Set<Tuple> tuples = new HashSet<>();
    Set<Digest> statements = new HashSet<>();
    for (int i = 0; i < 65_536; i++) {
      // few distinct fields, so that tuples share most of them
      Digest message = new Digest(random.nextInt(4), 0, random.nextInt(4), random.nextInt(4));
      Tuple t = new Tuple(random.nextInt(8), random.nextInt(3), random.nextInt(64), message);
      if (tuples.add(t)) {
        byte[] s = Cluster.DOMAIN.share(t.instance(), t.counter(), t.value(), t.message());
        assertThat(statements.add(Digest.of(s))).isTrue();
      }
    }
    assertThat(statements).hasSizeGreaterThan(40_000);
  }

  @Test
  void p2NothingSignsWithoutACounter() {
    Set<String> offered = new TreeSet<>();
    for (Method method : InProcessThreshSign.class.getDeclaredMethods()) {
      if (!Modifier.isPrivate(method.getModifiers()) && !method.isSynthetic()) {
        offered.add(method.getName());
      }
    }
    assertThat(offered).containsExactly("attest", "call", "read");
    Set<String> contract = new TreeSet<>();
    for (Method method : ThreshSign.class.getMethods()) {
      contract.add(method.getName());
    }
    assertThat(contract).containsExactly("attest", "call", "read");
    for (Class<?> call : calls(TrustedCall.class)) {
      assertThat(call.getRecordComponents())
          .as(call.getSimpleName())
          .extracting(c -> c.getName())
          .contains("instance", "counter", "value", "message");
    }
  }

  private static List<Class<?>> calls(Class<?> type) {
    return type.isRecord()
        ? List.of(type)
        : Stream.of(type.getPermittedSubclasses()).flatMap(t -> calls(t).stream()).toList();
  }

  @Test
  void p3KeysComeWithTheObjectAndOnlyThen() {
    Constructor<?>[] constructors = InProcessThreshSign.class.getDeclaredConstructors();
    assertThat(constructors).hasSize(1);
    assertThat(constructors[0].getParameterTypes()).containsExactly(byte[].class);
    assertThatThrownBy(() -> new InProcessThreshSign(new byte[32]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void p4NumbersOutOfRangeAreRefusedAndChangeNothing() {
    Cluster cluster = new Cluster(3, Scheme.MULTI_SIGNATURE);
    ThreshSign trusted = cluster.trusted.getFirst();
    Digest m = Cluster.digest("m");
    trusted.call(List.of(new TrustedCall.IndependentShare(2, Counters.MISC, 9, m)));
    List<TrustedCall> calls = new ArrayList<>();
    for (int instance : new int[] {-1, 3, 0xFFFE, 0x10000, 0x10002, Integer.MIN_VALUE}) {
      calls.add(new TrustedCall.IndependentShare(instance, 0, 10, m));
      calls.add(new TrustedCall.Continuing(instance, 0, 0, 10, m));
      assertThat(trusted.read(instance, 0)).isEqualTo(-1);
    }
    for (int counter : new int[] {-1, 3, 256, Integer.MAX_VALUE}) {
      calls.add(new TrustedCall.IndependentShare(2, counter, 10, m));
      calls.add(new TrustedCall.Continuing(2, counter, 0, 10, m));
      assertThat(trusted.read(2, counter)).isEqualTo(-1);
    }
    calls.add(new TrustedCall.IndependentShare(2, Counters.MISC, -1, m));
    calls.add(new TrustedCall.IndependentShare(2, Counters.MISC, Long.MIN_VALUE, m));
    calls.add(new TrustedCall.Continuing(2, Counters.MISC, 9, -1, m));
    calls.add(new TrustedCall.Continuing(2, Counters.MISC, -1, 10, m));
    assertThat(trusted.call(calls))
        .allSatisfy(r -> assertThat(((Result.Refused) r).reason()).isEqualTo(Refusal.OUT_OF_RANGE));
    for (int instance : new int[] {0, 1, 2, Instances.ORDER}) {
      for (int counter = 0; counter < Counters.COUNT; counter++) {
        long expected = instance == 2 && counter == Counters.MISC ? 9 : 0;
        assertThat(trusted.read(instance, counter)).isEqualTo(expected);
      }
    }
  }

  @Test
  void p11AnIndexNeverRunsIntoTheView() {
    long[] boundaries = {0, 1, (1L << 31) - 1, 1L << 31, (1L << 32) - 1, 1L << 32, (1L << 40) - 1};
    Set<Long> values = new HashSet<>();
    for (long view : new long[] {0, 1, 255, (1L << 23) - 1}) {
      for (long slot : boundaries) {
        long value = Counters.encode(view, slot);
        assertThat(values.add(value)).isTrue();
        assertThat(value).isNotNegative();
        assertThat(Counters.view(value)).isEqualTo(view);
        assertThat(Counters.slot(value)).isEqualTo(slot);
      }
    }
    for (long slot : new long[] {-1, 1L << 40, Long.MAX_VALUE}) {
      assertThatThrownBy(() -> Counters.encode(0, slot))
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (long view : new long[] {-1, 1L << 23, Long.MAX_VALUE}) {
      assertThatThrownBy(() -> Counters.encode(view, 0))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void p11CountersWorkUpToTheLargestValueAndThenStop() {
    Cluster cluster = new Cluster(1, Scheme.MULTI_SIGNATURE);
    ThreshSign trusted = cluster.trusted.getFirst();
    Digest m = Cluster.digest("m");
    for (long value :
        new long[] {
          (1L << 31) - 1, 1L << 31, (1L << 32) - 1, 1L << 32, Long.MAX_VALUE - 1, Long.MAX_VALUE
        }) {
      var call = new TrustedCall.IndependentShare(0, Counters.ORDER, value, m);
      assertThat(trusted.call(List.of(call)).getFirst()).isInstanceOf(Result.Shared.class);
    }
    for (long value : new long[] {Long.MAX_VALUE, Long.MIN_VALUE, 0}) {
      var call = new TrustedCall.IndependentShare(0, Counters.ORDER, value, Cluster.digest("n"));
      assertThat(trusted.call(List.of(call)).getFirst()).isInstanceOf(Result.Refused.class);
    }
    assertThat(trusted.read(0, Counters.ORDER)).isEqualTo(Long.MAX_VALUE);
  }
}
