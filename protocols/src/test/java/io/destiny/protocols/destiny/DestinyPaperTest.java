package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.Result;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Homes;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Request;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.dqbft.OrderList;
import io.destiny.sim.check.Checks;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.LinkModel;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Claims of the specifications, each cited; the defects P5 to P11 of reliability.md §2.1. */
class DestinyPaperTest {
  private static final long MILLISECOND = 1_000_000L;
  private static final long SECOND = 1000 * MILLISECOND;

  /** Clients at home at R1 of three. */
  private static final int[] AT_R1 = {3, 5, 6, 7, 10, 11};

  private record Sent(int from, int to, Frame frame) {}

  /** Keeps what was sent. */
  private static final class Wiretap implements TraceListener {
    final List<Sent> sent = new ArrayList<>();

    @Override
    public void sent(int from, int to, Frame frame) {
      sent.add(new Sent(from, to, frame));
    }
  }

  /** Counts calls of the trusted subsystems. */
  private static final class Signatures implements TraceListener {
    long calls;

    @Override
    public void released(int replica, long number, Effect effect) {
      if (effect instanceof Effect.Trusted) {
        calls++;
      }
    }
  }

  // ---- P10: entries that repeat, decrease, skip, or lie outside every window

  private final Set<Long> told = new TreeSet<>();

  private World lyingWorld(Map<Long, OrderList.Entry> lies) {
    WorldOptions options = DestinySimTest.options(3).withTuning(DestinySimTest.small(1));
    return Checks.on(
        World.of(
            options.withProtocol(
                s -> {
                  Protocol correct = Catalog.find("destiny").orElseThrow().create(s);
                  return s.self() == 0 ? new LyingOrderPrimary(correct, s, lies, told) : correct;
                })));
  }

  /** dqbft.md §2, §5 rule 8: ORDER is cumulative; one duplicate mapping halted the prototype. */
  @Test
  void p10RepeatedDecreasingAndSkippingEntriesNeverStallExecution() {
    World world =
        lyingWorld(
                Map.of(
                    2L, new OrderList.Entry(1, 1), // again
                    3L, new OrderList.Entry(1, 3), // skips 2
                    4L, new OrderList.Entry(1, 2), // falls
                    5L, new OrderList.Entry(1, 5))) // closes the gap
            .start();
    Map<Long, String> order = new TreeMap<>();
    world.listen(
        new TraceListener() {
          @Override
          public void effect(int replica, long number, Effect effect) {
            if (effect instanceof Effect.Note(Effect.Event.Ordered e)) {
              order.put(e.position(), Instances.name(e.instance()) + "/" + e.slot());
            }
          }
        });
    for (int i = 0; i < 5; i++) {
      world.client(AT_R1[i]).submit(1, "put:k" + i + "=1");
      // Less than T_order: the O-primary stays in office.
      world.run(300 * MILLISECOND);
    }
    world.run(SECOND);
    for (int i = 0; i < 5; i++) {
      assertThat(world.client(AT_R1[i]).pending()).as("client %d", AT_R1[i]).isZero();
    }
    assertThat(told).containsExactly(2L, 3L, 4L, 5L);
    assertThat(order.values()).containsExactly("D1/1", "D1/2", "D1/3", "D1/4", "D1/5");
    assertThat(world.status(2).executed()).isEqualTo(5);
  }

  /**
   * dqbft.md §4 rule 4: a list that names a slot above the window, or one that nobody has shown,
   * waits and is complained about; dissemination goes on. The next view may have to re-propose it,
   * past the gates; execution copes, and the client is answered.
   */
  @Test
  void p10AnEntryThatNobodyCanShowWaitsAtTheGate() {
    for (long slot : new long[] {2, 17, 1L << 40, Long.MAX_VALUE}) {
      World world = lyingWorld(Map.of(1L, new OrderList.Entry(1, slot))).start();
      ClientStub client = world.client(AT_R1[0]);
      client.submit(1, "put:a=1");
      world.run(400 * MILLISECOND);
      assertThat(world.status(1).executed()).as("slot %d", slot).isZero();
      assertThat(world.stats().byName().get("D1.Commit").messages()).isPositive();
      assertThat(world.stats().byName()).doesNotContainKey("O.Commit");

      world.run(3 * SECOND);
      assertThat(world.notes().count("suspected_gate")).as("slot %d", slot).isPositive();
      assertThat(world.status(1).views().get("O")).as("slot %d", slot).isPositive();
      assertThat(client.pending()).as("slot %d", slot).isZero();
    }
  }

