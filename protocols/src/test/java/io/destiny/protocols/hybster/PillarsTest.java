package io.destiny.protocols.hybster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.InstanceStatus;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Homes;
import io.destiny.core.model.Instances;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.sim.check.Checks;
import io.destiny.sim.fault.Fault;
import io.destiny.sim.fault.Faults;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.LinkModel;
import io.destiny.sim.world.RandomNetwork;
import io.destiny.sim.world.TinyStore;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hybster with pillars (hybster.md §3), all oracles on. */
class PillarsTest {
  private static final long MILLISECOND = 1_000_000L;
  private static final long SECOND = 1000 * MILLISECOND;

  /** Some requests are answered by then, and others are under way. */
  private static final long SOON = 20 * MILLISECOND;

  private static final long RETRANSMIT = 500 * MILLISECOND;
  private static final ProtocolEntry HYBSTER = Catalog.find("hybster").orElseThrow();

  private static WorldOptions options(int n, int pillars) {
    // Small batches and checkpoints, so that a short run goes through many.
    Settings.Tuning tuning =
        Settings.Tuning.defaults(HYBSTER.rule(n).f())
            .withBatch(4)
            .change()
            .checkpointInterval(8)
            .pillars(pillars)
            .done();
    return WorldOptions.of(HYBSTER.rule(n), HYBSTER::create, HYBSTER::codec).withTuning(tuning);
  }

  private static World world(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    LinkModel links =
        new LinkModel(
            MILLISECOND / 10,
            MILLISECOND * random.nextInt(1, 40),
            random.nextInt(0, 200),
            random.nextInt(0, 300),
            true);
    return Checks.on(World.of(options(n, 4).withSeed(seed).withLinks(links)));
  }

  private static World world(int n, Fault... plan) {
    Faults faults = new Faults(List.of(plan), Map.of(), 1);
    World world =
        World.of(
            faults.options(options(n, 4)),
            wire -> faults.network(wire, new RandomNetwork(wire, n, 7, LinkModel.CALM)));
    Checks.on(world);
    faults.on(world);
    return world.start();
  }

  /** What a replica sends of one kind gets to nobody. */
  private static Fault lost(int from, String message) {
    return Fault.onLinks(Fault.Kind.DROP, SOON, Long.MAX_VALUE, List.of(from), List.of(), 1000)
        .ofMessage(message);
  }

  /** Clients that ask for the next thing when they believe the answer to the last. */
  private static final class Load implements TraceListener {
    private final List<ClientStub> clients = new ArrayList<>();
    private final int requests;
    private long accepted;

    Load(World world, int clients, int requests) {
      this.requests = requests;
      world.listen(this);
      for (int c = 1; c <= clients; c++) {
        this.clients.add(world.client(c));
      }
      this.clients.forEach(this::next);
    }

    private void next(ClientStub client) {
      client.retransmit(client.submit(0, "put:" + client.id() + "=" + accepted), RETRANSMIT);
    }

    @Override
    public void accepted(ClientStub client, ClientStub.Accepted answer) {
      accepted++;
      if (answer.request().timestamp() < requests) {
        next(client);
      }
    }

    boolean done() {
      return accepted == (long) requests * clients.size();
    }
  }

  /** The links are calm from now on: all is answered, and the replicas agree in everything. */
  private static void ended(World world, Load load) {
    world.network().model(LinkModel.CALM);
    assertThat(world.runUntil(load::done, 60 * SECOND)).as("%d answers", load.accepted).isTrue();
    world.run(10 * SECOND);
    together(world);
  }

  /** One history at all replicas that run, and one view in all their pillars. */
  private static void together(World world) {
    int n = world.options().rule().n();
    TreeMap<Object, Integer> histories = new TreeMap<>();
    TreeMap<Long, Integer> views = new TreeMap<>();
    for (int i = 0; i < n; i++) {
      if (world.up(i)) {
        histories.merge(((TinyStore) world.application(i)).history().toHex(), 1, Integer::sum);
        assertThat(world.status(i).views()).containsOnlyKeys("O", "O1", "O2", "O3");
        world.status(i).views().values().forEach(view -> views.merge(view, 1, Integer::sum));
      }
    }
    assertThat(histories).hasSize(1);
    assertThat(views).hasSize(1);
  }

