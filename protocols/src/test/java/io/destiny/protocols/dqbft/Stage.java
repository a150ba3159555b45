package io.destiny.protocols.dqbft;

import io.destiny.core.engine.Admission;
import io.destiny.core.engine.Proposal;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Step;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Batch;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Homes;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Limits;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.ReplyRule;
import io.destiny.core.model.Request;
import io.destiny.core.statement.Domain;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;

/** One replica's composition over puppets. */
final class Stage {
  static final long MILLISECOND = 1_000_000;
  static final Domain DOMAIN = new Domain(new byte[16], 0);

  final Settings settings;
  final List<PuppetEngine> instances = new ArrayList<>();
  final PuppetEngine ordering;
  final Dqbft dqbft;

  /** What the last turn emitted. */
  final List<Effect> effects = new ArrayList<>();

  final List<Message> sent = new ArrayList<>();
  private final RandomGenerator random = new SplittableRandom(1);
  private long now = 1000 * MILLISECOND;

  Stage(int n, int self) {
    this(n, self, 16);
  }

  Stage(int n, int self, int window) {
    QuorumRule rule = new QuorumRule(n, FaultModel.HYBRID);
    Settings.Tuning t = small(Settings.Tuning.defaults(rule.f()), window);
    this.settings = new Settings(DOMAIN, rule, self, Limits.DEFAULT, t);
    List<PuppetEngine> all = new ArrayList<>();
    this.dqbft =
        new Dqbft(
            settings,
            ReplyRule.AGGREGATED,
            (instance, offset, width) -> {
              PuppetEngine e = new PuppetEngine(instance, offset, width, n, self);
              all.add(e);
              return e;
            });
    this.ordering = all.removeLast();
    this.instances.addAll(all);
    on(new Input.Started(List.of(), (i, c) -> 0, null, List.of()));
  }

  private static Settings.Tuning small(Settings.Tuning t, int window) {
    return t.change()
        .batch(4)
        .maxInFlight(2)
        .window(window)
        .orderWindow(window)
        .checkpointInterval(8)
        .done();
  }

  PuppetEngine d(int n) {
    return instances.get(n);
  }

  void on(Input input) {
    effects.clear();
    dqbft.on(
        input,
        new Step() {
          @Override
          public long now() {
            return now;
          }

          @Override
          public long wallMillis() {
            return now / MILLISECOND;
          }

          @Override
          public RandomGenerator random() {
            return random;
          }

          @Override
          public void emit(Effect effect) {
            effects.add(effect);
            if (effect instanceof Effect.Send s) {
              sent.add(s.message());
            } else if (effect instanceof Effect.Broadcast b) {
              sent.add(b.message());
            }
          }
        });
  }

  /** A turn in which this happens. */
  void turn(Runnable script) {
    ordering.script = script;
    on(new Input.Fired(new TimerKey(Instances.ORDER, TimerKind.PROGRESS, 0)));
  }

  /** A turn in which nothing comes but what the puppets have told. */
  void turn() {
    turn(() -> {});
  }

  /** T_resend passes, {@code times} times. */
  void ticks(int times) {
    for (int i = 0; i < times; i++) {
      now += settings.tuning().resendDelay();
      on(new Input.Fired(new TimerKey(Instances.ORDER, TimerKind.STATUS, 0)));
    }
  }

  void passes(long nanos) {
    now += nanos;
  }

  /** A client whose home is {@code n}; the number distinguishes them. */
  long client(int n, int number) {
    long client = 0;
    for (int found = 0; ; client++) {
      if (Homes.of(client, settings.n()) == n && found++ == number) {
        return client;
      }
    }
  }

  static Request request(long client, long timestamp) {
    return Request.of(DOMAIN, client, timestamp, List.of(new byte[] {1}), new byte[64]);
  }

  Batch batch(int home) {
    return Batch.of(List.of(request(client(home, 0), 1)));
  }

  OrderList list(OrderList.Entry... entries) {
    return OrderList.of(settings, now / MILLISECOND, List.of(entries));
  }

  static OrderList.Entry order(int n, long slot) {
    return new OrderList.Entry(n, slot);
  }

  /** A backup's answer to a fresh list. */
  Admission admit(long slot, OrderList list) {
    AtomicReference<Admission> answer = new AtomicReference<>();
    Proposal proposal = new Proposal(ordering.view, slot, list, ordering.primary());
    turn(() -> answer.set(ordering.port().admit(proposal)));
    return answer.get();
  }
}
