package io.destiny.sim.ghost;

import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.trusted.ContinuingCertificate;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.ThreshSign;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.world.WorldFailure;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One replica's trusted subsystem as trusted-subsystem.md §3 has it, signing in the ledger. It
 * survives what happens to its host. Negative tests break the model with {@link #rollBack} and
 * {@link #copy}. Not thread-safe.
 */
public final class GhostThreshSign implements ThreshSign {
  /** Tuples of ORDER that are answered again. */
  public static final int ORDER_RING = 256;

  /** The same for the other counters. */
  public static final int RING = 4;

  private final GhostLedger ledger;
  private final int replica;
  private final long boot;
  private final Map<Long, Counter> counters;
  private BiConsumer<TrustedCall, Result> observer = (call, result) -> {};
  private boolean provisioned = true;

  /** Signs in earnest what the table has; its counters must move like these. */
  private final @Nullable ThreshSign real;

  public GhostThreshSign(GhostLedger ledger, int replica, long boot) {
    this(ledger, replica, boot, new HashMap<>(), null);
  }

  /** One whose signatures a real trusted subsystem makes. */
  public GhostThreshSign(GhostLedger ledger, int replica, ThreshSign real) {
    this(ledger, replica, GhostLedger.boot(replica), new HashMap<>(), real);
  }

  private GhostThreshSign(
      GhostLedger ledger,
      int replica,
      long boot,
      Map<Long, Counter> counters,
      @Nullable ThreshSign real) {
    this.ledger = ledger;
    this.replica = replica;
    this.boot = boot;
    this.counters = counters;
    this.real = real;
  }

  /** Is told of every call and its answer. */
  public void observe(BiConsumer<TrustedCall, Result> watcher) {
    observer = watcher;
  }

  @Override
  public List<Result> call(List<TrustedCall> calls) {
    List<Result> results = new ArrayList<>(calls.size());
    for (TrustedCall call : calls) {
      Result result = inEarnest(call, carryOut(call));
      observer.accept(call, result);
      results.add(result);
    }
    return results;
  }

  /** What the real subsystem says to the same call: it must not refuse what this one grants. */
  private Result inEarnest(TrustedCall call, Result expected) {
    if (real == null || !provisioned) {
      return expected;
    }
    Result result = real.call(List.of(call)).getFirst();
    boolean same =
        expected instanceof Result.Refused
            ? result.equals(expected)
            : result.getClass() == expected.getClass();
    if (!same) {
      throw new WorldFailure(
          "the real trusted subsystem answers %s with %s, not %s"
              .formatted(call, result, expected));
    }
    return result;
  }

  private Result carryOut(TrustedCall call) {
    if (!provisioned) {
      return new Result.Refused(Result.Refusal.NOT_PROVISIONED, -1);
    }
    if (!exists(call.instance(), call.counter()) || call.value() < 0) {
      return new Result.Refused(Result.Refusal.OUT_OF_RANGE, read(call.instance(), call.counter()));
    }
    Counter counter =
        counters.computeIfAbsent(key(call.instance(), call.counter()), k -> new Counter());
    return switch (call) {
      case TrustedCall.Independent f1 -> independent(counter, f1);
      case TrustedCall.Continuing f4 -> continuing(counter, f4);
    };
  }

  private Result independent(Counter counter, TrustedCall.Independent call) {
    Tuple tuple = new Tuple(false, 0, call.value(), call.message());
    // What was certified is not above the counter: no need to search for a new value.
    if (call.value() > counter.value || !counter.ring.contains(tuple)) {
      if (call.value() <= counter.value) {
        return new Result.Refused(Result.Refusal.COUNTER, counter.value);
      }
      counter.advance(tuple, ringSize(call.counter()));
    }
    return switch (call) {
      case TrustedCall.IndependentShare f1 -> new Result.Shared(share(f1), attestation(f1));
      case TrustedCall.IndependentSignature f1 -> new Result.Attested(attestation(f1));
    };
  }

  private Share share(TrustedCall.IndependentShare call) {
    byte[] statement =
        ledger.domain().share(call.instance(), call.counter(), call.value(), call.message());
    return ledger.signShare(KeyPurpose.ORDERING, replica, statement);
  }

  private byte[] attestation(TrustedCall.Independent call) {
    byte[] statement =
        ledger
            .domain()
            .shareSignature(
                replica, boot, call.instance(), call.counter(), call.value(), call.message());
    return ledger.signAttestation(replica, statement);
  }

  private Result continuing(Counter counter, TrustedCall.Continuing call) {
    Tuple tuple = new Tuple(true, call.expected(), call.value(), call.message());
    if (!counter.ring.contains(tuple)) {
      if (call.expected() != counter.value || call.value() < counter.value) {
        return new Result.Refused(Result.Refusal.COUNTER, counter.value);
      }
      counter.advance(tuple, ringSize(call.counter()));
    }
    byte[] statement =
        ledger
            .domain()
            .continuing(
                replica,
                boot,
                call.instance(),
                call.counter(),
                call.expected(),
                call.value(),
                call.message());
    return new Result.Continued(
        new ContinuingCertificate(
            replica,
            boot,
            call.counter(),
            call.expected(),
            call.value(),
            ledger.signAttestation(replica, statement)));
  }

  @Override
  public long read(int instance, int counter) {
    if (!provisioned || !exists(instance, counter)) {
      return -1;
    }
    Counter c = counters.get(key(instance, counter));
    return c == null ? 0 : c.value;
  }

  @Override
  public Quote attest(byte[] nonce) {
    byte[] attestationKey = Digest.of(new byte[] {(byte) replica}).toBytes();
    byte[] shareKey = new byte[96];
    byte[] statement =
        ledger
            .domain()
            .begin(StatementKind.QUOTE, 0, 0, 0)
            .u8(provisioned ? 1 : 0)
            .u16(replica)
            .u64(boot)
            .bytes(nonce)
            .toBytes();
    return new Quote(
        provisioned,
        ledger.domain().epoch(),
        replica,
        boot,
        attestationKey,
        shareKey,
        ledger.signAttestation(replica, statement));
  }

  /** Ends the subsystem: from now on it has no keys (trusted-subsystem.md §7, R1). */
  public void restart() {
    provisioned = false;
    counters.clear();
  }

  /** A twin with the counters as they are now: outside the model, for negative tests. */
  public GhostThreshSign copy() {
    onlyTable();
    Map<Long, Counter> copies = new HashMap<>();
    counters.forEach((k, c) -> copies.put(k, c.copy()));
    GhostThreshSign twin = new GhostThreshSign(ledger, replica, boot, copies, null);
    twin.provisioned = provisioned;
    twin.observer = observer;
    return twin;
  }

  /** Puts the counters back to those of {@code earlier}: outside the model, for negative tests. */
  public void rollBack(GhostThreshSign earlier) {
    onlyTable();
    counters.clear();
    earlier.counters.forEach((k, c) -> counters.put(k, c.copy()));
    provisioned = earlier.provisioned;
  }

  private void onlyTable() {
    if (real != null) {
      throw new IllegalStateException("a real trusted subsystem is neither copied nor put back");
    }
  }

  private boolean exists(int instance, int counter) {
    return Instances.exists(instance, ledger.rule().n(), Instances.MOST_PILLARS)
        && counter >= 0
        && counter < Counters.COUNT;
  }

  private static long key(int instance, int counter) {
    return (long) instance * Counters.COUNT + counter;
  }

  private static int ringSize(int counter) {
    return counter == Counters.ORDER ? ORDER_RING : RING;
  }

  private record Tuple(boolean continuing, long previous, long value, Digest message) {}

  private static final class Counter {
    final Deque<Tuple> ring = new ArrayDeque<>();
    long value;

    void advance(Tuple tuple, int limit) {
      value = tuple.value;
      ring.addLast(tuple);
      if (ring.size() > limit) {
        ring.removeFirst();
      }
    }

    Counter copy() {
      Counter c = new Counter();
      c.value = value;
      c.ring.addAll(ring);
      return c;
    }
  }
}
