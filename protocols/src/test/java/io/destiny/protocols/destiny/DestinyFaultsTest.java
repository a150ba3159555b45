package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.Step;
import io.destiny.core.model.Command;
import io.destiny.core.model.Reply;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.sim.check.Oracles;
import io.destiny.sim.fault.Behaviour;
import io.destiny.sim.fault.Fault;
import io.destiny.sim.fault.Faults;
import io.destiny.sim.fault.Mutations;
import io.destiny.sim.fault.Sentences;
import io.destiny.sim.fault.Swarm;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.LinkModel;
import io.destiny.sim.world.RandomNetwork;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Faults change a run as they say, and the swarm can fail. */
class DestinyFaultsTest {
  private static final long SECOND = 1_000_000_000L;

  /** Nothing goes wrong under it: what fires is due to the test alone. */
  private static final long FAIR_SEED = 16;

  private static final ProtocolEntry DESTINY = Catalog.find("destiny").orElseThrow();

  /** Five replicas under faults for so many seconds; answers given in that time. */
  private static long answers(Faults faults, int seconds) {
    return answers(faults, seconds, DestinySimTest.small(2));
  }

  private static long answers(Faults faults, int seconds, Settings.Tuning tuning) {
    WorldOptions options = DestinySimTest.options(5).withTuning(tuning).withSeed(3);
    World world =
        World.of(
            faults.options(options),
            wire -> faults.network(wire, new RandomNetwork(wire, 5, 7, LinkModel.CALM)));
    Oracles oracles = Oracles.on(world, faults.correct(5));
    faults.on(world);
    world.start();
    Workload load = new Workload(world, 8, 1_000_000, 1);
    load.start();
    world.run(seconds * SECOND);
    oracles.finish();
    return load.accepted();
  }

  private static long calm(int seconds) {
    return answers(Faults.none(), seconds);
  }

  @Test
  void aMajorityWithoutTheOthersGoesOnAndAMinorityDoesNot() {
    Sentences minority = new Sentences();
    minority.partition(List.of(0, 1), List.of(2, 3, 4)).between(1, 3);
    long apart = answers(minority.faults(1), 3);
    assertThat(apart).isGreaterThan(calm(1) / 2).isLessThan(calm(3) * 2 / 3);
    // In windows of 16 slots it depends on the network's seed who catches up, and how soon.
    Settings.Tuning usual = Settings.Tuning.defaults(2);
    assertThat(answers(minority.faults(1), 7, usual)).as("after it heals").isGreaterThan(2 * apart);
  }

  @Test
  void lostProposalsOfTheOrderPrimaryStopTheOrder() {
    Sentences faults = new Sentences();
    faults.when(Sentences.from(0).kind("O.Prepare")).drop().between(1, 9);
    Faults bound = faults.faults(1);
    assertThat(answers(bound, 3)).isLessThan(calm(3) / 2);
    assertThat(bound.injected()).containsKey("drop");
  }

  @Test
  void acrashOfOneOfFiveLeavesTheOthersAtWork() {
    Sentences faults = new Sentences();
    faults.crash(4).at(1).restartAfter(1);
    Faults bound = faults.faults(1);
    assertThat(answers(bound, 4)).isGreaterThan(calm(4) / 4);
    assertThat(bound.injected()).containsEntry("crash", 1L);
  }

  @Test
  void apausedReplicaGoesOnWhereItStood() {
    Sentences faults = new Sentences();
    faults.pause(0).between(1, 2);
    long paused = answers(faults.faults(1), 2);
    assertThat(paused).isLessThan(calm(2) * 3 / 4);
    assertThat(answers(faults.faults(1), 4)).isGreaterThan(paused * 3 / 2);
  }

