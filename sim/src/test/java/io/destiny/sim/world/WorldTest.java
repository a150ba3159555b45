package io.destiny.sim.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Invariant;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.MessageCodec;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.Step;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.check.Checks;
import io.destiny.sim.toy.ToyCodec;
import io.destiny.sim.toy.ToyProtocol;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class WorldTest {
  private static final long SECOND = 1_000_000_000L;

  static WorldOptions options(int n) {
    return WorldOptions.of(new QuorumRule(n, FaultModel.HYBRID), ToyProtocol::new, ToyCodec::new);
  }

  @Test
  void aRequestIsOrderedExecutedEverywhereAndAnswered() {
    World world = World.of(options(3)).start();
    ClientStub client = world.client(1);
    client.submit(0, "put:a=1", "get:a");

    assertThat(world.runUntil(() -> client.pending() == 0, SECOND)).isTrue();
    world.run(SECOND / 10);

    ClientStub.Accepted answer = client.accepted(1).orElseThrow();
    assertThat(answer.form()).isEqualTo(ClientStub.Form.VOTES);
    assertThat(answer.text(0)).isEqualTo("new");
    assertThat(answer.text(1)).isEqualTo("1");
    for (int i = 0; i < 3; i++) {
      assertThat(world.status(i).executed()).isEqualTo(1);
    }
    assertThat(world.stats().byKind().get("Propose").messages()).isEqualTo(2);
    assertThat(world.stats().byKind().get("Ack").messages()).isBetween(1L, 2L);
    assertThat(world.stats().onLink(0, 1, "D0.Decide").messages()).isEqualTo(1);
  }

  @Test
  void equalSeedsGiveEqualRunsAndOthersDoNot() {
    assertThat(noisyRun(5)).isEqualTo(noisyRun(5)).isNotEqualTo(noisyRun(6));
  }

  private static String noisyRun(long seed) {
    World world = World.of(options(5).withSeed(seed)).start();
    world
        .network()
        .model(LinkModel.CALM.withLoss(100).withDuplication(100).withReordering(1, SECOND / 50));
    ClientStub client = world.client(1);
    for (int i = 0; i < 10; i++) {
      client.submit(0, "put:k" + i + "=" + i);
      world.run(SECOND / 100);
    }
    assertThat(world.runUntil(() -> client.pending() == 0, 60 * SECOND)).isTrue();
    return world.traceHash().toHex();
  }

  @Test
  void aPartitionedReplicaCatchesUpAfterTheHealing() {
    World world = World.of(options(3)).start();
    ClientStub client = world.client(1);
    world.network().partition(List.of(List.of(0, 1), List.of(2)));
    client.submit(0, "put:a=1");
    world.run(SECOND);
    assertThat(client.pending()).isZero();
    assertThat(world.status(2).executed()).isZero();

    world.network().heal();
    client.submit(0, "put:a=2");
    assertThat(world.runUntil(() -> world.status(1).executed() == 2, SECOND)).isTrue();
  }

  @Test
  void crashesLossesAndDuplicatesBreakNoRule() {
    for (long seed = 1; seed <= 20; seed++) {
      World world = Checks.on(World.of(options(3).withSeed(seed))).start();
      world
          .network()
          .model(LinkModel.CALM.withLoss(100).withDuplication(200).withReordering(1, SECOND / 20));
      ClientStub client = world.client(1);
      for (int i = 0; i < 12; i++) {
        client.submit(0, "put:k" + i + "=" + i);
        int victim = (int) (seed + i) % 3;
        world.run(SECOND / 40);
        world.crash(victim);
        world.run(SECOND / 40);
        world.restart(victim);
      }
      world.network().model(LinkModel.CALM);
      world.run(5 * SECOND);
      assertThat(world.status(1).executed()).as("seed %d", seed).isGreaterThan(3);
      assertThat(world.status(2).executed()).isEqualTo(world.status(0).executed());
      assertThat(((TinyStore) world.application(1)).history())
          .isEqualTo(((TinyStore) world.application(0)).history());
      assertThat(world.notes().dropped(DropReason.DUPLICATE)).isPositive();
    }
  }

  @Test
  void aMessageWhoseSizeIsNotWhatItSaysFailsTheRun() {
    Message liar = new Bare(HEADER + 1);
    Protocol protocol = new Emitter(List.of(new Effect.Broadcast(liar)));
    World world = World.of(options(3).withProtocol(s -> protocol).withCodec(s -> new BareCodec()));
    assertThatThrownBy(world::start)
        .isInstanceOf(WorldFailure.class)
        .hasMessageContaining("wireSize() = 25");
  }

  @Test
  void aProtocolThatThrowsFailsTheRun() {
    Protocol protocol =
        new Emitter(List.of()) {
          @Override
          public void on(Input input, Step step) {
            Invariant.check(false, "two and two is four");
          }
        };
    World world = World.of(options(3).withProtocol(s -> protocol));
    assertThatThrownBy(world::start)
        .isInstanceOf(WorldFailure.class)
        .hasMessageContaining("R0 threw on Started: two and two is four");
  }

  @Test
  void effectsWaitInOrderForTheDiskBeforeThem() {
    TrustedCall call = new TrustedCall.IndependentShare(0, 0, 1, Digest.of(new byte[0]));
    List<Effect> effects =
        List.of(
            new Effect.Send(1, new Bare(HEADER)),
            new Effect.Persist(List.of(new LogRecord(0, 1, 1, 0, new byte[3])), false),
            new Effect.Trusted(1, call),
            new Effect.Send(2, new Bare(HEADER)));
    World world = emitting(effects);
    List<String> seen = new ArrayList<>();
    world.listen(
        new TraceListener() {
          @Override
          public void released(int replica, long number, Effect effect) {
            seen.add(world.now() + " " + effect.getClass().getSimpleName());
          }
        });
    world.start();
    world.run(SECOND);
    assertThat(seen).containsExactly("0 Send", "150000 Trusted", "150000 Send");
  }

  @Test
  void aCrashBeforeTheSyncLosesTheRecordAndTheCall() {
    TrustedCall call = new TrustedCall.IndependentShare(0, 0, 1, Digest.of(new byte[0]));
    World world =
        emitting(
            List.of(
                new Effect.Persist(List.of(new LogRecord(0, 1, 1, 0, new byte[3])), false),
                new Effect.Trusted(1, call)));
    world.start();
    world.run(100_000);
    world.crash(0);
    world.run(SECOND);
    assertThat(world.durable(0, 0, 1, 0)).isFalse();
    assertThat(world.enclave(0).read(0, 0)).isZero();

    world.restart(0);
    world.run(SECOND);
    assertThat(world.durable(0, 0, 1, 0)).isTrue();
    assertThat(world.enclave(0).read(0, 0)).isEqualTo(1);
  }

  @Test
  void aCrashMayComeBetweenTheCounterAndTheAnswer() {
    TrustedCall call = new TrustedCall.IndependentShare(0, 0, 1, Digest.of(new byte[0]));
    World world = emitting(List.of(new Effect.Trusted(1, call)));
    world.start();
    world.run(150_000);
    world.crash(0);
    world.run(SECOND);
    assertThat(world.enclave(0).read(0, 0)).isEqualTo(1);
  }

  @Test
  void whatIsWrittenLazilyIsDurableWithTheNextSyncOrALittleLater() {
    LogRecord lazy = new LogRecord(0, 1, 1, 0, new byte[3]);
    LogRecord eager = new LogRecord(0, 2, 1, 0, new byte[3]);
    World alone = emitting(List.of(new Effect.Persist(List.of(lazy), true))).start();
    alone.run(SECOND / 100);
    assertThat(alone.durable(0, 0, 1, 0)).isFalse();
    alone.run(SECOND);
    assertThat(alone.durable(0, 0, 1, 0)).isTrue();

    World together =
        emitting(
                List.of(
                    new Effect.Persist(List.of(lazy), true),
                    new Effect.Persist(List.of(eager), false),
                    new Effect.Forget(0, 1)))
            .start();
    together.run(SECOND / 100);
    assertThat(together.durable(0, 0, 1, 0)).isTrue();
    assertThat(together.durable(0, 0, 2, 0)).isTrue();
  }

  @Test
  void timersFireOnceInOrderOfTheirDeadlines() {
    TimerKey a = new TimerKey(0, TimerKind.BATCH, 1);
    TimerKey b = new TimerKey(0, TimerKind.FETCH, 1);
    TimerKey c = new TimerKey(0, TimerKind.STATUS, 1);
    World world =
        emitting(
            List.of(
                new Effect.StartTimer(a, 30),
                new Effect.StartTimer(b, 20),
                new Effect.StartTimer(c, 10),
                new Effect.StopTimer(c),
                new Effect.StartTimer(a, 20)));
    List<TimerKey> fired = new ArrayList<>();
    world.listen(
        new TraceListener() {
          @Override
          public void input(int replica, Input input) {
            if (replica == 0 && input instanceof Input.Fired(TimerKey key)) {
              fired.add(key);
            }
          }
        });
    world.start();
    assertThat(world.timers(0)).containsExactly(b, a);
    world.run(100);
    assertThat(fired).containsExactly(b, a);
  }

  private static final int HEADER = Message.HEADER_BYTES;

  /** R0 emits these at its start. */
  private static World emitting(List<Effect> effects) {
    return World.of(
        options(3)
            .withProtocol(s -> new Emitter(s.self() == 0 ? effects : List.of()))
            .withCodec(s -> new BareCodec()));
  }

  private static class Emitter implements Protocol {
    private final List<Effect> effects;

    Emitter(List<Effect> effects) {
      this.effects = effects;
    }

    @Override
    public void on(Input input, Step step) {
      if (input instanceof Input.Started) {
        effects.forEach(step::emit);
      }
    }

    @Override
    public Status status() {
      return new Status(new TreeMap<>(), 0, 0, 0, Digest.of(new byte[0]), 0, 0, false);
    }
  }

  private record Bare(int wireSize) implements Message {
    @Override
    public int instance() {
      return 0;
    }

    @Override
    public String kind() {
      return "Bare";
    }

    @Override
    public long sequence() {
      return 0;
    }

    @Override
    public boolean bulk() {
      return false;
    }
  }

  private static final class BareCodec implements MessageCodec {
    @Override
    public byte[] encode(Message message, int sender) {
      return new byte[HEADER];
    }

    @Override
    public Message decode(byte[] bytes, int sender) {
      return new Bare(HEADER);
    }
  }
}
