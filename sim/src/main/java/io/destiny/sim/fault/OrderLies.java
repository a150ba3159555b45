package io.destiny.sim.fault;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.Step;
import io.destiny.core.model.Assignment;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Request;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.statement.Writer;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a lying O-primary orders instead of what its own code would: it has its trusted subsystem
 * sign another list, and puts that list into the proposal on its way out. Survives restarts.
 */
final class OrderLies {
  private record Lie(Digest digest, byte[] payload) {}

  private static final int MOST_ASKED = 64;

  private final Map<Long, Lie> lies = new HashMap<>();
  private final Map<Integer, Long> seen = new HashMap<>();
  private final List<Request> asked = new ArrayList<>();
  private final SplittableRandom random;
  private final Injected injected;
  private @Nullable Settings settings;

  OrderLies(int replica, Injected injected) {
    this.random = new SplittableRandom(injected.seed() * 17 + replica);
    this.injected = injected;
  }

  /**
   * Puts the lie about its O-slot into an encoded proposal, if there is one.
   *
   * @param signs there is no trusted subsystem, which would have been lied to first: the lie is
   *     made here, and signed by the caller
   */
  byte[] tell(long slot, byte[] proposal, boolean signs) {
    Settings own = settings;
    if (signs && own != null && !lies.containsKey(slot) && random.nextBoolean()) {
      lies.put(slot, invent(own, time(proposal)));
    }
    Lie lie = lies.get(slot);
    if (lie == null) {
      return proposal;
    }
    injected.count(Behaviour.LIE_ORDER.word());
    return new Writer(proposal.length)
        .raw(Arrays.copyOf(proposal, Layout.BODY))
        .digest(lie.digest)
        .raw(
            Arrays.copyOfRange(
                proposal,
                Layout.BODY + Layout.DIGEST_BYTES,
                signs ? Layout.SIGNED_PAYLOAD : Layout.payload(proposal)))
        .raw(lie.payload)
        .toBytes();
  }

  private static long time(byte[] proposal) {
    long time = 0;
    for (int i = 0; i < 8; i++) {
      time = time << 8 | (proposal[Layout.SIGNED_PAYLOAD + i] & 0xFF);
    }
    return time;
  }

  /** One entry: beyond what was proposed there, or behind it. */
  private Lie invent(Settings settings, long wallMillis) {
    int instance = random.nextInt(settings.n());
    long last = seen.getOrDefault(instance, 0L);
    int window = settings.tuning().window();
    long slot =
        random.nextBoolean()
            ? last + 1 + random.nextInt(random.nextInt(8) == 0 ? 10 * window : 2)
            : Math.max(1, last - random.nextInt(window));
    boolean assigns = random.nextInt(4) == 0;
    Writer list = new Writer(160).u64(wallMillis).u16(assigns ? 2 : 1);
    list.u8(1).u16(instance).u64(slot).u8(0);
    if (assigns) {
      assignment(settings, instance).encode(list.u8(2));
    }
    byte[] payload = list.toBytes();
    Writer w = settings.domain().begin(StatementKind.ORDER_LIST, Instances.ORDER, 0, 0);
    return new Lie(Digest.of(w.raw(payload).toBytes()), payload);
  }

  /** One that a client asked for long ago, or one that it never signed. */
  private Request assignment(Settings settings, int home) {
    if (!asked.isEmpty() && random.nextBoolean()) {
      injected.count(Behaviour.LIE_ORDER.word() + ":replayed");
      return asked.get(random.nextInt(asked.size()));
    }
    injected.count(Behaviour.LIE_ORDER.word() + ":unsigned");
    long client = Assignment.asking(1L << 32);
    List<byte[]> command = List.of(Assignment.command(home));
    return Request.of(settings.domain(), client, random.nextLong(1L << 40), command, new byte[64]);
  }

  /** The replica that lies; it knows nothing of it. */
  Protocol around(Protocol inner, Settings settings) {
    this.settings = settings;
    return new Protocol() {
      @Override
      public void on(Input input, Step step) {
        if (input instanceof Input.Received r && proposal(r.message().kind())) {
          seen.merge(r.message().instance(), r.message().sequence(), Math::max);
        }
        if (input instanceof Input.Submitted s
            && Assignment.asks(s.request().client())
            && asked.size() < MOST_ASKED) {
          asked.add(s.request());
        }
        inner.on(input, new Lying(step, settings));
      }

      @Override
      public Status status() {
        return inner.status();
      }
    };
  }

  private static boolean proposal(String kind) {
    return kind.equals("Prepare") || kind.equals("PrePrepare");
  }

  private Effect changed(Effect effect, Settings settings, long wallMillis) {
    if (effect instanceof Effect.Trusted(long job, TrustedCall.Independent call)
        && call.instance() == Instances.ORDER
        && call.counter() == Counters.ORDER
        && settings.tuning().orderPrimary() == settings.self()
        && random.nextBoolean()) {
      long slot = Counters.slot(call.value());
      Lie lie = lies.computeIfAbsent(slot, s -> invent(settings, wallMillis));
      Digest statement =
          settings
              .domain()
              .proposal(Instances.ORDER, Counters.view(call.value()), slot, lie.digest);
      return new Effect.Trusted(job, about(call, statement));
    }
    return effect;
  }

  /** The same call for another statement. */
  private static TrustedCall about(TrustedCall.Independent call, Digest statement) {
    return switch (call) {
      case TrustedCall.IndependentShare c ->
          new TrustedCall.IndependentShare(c.instance(), c.counter(), c.value(), statement);
      case TrustedCall.IndependentSignature c ->
          new TrustedCall.IndependentSignature(c.instance(), c.counter(), c.value(), statement);
    };
  }

  private final class Lying implements Step {
    private final Step step;
    private final Settings settings;

    Lying(Step step, Settings settings) {
      this.step = step;
      this.settings = settings;
    }

    @Override
    public long now() {
      return step.now();
    }

    @Override
    public long wallMillis() {
      return step.wallMillis();
    }

    @Override
    public RandomGenerator random() {
      return step.random();
    }

    @Override
    public void emit(Effect effect) {
      step.emit(changed(effect, settings, step.wallMillis()));
    }
  }
}