  @Test
  void slowDelayedCloggedReorderedRepeatedAndReplayedMessagesAreSurvived() {
    Sentences faults = new Sentences();
    faults.slow(0.02, 1).between(0.2, 3);
    faults.when(Sentences.from(2)).delay(0.03).between(0.4, 3);
    faults.when(Sentences.to(3)).clog().between(1, 1.5);
    faults.when(Sentences.to(1)).reorder(0.05).between(0, 3);
    faults.when(Sentences.from(0)).duplicate(0.5).between(0, 3);
    faults.when(Sentences.from(1)).replay(0.5).between(0, 3);
    faults.clockDrift(150, 2).between(0, 9);
    Faults bound = faults.faults(1);
    assertThat(answers(bound, 4)).isPositive().isLessThan(calm(4));
    assertThat(bound.injected())
        .containsKeys("slow", "delay", "clog", "reorder", "duplicate", "replay", "clockDrift");
  }

  @ParameterizedTest
  @EnumSource(Behaviour.class)
  void noLiarBreaksSafetyAndEachLies(Behaviour behaviour) {
    boolean asOrderPrimary = behaviour == Behaviour.LATE_ORDER || behaviour == Behaviour.LIE_ORDER;
    int liar = asOrderPrimary ? 0 : 4;
    Faults faults = new Sentences().byzantine(liar, behaviour).faults(5);
    assertThat(answers(faults, 3)).isPositive();
    // One has nothing to equivocate about here, and nobody fetches a state.
    if (behaviour != Behaviour.EQUIVOCATE && behaviour != Behaviour.POISON_STATE) {
      assertThat(faults.injected()).containsKey(behaviour.word());
    }
  }

  @Test
  void anEquivocatingOrderPrimaryConvincesNobody() {
    Faults faults = new Sentences().byzantine(0, Behaviour.EQUIVOCATE).faults(5);
    assertThat(answers(faults, 3)).isPositive();
    assertThat(faults.injected()).containsKey("equivocate");
  }

  /** Who said what to a client: senders by request and result, and what the client rejected. */
  private static final class Hearing implements TraceListener {
    private final Map<String, Set<Integer>> liars = new HashMap<>();
    private final Set<String> rejected = new TreeSet<>();
    private final Set<String> fooled = new TreeSet<>();
    private final Map<String, byte[]> believed = new HashMap<>();

    @Override
    public void released(int replica, long number, Effect effect) {
      if (effect instanceof Effect.Answer(Reply reply)
          && new String(reply.result(), StandardCharsets.UTF_8).contains("a lie")) {
        String request = reply.client() + "/" + reply.timestamp();
        Set<Integer> senders = liars.computeIfAbsent(request, r -> new TreeSet<>());
        senders.add(replica);
        if (senders.size() == 2) {
          fooled.add(request);
        }
      }
    }

    @Override
    public void accepted(ClientStub client, ClientStub.Accepted answer) {
      believed.put(client.id() + "/" + answer.request().timestamp(), answer.outcome());
    }

    @Override
    public void rejected(ClientStub client, int from, Reply reply) {
      rejected.add(from + " " + reply.evidence().getClass().getSimpleName());
    }
  }

  /**
   * Two of five tell every client the same false result: whoever believed f equal replies would be
   * fooled, and a client is not, nor by proofs and votes that vouch for something else.
   */
  @Test
  void clientsRejectWhatFLiarsAgreeOn() {
    Sentences two = new Sentences();
    two.byzantine(3, Behaviour.LIE_EXECUTION).byzantine(4, Behaviour.LIE_EXECUTION);
    Faults faults = two.faults(5);
    WorldOptions options = DestinySimTest.options(5).withTuning(DestinySimTest.small(2));
    World world =
        World.of(
            faults.options(options),
            wire -> faults.network(wire, new RandomNetwork(wire, 5, 7, LinkModel.CALM)));
    Oracles oracles = Oracles.on(world, faults.correct(5));
    Hearing hearing = new Hearing();
    world.listen(hearing);
    faults.on(world);
    world.start();
    Workload load = new Workload(world, 8, 50, 1);
    load.start();
    assertThat(world.runUntil(load::done, 300 * SECOND)).isTrue();
    oracles.finish();
    assertThat(hearing.fooled).as("requests on which f liars agree").isNotEmpty();
    assertThat(hearing.believed).containsKeys(hearing.fooled.toArray(String[]::new));
    assertThat(hearing.believed.values())
        .noneMatch(b -> new String(b, StandardCharsets.UTF_8).contains("a lie"));
    assertThat(hearing.rejected).contains("3 Proof", "4 Proof");
    assertThat(oracles.checked().get("S10")).isEqualTo(load.accepted());
    assertThat(faults.injected()).containsKeys("reply:FALSE_WORD", "reply:FALSE_ROOT");
  }

