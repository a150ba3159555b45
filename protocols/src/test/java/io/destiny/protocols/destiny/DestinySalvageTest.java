package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.app.SnapshotSink;
import io.destiny.core.app.SnapshotSource;
import io.destiny.core.app.StateMachine;
import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.LogSurvey;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.InstanceStatus;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Command;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Reconfiguration;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.dqbft.Salvage;
import io.destiny.protocols.dqbft.SalvageBase;
import io.destiny.sim.ghost.GhostCrypto;
import io.destiny.sim.world.DiskImage;
import io.destiny.sim.world.LinkModel;
import io.destiny.sim.world.TinyStore;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * All replicas and their trusted subsystems are gone at once, after crashes, view changes and lost
 * messages. Whatever any of them had executed is in what their disks give back, in the same order,
 * even if f of the disks are missing, or lie.
 */
class DestinySalvageTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long SEEDS = Long.getLong("seeds", 8);

  /** Records of votes and of commitments: nothing waits for these to be durable. */
  private static final Set<Integer> LAZY = Set.of(2, 3);

  /** Records with payloads: those before a vote, and those of slots not voted for. */
  private static final Set<Integer> PAYLOADS = Set.of(1, 4);

  /** What the replicas had done when the power went, and what is left of them. */
  private record Ruin(
      World world,
      Map<Integer, DiskImage> disks,
      Map<Integer, Long> positions,
      List<Digest> past,
      Map<Batch, Long> ordered) {
    Settings settings() {
      return world.options().settings(0);
    }

    int n() {
      return world.options().rule().n();
    }

    int f() {
      return world.options().rule().f();
    }
  }

  /** A slot of a D-instance. */
  private record Batch(int instance, long slot) {}

  private record Salvaged(
      SalvageBase.Proven base,
      Salvage.Reach reach,
      Salvage.Boundary boundary,
      Told told,
      Set<Integer> rejected) {}

  /** A store that remembers its history at each position. */
  private static final class Told implements StateMachine {
    final TinyStore store = new TinyStore();
    final Map<Long, Digest> at = new HashMap<>();

    @Override
    public List<byte[]> apply(long position, long timeMillis, List<Command> commands) {
      List<byte[]> results = store.apply(position, timeMillis, commands);
      at.put(position, store.history());
      return results;
    }

    @Override
    public SnapshotSource snapshot() {
      return store.snapshot();
    }

    @Override
    public SnapshotSink restore() {
      return store.restore();
    }
  }

  private static Ruin ruin(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int n = seed % 3 == 0 ? 5 : 3;
    World world = DestinySimTest.noisy(n, seed);
    Map<Batch, Long> ordered = ordered(world);
    Workload load = new Workload(world.start(), 8, 1000, 2);
    load.start();
    int crashes = random.nextInt(4);
    for (int i = 0; i < crashes; i++) {
      world.run(random.nextLong(SECOND));
      int victim = random.nextInt(n);
      world.crash(victim);
      world.run(random.nextLong(4 * SECOND));
      world.restart(victim);
    }
    world.run(SECOND / 4 + random.nextLong(2 * SECOND));
    return powerCut(world, seed, ordered);
  }

  private static Map<Batch, Long> ordered(World world) {
    Map<Batch, Long> ordered = new HashMap<>();
    world.listen(
        new TraceListener() {
          @Override
          public void effect(int replica, long number, Effect effect) {
            if (effect instanceof Effect.Note(Effect.Event.Ordered o)) {
              ordered.put(new Batch(o.instance(), o.slot()), o.position());
            }
          }
        });
    return ordered;
  }

  private static Ruin powerCut(World world, long seed, Map<Batch, Long> ordered) {
    SplittableRandom random = new SplittableRandom(seed);
    int n = world.options().rule().n();
    Map<Integer, Long> positions = new TreeMap<>();
    List<Digest> past = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      TinyStore store = world.up(i) ? (TinyStore) world.application(i) : new TinyStore();
      positions.put(i, store.position());
      past.add(store.history());
    }
    Map<Integer, DiskImage> disks = new TreeMap<>();
    for (int i = 0; i < n; i++) {
      if (random.nextBoolean()) {
        world.unreliableDisk(i, seed + i, what -> {});
      }
      world.crash(i);
      disks.put(i, DiskImage.of(world, i));
    }
    return new Ruin(world, disks, positions, past, ordered);
  }

  private static Salvaged salvage(Ruin ruin, List<Salvage.Holding> holdings) {
    return salvage(ruin, holdings, Long.MAX_VALUE);
  }

  private static Salvaged salvage(Ruin ruin, List<Salvage.Holding> holdings, long latestMillis) {
    CryptoProvider crypto = new GhostCrypto(ruin.world.ledger(), -1);
    Set<Integer> rejected = new TreeSet<>();
    LogSurvey.Judge judge =
        new LogSurvey.Judge() {
          @Override
          public boolean holds(Work work) {
            return crypto.run(work) instanceof Result.Verdict v && v.valid();
          }

          @Override
          public void rejected(int replica, String why) {
            rejected.add(replica);
          }
        };
    Settings settings = ruin.settings();
    Optional<SalvageBase.Proven> base =
        new SalvageBase(settings, judge, work -> false, (statement, signature) -> false)
            .find(holdings).stream().findFirst();
    Told told = new Told();
    Input.SavedCheckpoint checkpoint = base.map(SalvageBase.Proven::checkpoint).orElse(null);
    if (base.isPresent()) {
      ruin.disks.get(base.get().replica()).load(base.get().checkpoint(), told);
      told.at.put(told.store.position(), told.store.history());
    }
    Salvage salvage =
        new Salvage(
            settings, Catalog.find("destiny").orElseThrow().survey(settings).orElseThrow(), judge);
    Salvage.Reach reach = salvage.reach(checkpoint, holdings, latestMillis);
    Reconfiguration end = new Reconfiguration(1, ruin.n(), new byte[] {1});
    Salvage.Boundary boundary =
        salvage.replay(checkpoint, reach, told, end, statement -> new byte[0]);
    return new Salvaged(base.orElse(null), reach, boundary, told, rejected);
  }

  private static List<Salvage.Holding> all(Ruin ruin) {
    List<Salvage.Holding> all = new ArrayList<>();
    ruin.disks.forEach(
        (i, disk) -> all.add(new Salvage.Holding(i, disk.records(), disk.snapshots())));
    return all;
  }

  private static void everythingExecutedIsThere(Ruin ruin, Salvaged salvaged, String what) {
    long base = salvaged.base == null ? 0 : salvaged.base.checkpoint().slot();
    for (int i = 0; i < ruin.n(); i++) {
      long position = ruin.positions.get(i);
      Digest history = salvaged.told.at.get(position);
      if (history != null) {
        assertThat(history).as("%s: R%d at %d", what, i, position).isEqualTo(ruin.past.get(i));
      } else {
        // It was behind the checkpoint, or it executed what nobody has.
        assertThat(position == 0 || (base > 0 && position < firstPosition(salvaged)))
            .as("%s: R%d executed up to %d, salvaged %s", what, i, position, salvaged.boundary)
            .isTrue();
      }
    }
  }

  private static long firstPosition(Salvaged salvaged) {
    return salvaged.told.at.keySet().stream().mapToLong(Long::longValue).min().orElse(0);
  }

  @Test
  void whatWasExecutedIsInTheDisks() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Ruin ruin = ruin(seed);
      Salvaged salvaged = salvage(ruin, all(ruin));
      everythingExecutedIsThere(ruin, salvaged, "seed " + seed);
      assertThat(salvaged.rejected).as("seed %d", seed).isEmpty();
    }
  }

  private static Salvage.Holding filtered(Salvage.Holding h, Predicate<LogRecord> kept) {
    List<LogRecord> records = h.records().stream().filter(kept).toList();
    return new Salvage.Holding(h.replica(), records, h.snapshots());
  }

  /** And without what is written when it suits. */
  @Test
  void alsoWithoutSomeOfThem() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Ruin ruin = ruin(seed);
      SplittableRandom random = new SplittableRandom(~seed);
      List<Salvage.Holding> some = all(ruin);
      for (int i = 0; i < ruin.f(); i++) {
        some.remove(random.nextInt(some.size()));
      }
      everythingExecutedIsThere(ruin, salvage(ruin, some), "seed " + seed);
      some.replaceAll(h -> filtered(h, r -> r.slot() == 0 || !LAZY.contains(r.kind())));
      everythingExecutedIsThere(ruin, salvage(ruin, some), "seed " + seed + ", eager records");
    }
  }

  /** The O-primary is gone, and the next one has just taken over when the power goes. */
  @Test
  void whatANewViewTookOverIsThere() {
    for (int step = 0; step < 12; step++) {
      World world =
          World.of(
              DestinySimTest.options(3)
                  .withSeed(step)
                  .withTuning(DestinySimTest.small(1))
                  .withLinks(LinkModel.CALM));
      Map<Batch, Long> ordered = ordered(world);
      new Workload(world.start(), 8, 1000, 2).start();
      world.run(SECOND / 2 + step * SECOND / 100);
      world.crash(0);
      assertThat(world.runUntil(() -> entered(world, 1) && entered(world, 2), 20 * SECOND))
          .isTrue();
      world.run(step * SECOND / 500);
      Ruin ruin = powerCut(world, step, ordered);
      List<Salvage.Holding> all = all(ruin);
      everythingExecutedIsThere(ruin, salvage(ruin, all), "step " + step);
      all.remove(1 + step % 2);
      all.replaceAll(h -> filtered(h, r -> r.slot() == 0 || !LAZY.contains(r.kind())));
      everythingExecutedIsThere(ruin, salvage(ruin, all), "step " + step + ", two disks");
    }
  }

  private static boolean entered(World world, int replica) {
    Protocol protocol = world.protocol(replica);
    InstanceStatus order = protocol == null ? null : protocol.instances().getLast();
    return order != null && order.view() > 0 && order.entered();
  }

  /** Exactly what the order has before a batch that nobody holds is carried out. */
  @Test
  void aGapEndsIt() {
    int gaps = 0;
    for (long seed = 1; seed <= 4; seed++) {
      gaps += gaps(ruin(seed));
    }
    assertThat(gaps).isPositive();
  }

  private static int gaps(Ruin ruin) {
    int gaps = 0;
    Salvaged whole = salvage(ruin, all(ruin));
    for (Map.Entry<Batch, Long> lost : ruin.ordered.entrySet()) {
      Batch at = lost.getKey();
      if (lost.getValue() <= firstPosition(whole) || lost.getValue() >= whole.boundary.position()) {
        continue;
      }
      List<Salvage.Holding> all = all(ruin);
      all.replaceAll(
          h ->
              filtered(
                  h,
                  r ->
                      r.instance() != at.instance
                          || r.slot() != at.slot
                          || !PAYLOADS.contains(r.kind())));
      Salvaged salvaged = salvage(ruin, all);
      // The administrators' own batch has a position, too.
      assertThat(salvaged.boundary.position()).as("%s", at).isEqualTo(lost.getValue());
      assertThat(salvaged.reach.beyond()).as("%s", at).isPositive();
      assertThat(whole.told.at).as("%s", at).containsAllEntriesOf(salvaged.told.at);
      gaps++;
    }
    return gaps;
  }

  /** A liar's list would set the time for ever: without a certificate it does not count. */
  @Test
  void aListFromTheFutureIsNotCarriedOut() {
    Ruin ruin = ruin(1);
    List<Salvage.Holding> all = all(ruin);
    all.replaceAll(h -> filtered(h, r -> r.slot() == 0 || !LAZY.contains(r.kind())));
    assertThat(salvage(ruin, all, 0).reach.lists()).isZero();
    assertThat(salvage(ruin, all).reach.lists()).isPositive();
  }

  /** Records are changed, cut, left out, and put where others belong. */
  @Test
  void alsoIfSomeOfThemLie() {
    int caught = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      Ruin ruin = ruin(seed);
      SplittableRandom random = new SplittableRandom(~seed);
      List<Salvage.Holding> all = all(ruin);
      for (int i = 0; i < ruin.f(); i++) {
        int liar = random.nextInt(all.size());
        all.set(liar, lying(all.get(liar), random));
      }
      Salvaged salvaged = salvage(ruin, all);
      everythingExecutedIsThere(ruin, salvaged, "seed " + seed);
      caught += salvaged.rejected.size();
    }
    assertThat(caught).isPositive();
  }

  private static Salvage.Holding lying(Salvage.Holding truth, SplittableRandom random) {
    List<LogRecord> lies = new ArrayList<>();
    for (LogRecord r : truth.records()) {
      byte[] body = r.body();
      switch (random.nextInt(8)) {
        case 0 -> {
          body[random.nextInt(body.length)] ^= (byte) (1 + random.nextInt(255));
          lies.add(new LogRecord(r.instance(), r.slot(), r.kind(), r.view(), body));
        }
        case 1 -> {
          byte[] cut = Arrays.copyOf(body, random.nextInt(body.length));
          lies.add(new LogRecord(r.instance(), r.slot(), r.kind(), r.view(), cut));
        }
        case 2 ->
            lies.add(
                new LogRecord(
                    r.instance(),
                    r.slot() + random.nextLong(-3, 4),
                    r.kind(),
                    r.view() + random.nextLong(3),
                    body));
        case 3 -> lies.add(new LogRecord(r.instance(), r.slot(), random.nextInt(110), 0, body));
        case 4 -> {}
        default -> lies.add(r);
      }
    }
    return new Salvage.Holding(truth.replica(), lies, truth.snapshots());
  }
}