  private static long view(World world, int replica) {
    return world.status(replica).views().get("O");
  }

  // ---- the order

  /** Row after row, and in each the pillars in turn; whoever asks, all pillars get some of it. */
  @ParameterizedTest
  @CsvSource({"3, 2", "3, 4", "5, 8"})
  void thePillarsTakeTurns(int n, int pillars) {
    World world = Checks.on(World.of(options(n, pillars)));
    TreeMap<Integer, Integer> commands = new TreeMap<>();
    world.listen(
        new TraceListener() {
          @Override
          public void effect(int replica, long number, Effect effect) {
            if (effect instanceof Effect.Note(Effect.Event.Ordered o)) {
              assertThat(o.position())
                  .isEqualTo((o.slot() - 1) * pillars + Instances.pillarOf(o.instance()) + 1);
              commands.merge(o.instance(), o.commands(), Integer::sum);
            }
          }
        });
    world.start();
    Load load = new Load(world, 40, 10);
    assertThat(world.runUntil(load::done, 60 * SECOND)).isTrue();
    assertThat(commands).hasSize(pillars).allSatisfy((p, c) -> assertThat(c).isPositive());
    assertThat(world.notes().countNames()).noneMatch(name -> name.startsWith("suspected"));
  }

  /** §8's scenario, turned round: one pillar has clients and three have none. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void idlePillarsHoldNobodyUp(int busy) {
    World world = world(3);
    int asked = 0;
    for (int principal = 1; asked < 20; principal++) {
      ClientStub client = world.client(principal);
      if (Homes.of(client.id(), 4) == busy) {
        client.submit(0, "put:" + principal + "=1");
        assertThat(world.runUntil(() -> client.pending() == 0, 100 * MILLISECOND)).isTrue();
        asked++;
      }
    }
    assertThat(world.notes().count("noop_filled")).isEqualTo(3L * asked);
    assertThat(world.notes().countNames()).noneMatch(name -> name.startsWith("suspected"));
  }

  /** §8's scenario: one pillar has no clients, and the load is that of the others. */
  @Test
  void onePillarIdle() {
    World world = world(3);
    List<ClientStub> clients = new ArrayList<>();
    for (int principal = 1; clients.size() < 12; principal++) {
      ClientStub client = world.client(principal);
      if (Homes.of(client.id(), 4) != 2) {
        clients.add(client);
      }
    }
    for (int round = 0; round < 20; round++) {
      int value = round;
      clients.forEach(client -> client.submit(0, "put:" + client.id() + "=" + value));
      assertThat(
              world.runUntil(
                  () -> clients.stream().allMatch(c -> c.pending() == 0), 100 * MILLISECOND))
          .as("round %d", round)
          .isTrue();
    }
    assertThat(view(world, 0)).isZero();
    assertThat(world.notes().countNames()).noneMatch(name -> name.startsWith("suspected"));
  }

  @Test
  void otherProtocolsHaveNone() {
    for (ProtocolEntry entry : Catalog.entries()) {
      if (!entry.pillars()) {
        WorldOptions options =
            WorldOptions.of(entry.rule(4), entry::create, entry::codec)
                .withTuning(Settings.Tuning.defaults(1).change().pillars(2).done());
        assertThatThrownBy(() -> World.of(options).start())
            .hasStackTraceContaining(entry.name() + " has no pillars");
      }
    }
  }

  // ---- view changes

  @ParameterizedTest
  @CsvSource({"3, 1", "3, 2", "3, 3", "5, 4", "5, 5"})
  void aLostPrimaryIsReplacedInAllPillars(int n, long seed) {
    World world = world(n, seed).start();
    Load load = new Load(world, 12, 30);
    world.run(SECOND);
    world.crash(0);
    ended(world, load);
    assertThat(view(world, 1)).isPositive();
    world.restart(0);
    world.run(10 * SECOND);
    together(world);
  }