  // ---- budget

  @Test
  void whatIsBeyondTheModelIsSaidToBe() {
    Sentences two = new Sentences().byzantine(1, Behaviour.SILENT).byzantine(2, Behaviour.TWIN);
    assertThat(two.faults(1).verdict(5, 2).within()).isTrue();
    assertThat(two.faults(1).verdict(3, 1).within()).isFalse();
    two.wipe(3).at(1);
    assertThat(two.faults(1).verdict(5, 2).within()).isFalse();
    Faults rollBack =
        new Faults(
            List.of(Fault.of(Fault.Kind.ROLLBACK_TRUSTED, 0, SECOND, List.of(1))), Map.of(), 1);
    assertThat(rollBack.verdict(5, 2).within()).isFalse();
  }

  // ---- the swarm itself

  @Test
  void everyKindOfFaultStrikesAndEverySeedIsAnswered() {
    SortedMap<String, Long> injected = new TreeMap<>();
    Set<String> probes = new TreeSet<>();
    Swarm swarm =
        new Swarm(
            new Swarm.Subject("destiny", DESTINY::rule, DESTINY::create, DESTINY::codec, true),
            Swarm.Mode.NO_LEADER_LOSS);
    for (long seed = 1; seed <= 150; seed++) {
      Swarm.Outcome o = swarm.run(seed);
      assertThat(o.oracle()).as("seed %d: %s", seed, o.message()).isNull();
      assertThat(o.committed()).as("seed %d", seed).isPositive();
      o.injected().forEach((k, v) -> injected.merge(k, v, Long::sum));
      probes.addAll(o.probes());
    }
    assertThat(probes).contains("a client rejects Proof");
    List<String> expected = new ArrayList<>();
    for (Fault.Kind kind : Fault.Kind.values()) {
      switch (kind) {
        case RESTART, ROLLBACK_TRUSTED, CLONE_TRUSTED -> {}
        default -> expected.add(kind.word());
      }
    }
    for (Behaviour behaviour : Behaviour.values()) {
      switch (behaviour) {
        // A coordinator without clients proposes nothing, and the O-primary is honest.
        case EQUIVOCATE, IMPERSONATE, LIE_ORDER -> {}
        default -> expected.add(behaviour.word());
      }
    }
    // The operators of the mutating adversary have a test of their own: some strike seldom.
    assertThat(injected.keySet()).containsAll(expected);
  }

  @Test
  void everyOperatorOfTheMutatingAdversaryStrikes() {
    SortedMap<String, Long> injected = new TreeMap<>();
    for (int seed = 1; seed <= 6; seed++) {
      Faults faults = new Sentences().byzantine(4, Behaviour.MUTATE).faults(seed);
      assertThat(answers(faults, 3)).isPositive();
      faults.injected().forEach((k, v) -> injected.merge(k, v, Long::sum));
    }
    // Chunks are sent only to those who are far behind: the seeds about state transfer.
    Swarm swarm =
        new Swarm(
            new Swarm.Subject("destiny", DESTINY::rule, DESTINY::create, DESTINY::codec, true),
            Swarm.Mode.NO_LEADER_LOSS);
    String rarest = "mutate:" + Mutations.Operator.CHUNK_OF_ANOTHER;
    for (long seed = 5; seed <= 16 * 75 && !injected.containsKey(rarest); seed += 16) {
      swarm.run(seed).injected().forEach((k, v) -> injected.merge(k, v, Long::sum));
    }
    for (Mutations.Operator operator : Mutations.Operator.values()) {
      assertThat(injected).containsKey("mutate:" + operator);
    }
  }