  // ---- P5: no counter is burned by what comes early

  /**
   * linear-hybster.md §5 rule 3: F1 is called in increasing slots, whatever the order of arrival.
   */
  @Test
  void p5SharesAreMadeInTheOrderOfSlotsUnderAnyReordering() {
    for (long seed = 1; seed <= 5; seed++) {
      World world =
          Checks.on(
                  World.of(
                      DestinySimTest.options(5)
                          .withSeed(seed)
                          .withTuning(DestinySimTest.small(2))
                          .withLinks(LinkModel.CALM.withReordering(1, 200 * MILLISECOND))))
              .start();
      Map<String, Long> last = new TreeMap<>();
      world.listen(
          new TraceListener() {
            @Override
            public void trusted(int replica, TrustedCall call, Result result) {
              long slot = Counters.slot(call.value());
              Long before = last.put(replica + "." + call.instance(), slot);
              assertThat(before == null || before + 1 == slot || before < slot).isTrue();
              assertThat(result).isInstanceOf(Result.Shared.class);
            }
          });
      Workload load = new Workload(world, 12, 10, 1);
      load.start();
      assertThat(world.runUntil(load::done, 60 * SECOND)).as("seed %d", seed).isTrue();
    }
  }

  // ---- P6: roles

  /** Every message whose sender matters, sent by every replica that does not have the role. */
  @Test
  void p6NoReplicaActsInAnothersRole() {
    World world =
        Checks.on(World.of(DestinySimTest.options(3).withTuning(DestinySimTest.small(1))));
    Wiretap tap = new Wiretap();
    Signatures signatures = new Signatures();
    world.listen(tap).listen(signatures).start();
    Workload load = new Workload(world, 4, 2, 1);
    load.start();
    assertThat(world.runUntil(load::done, 10 * SECOND)).isTrue();
    world.run(SECOND);

    int tried = 0;
    long signed = signatures.calls;
    for (Sent s : List.copyOf(tap.sent)) {
      String kind = s.frame.kind();
      if (!List.of("Prepare", "CommitSig", "ExecSig", "CheckpointSig").contains(kind)) {
        continue;
      }
      for (int impostor = 0; impostor < 3; impostor++) {
        if (impostor == s.from || impostor == s.to) {
          continue;
        }
        byte[] bytes = s.frame.bytes().clone();
        bytes[20] = 0;
        bytes[21] = (byte) impostor;
        long before = world.notes().dropped(DropReason.WRONG_SENDER);
        world.inject(impostor, s.to, Frame.forged(s.frame.name(), bytes));
        assertThat(world.notes().dropped(DropReason.WRONG_SENDER))
            .as("%s of R%d sent by R%d to R%d", s.frame.name(), s.from, impostor, s.to)
            .isEqualTo(before + 1);
        tried++;
      }
    }
    assertThat(tried).isGreaterThan(40);
    assertThat(signatures.calls).isEqualTo(signed);
  }

  // ---- P8: whatever one faulty replica sends, nobody stops and the others go on

  /** S19: no input from the network throws, and replays sign nothing again. */
  @Test
  void p8ReplaysAndGarbledMessagesOfOneReplicaHarmNobody() {
    for (long seed = 1; seed <= Long.getLong("seeds", 4); seed++) {
      World world =
          Checks.on(
              World.of(
                  DestinySimTest.options(3).withSeed(seed).withTuning(DestinySimTest.small(1))));
      Wiretap tap = new Wiretap();
      world.listen(tap).start();
      Workload load = new Workload(world, 6, 12, 2);
      load.start();
      SplittableRandom random = new SplittableRandom(seed);
      for (int i = 0; i < 2000; i++) {
        world.run(random.nextLong(2 * MILLISECOND));
        Sent s = tap.sent.get(tap.sent.size() - 1 - random.nextInt(Math.min(60, tap.sent.size())));
        int to = random.nextInt(2);
        byte[] bytes = mutated(s.frame.bytes(), random);
        bytes = random.nextInt(10) == 0 ? bytes : sentBy(2, bytes);
        world.inject(2, to, Frame.forged(s.frame.name(), bytes));
      }
      assertThat(world.runUntil(load::done, 120 * SECOND))
          .as("seed %d: %d accepted", seed, load.accepted())
          .isTrue();
      for (DropReason reason : HOSTILE) {
        assertThat(world.notes().dropped(reason)).as("%s", reason).isPositive();
      }
    }
  }