  /** The primary does its work in three pillars of four: it loses all of them. */
  @ParameterizedTest
  @CsvSource({"3, O", "3, O1", "5, O3"})
  void aPrimaryThatIsSilentInOnePillarLosesAll(int n, String pillar) {
    World world = world(n, lost(0, pillar + ".Prepare"), lost(0, pillar + ".Forward"));
    Load load = new Load(world, 12, 100);
    assertThat(world.runUntil(load::done, 60 * SECOND)).isTrue();
    world.run(5 * SECOND);
    together(world);
    assertThat(view(world, 0)).isEqualTo(1);
  }

  /** The next primary is dead too: the one after it gets all pillars. */
  @Test
  void twoPrimariesAreLost() {
    World world = world(5);
    Load load = new Load(world, 12, 100);
    world.run(SOON);
    world.crash(0);
    world.crash(1);
    assertThat(world.runUntil(load::done, 60 * SECOND)).isTrue();
    world.run(10 * SECOND);
    together(world);
    assertThat(view(world, 2)).isEqualTo(2);
  }

  /** The NEW-VIEW of one pillar gets to nobody: all go on to the next primary. */
  @Test
  void oneNewViewIsMissing() {
    World world = world(5, lost(1, "O2.NewView"));
    Load load = new Load(world, 12, 100);
    world.run(SOON);
    world.crash(0);
    assertThat(world.runUntil(load::done, 60 * SECOND)).isTrue();
    world.run(10 * SECOND);
    together(world);
    assertThat(view(world, 2)).isEqualTo(2);
  }

  // ---- coming back

  @Test
  void aReplicaThatWasAwayGetsTheStateOfAllPillars() {
    for (long seed = 1; seed <= 5; seed++) {
      World world = world(3, seed).start();
      Load load = new Load(world, 12, 60);
      world.run(SECOND);
      world.crash(2);
      long away = world.status(0).checkpoint();
      world.runUntil(() -> world.status(0).checkpoint() >= away + 24, 60 * SECOND);
      world.restart(2);
      ended(world, load);
      assertThat(world.notes().count("state_transfers")).as("seed %d", seed).isPositive();
    }
  }

  /** Any replicas, also all at once, and what was promised in each pillar stands. */
  @Test
  void powerFailures() {
    for (long seed = 1; seed <= 10; seed++) {
      int n = seed % 2 == 0 ? 5 : 3;
      World world = world(n, seed).start();
      Load load = new Load(world, 12, 40);
      SplittableRandom random = new SplittableRandom(seed);
      for (int i = 0; i < 6; i++) {
        world.run(random.nextLong(SECOND));
        int down = i == 3 ? (1 << n) - 1 : random.nextInt(1, 1 << n);
        for (int r = 0; r < n; r++) {
          if ((down >> r & 1) != 0) {
            world.crash(r);
          }
        }
        world.run(random.nextLong(SECOND));
        for (int r = 0; r < n; r++) {
          if (!world.up(r)) {
            world.restart(r);
          }
        }
      }
      ended(world, load);
    }
  }

  // ---- checkpoints

  /** One base for all pillars, and a log no longer after a thousand rows than after a hundred. */
  @Test
  void oneCheckpointCutsAllLogs() {
    World world = world(3);
    Load first = new Load(world, 12, 200);
    assertThat(world.runUntil(first::done, 60 * SECOND)).isTrue();
    world.run(SECOND);
    for (int i = 0; i < 3; i++) {
      List<InstanceStatus> pillars = Objects.requireNonNull(world.protocol(i)).instances();
      assertThat(pillars).hasSize(4);
      assertThat(world.status(i).checkpoint())
          .isGreaterThanOrEqualTo(160)
          .matches(at -> at % 8 == 0);
      assertThat(pillars).allMatch(p -> p.stable() == world.status(0).checkpoint());
      // A row at most is under way, and not more than a checkpoint's rows are kept.
      assertThat(world.logSize(i)).isLessThan(4 * 8 * 6);
      assertThat(world.status(i).slots()).isLessThan(4 * 8);
    }
  }
}