  /** V4, the canary: one replica applies something else than the others, and it must be found. */
  @Test
  void aReplicaThatAppliesSomethingElseIsFound() {
    Swarm swarm =
        new Swarm(
            new Swarm.Subject(
                "canary",
                DESTINY::rule,
                s -> s.self() == 1 ? new Wrong(DESTINY.create(s)) : DESTINY.create(s),
                DESTINY::codec,
                true),
            Swarm.Mode.NO_LEADER_LOSS);
    List<String> left = List.of("");
    for (long seed = 1; !left.isEmpty() && seed <= 20; seed++) {
      Swarm.Outcome found = swarm.run(seed);
      // None: R1 is one of the f of this seed, whom nobody judges.
      if (found.oracle() != null) {
        assertThat(found.oracle()).as("seed %d", seed).isIn("S5", "S6", "S7");
        // Faults are shrunk away; what else is unusual about a seed stays.
        left = swarm.shrink(found, 100);
      }
    }
    assertThat(left).isEmpty();
  }

  /**
   * A run in fair weather in which one replica, or each (-1), loses some effects from the k-th on.
   */
  private static Swarm.Outcome withoutEffects(int only, Set<Class<?>> lost, AtomicInteger k) {
    Swarm swarm =
        new Swarm(
            new Swarm.Subject(
                "losing",
                DESTINY::rule,
                s -> {
                  boolean affected = only < 0 || s.self() == only;
                  return affected ? new Losing(DESTINY.create(s), lost, k) : DESTINY.create(s);
                },
                DESTINY::codec,
                true),
            Swarm.Mode.NO_LEADER_LOSS);
    return swarm.run(FAIR_SEED);
  }

  @Test
  void l1ARequestThatIsNeverAnsweredIsFound() {
    Set<Class<?>> lost = Set.of(Effect.Answer.class);
    assertThat(withoutEffects(-1, lost, new AtomicInteger()).oracle()).isEqualTo("L1");
  }

  @Test
  void l3AReplicaThatNeverCatchesUpIsFound() {
    AtomicInteger all = new AtomicInteger(1_000_000);
    Set<Class<?>> lost = Set.of(Effect.Execute.class, Effect.FinishInstall.class);
    assertThat(withoutEffects(1, lost, all).oracle()).isNull();
    int executed = 1_000_000 - all.get();
    assertThat(withoutEffects(1, lost, new AtomicInteger(executed - 1)).oracle()).isEqualTo("L3");
  }

  /** Loses some effects. */
  private record Losing(Protocol inner, Set<Class<?>> lost, AtomicInteger left)
      implements Protocol {
    @Override
    public void on(Input input, Step step) {
      inner.on(input, new LosingStep(step, lost, left));
    }

    @Override
    public Status status() {
      return inner.status();
    }
  }

  private record LosingStep(Step step, Set<Class<?>> lost, AtomicInteger left) implements Step {
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
      if (!lost.contains(effect.getClass()) || left.getAndDecrement() > 0) {
        step.emit(effect);
      }
    }
  }

  /** Applies the first command of each batch twice. */
  private record Wrong(Protocol inner) implements Protocol {
    @Override
    public void on(Input input, Step step) {
      inner.on(input, new WrongStep(step));
    }

    @Override
    public Status status() {
      return inner.status();
    }
  }

  private record WrongStep(Step step) implements Step {
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
      if (effect instanceof Effect.Execute e) {
        List<Command> more = new ArrayList<>(e.commands());
        more.add(e.commands().getFirst());
        step.emit(new Effect.Execute(e.position(), e.timeMillis(), more));
      } else {
        step.emit(effect);
      }
    }
  }
}