  private static final Set<DropReason> HOSTILE =
      EnumSet.of(
          DropReason.MALFORMED,
          DropReason.WRONG_SENDER,
          DropReason.WRONG_VIEW,
          DropReason.BAD_SIGNATURE,
          DropReason.DUPLICATE,
          DropReason.OLD);

  private static byte[] sentBy(int sender, byte[] bytes) {
    if (bytes.length > 21) {
      bytes[20] = 0;
      bytes[21] = (byte) sender;
    }
    return bytes;
  }

  private static byte[] mutated(byte[] original, SplittableRandom random) {
    byte[] bytes = original.clone();
    switch (random.nextInt(6)) {
      case 0 -> {} // a replay
      case 1 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 8));
      case 2 -> bytes[random.nextInt(24)] ^= (byte) (1 << random.nextInt(8));
      case 3 -> bytes[19] = (byte) (bytes[19] + random.nextInt(-3, 4));
      case 4 -> bytes[11] = (byte) (bytes[11] + 1);
      default -> {
        for (int i = random.nextInt(1, 4); i > 0; i--) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
    }
    return bytes;
  }

  // ---- P9 and linear-hybster.md §6: a replica whose shares are all bad

  /**
   * All shares of f replicas are bad in every slot and instance: the black list lets others serve.
   */
  @Test
  void p9BadSharesOfFReplicasOnlySlowTheFirstSlots() {
    World world =
        Checks.on(World.of(DestinySimTest.options(5).withTuning(DestinySimTest.small(2))));
    world.start();
    // What R3 and R4 send in votes is lost, and a garbled copy arrives in its place.
    world
        .network()
        .filter(
            (from, to, frame) -> {
              if (from < 3 || !frame.kind().endsWith("Sig")) {
                return true;
              }
              byte[] bytes = frame.bytes().clone();
              bytes[bytes.length - 1] ^= 1;
              world.inject(from, to, Frame.forged(frame.name(), bytes));
              return false;
            });
    Workload load = new Workload(world, 9, 20, 1);
    load.start();
    assertThat(world.runUntil(load::done, 60 * SECOND)).isTrue();
    assertThat(world.notes().dropped(DropReason.BAD_SIGNATURE)).isPositive();
  }

  // ---- destiny.md §10

  /** N8: with f crashed, not the home of any client, every command completes. */
  @Test
  void n8WithFCrashedReplicasTheOthersGoOn() {
    World world =
        Checks.on(World.of(DestinySimTest.options(5).withTuning(DestinySimTest.small(2)))).start();
    world.run(SECOND);
    world.crash(3);
    world.crash(4);
    int served = 0;
    for (int principal = 1; principal <= 20; principal++) {
      ClientStub client = world.client(principal);
      int home = Homes.of(client.id(), 5);
      if (home < 3) {
        Request r = client.submit(home, "put:a=" + principal);
        client.retransmit(r, 500 * MILLISECOND);
        served++;
        assertThat(world.runUntil(() -> client.pending() == 0, 10 * SECOND))
            .as("client %d of R%d", principal, home)
            .isTrue();
      }
    }
    assertThat(served).isGreaterThan(5);
  }

  /** G5, M9: what a replica keeps on disk does not grow with the history. */
  @Test
  void m9TheLogIsBoundedByTheWindows() {
    Settings.Tuning tuning = DestinySimTest.small(1);
    World world = Checks.on(World.of(DestinySimTest.options(3).withTuning(tuning))).start();
    Workload load = new Workload(world, 8, 100, 1);
    load.start();
    assertThat(world.runUntil(load::done, 120 * SECOND)).isTrue();
    world.run(2 * SECOND);
    int mostRecords = 4 * (3 * tuning.window() + tuning.orderWindow()) + 8;
    for (int i = 0; i < 3; i++) {
      assertThat(world.logSize(i)).isLessThan(mostRecords);
      assertThat(world.snapshots(i)).isBetween(1, 3);
      assertThat(world.status(i).checkpoint()).isPositive();
    }
  }
}
