package io.destiny.protocols.destiny;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Command;
import io.destiny.core.model.Homes;
import io.destiny.core.model.Request;
import io.destiny.core.statement.Domain;
import io.destiny.core.trusted.ThreshSign;
import io.destiny.crypto.BlsCrypto;
import io.destiny.crypto.ClientAlgorithm;
import io.destiny.crypto.ClientSigner;
import io.destiny.crypto.InProcessThreshSign;
import io.destiny.crypto.KeyCeremony;
import io.destiny.sim.check.Oracles;
import io.destiny.sim.cpu.CostTable;
import io.destiny.sim.cpu.StagedHardware;
import io.destiny.sim.fault.Behaviour;
import io.destiny.sim.fault.Faults;
import io.destiny.sim.fault.Layout;
import io.destiny.sim.fault.Sentences;
import io.destiny.sim.ghost.RealKeys;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.LinkModel;
import io.destiny.sim.world.RandomNetwork;
import io.destiny.sim.world.TinyStore;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The attacks of reliability.md §2 on the normal case, the states and the links. */
class DestinyAttacksTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int VICTIM = 2;

  private static WorldOptions options(int n) {
    return DestinySimTest.options(n).withTuning(DestinySimTest.small((n - 1) / 2)).withSeed(3);
  }

  // ---- state transfer (§2.5)

  /** What a source sends instead of a frame; none: it is lost. */
  @FunctionalInterface
  private interface Source {
    List<Frame> sends(Frame frame);
  }

  /**
   * R2 was away for long and comes back; the first that it asks for a state treats it so, and yet
   * it has the history of the others before long.
   */
  private static void catchesUp(Source source) {
    int[] asked = {-1};
    Set<Integer> served = new TreeSet<>();
    World world =
        World.of(
            options(3),
            wire -> {
              RandomNetwork beneath = new RandomNetwork(wire, 3, 7, LinkModel.CALM);
              return (from, to, frame) -> {
                if (from == VICTIM && frame.kind().equals("GetState")) {
                  served.add(to);
                  asked[0] = asked[0] < 0 ? to : asked[0];
                }
                boolean lies = from == asked[0] && to == VICTIM;
                for (Frame f : lies ? source.sends(frame) : List.of(frame)) {
                  beneath.send(from, to, f);
                }
              };
            });
    Oracles oracles = Oracles.on(world, Set.of(0, 1, 2));
    world.start();
    Workload load = new Workload(world, 8, 200, 1);
    load.start();
    world.run(SECOND / 50);
    world.crash(VICTIM);
    assertThat(world.runUntil(() -> world.status(0).checkpoint() >= 64, 60 * SECOND)).isTrue();
    world.restart(VICTIM);
    assertThat(world.runUntil(load::done, 60 * SECOND)).isTrue();
    assertThat(world.runUntil(() -> history(world, VICTIM).equals(history(world, 0)), 20 * SECOND))
        .as("R2 %s, R0 %s", world.status(VICTIM), world.status(0))
        .isTrue();
    assertThat(served).as("it asked another").hasSize(2);
    assertThat(world.notes().count("state_transfers")).isPositive();
    oracles.finish();
  }

  private static Object history(World world, int replica) {
    return ((TinyStore) world.application(replica)).history();
  }

  private static Frame changed(Frame frame, UnaryOperator<byte[]> change) {
    return Frame.forged(frame.name(), change.apply(frame.bytes().clone()));
  }

  @Test
  void aSourceThatVanishesBeforeTheLastChunksIsReplaced() {
    int[] chunks = {0};
    catchesUp(f -> !f.kind().equals("Chunks") || chunks[0]++ == 0 ? List.of(f) : List.of());
    assertThat(chunks[0]).as("the first came, the second did not").isGreaterThan(1);
  }

  /** It answers each question at once, and with nothing: that is no progress. */
  @Test
  void aSourceThatDripsNothingIsReplaced() {
    // No chunks: part, first index, and a count of 0.
    int length = Layout.BODY + 5;
    UnaryOperator<byte[]> empty = b -> ByteBuffer.allocate(length + 2).put(b, 0, length).array();
    int[] dripped = {0};
    catchesUp(
        f -> {
          boolean chunks = f.kind().equals("Chunks");
          dripped[0] += chunks ? 1 : 0;
          return List.of(chunks ? changed(f, empty) : f);
        });
    assertThat(dripped[0]).as("it is not asked on and on").isBetween(1, 10);
  }

  @Test
  void anOldStateUnderANewNumberIsNotInstalled() {
    UnaryOperator<byte[]> renumbered =
        b -> {
          long slot = ByteBuffer.wrap(b).getLong(Layout.SEQUENCE);
          ByteBuffer.wrap(b).putLong(Layout.SEQUENCE, slot + 8);
          return b;
        };
    Set<String> offered = new TreeSet<>();
    catchesUp(
        f -> {
          boolean state = Set.of("Manifest", "Chunks", "CheckpointProof").contains(f.kind());
          if (state) {
            offered.add(f.kind());
          }
          return List.of(state ? changed(f, renumbered) : f);
        });
    assertThat(offered).contains("Manifest");
  }

  // ---- other clusters (§2.6)

  private record SeededKeys(KeyCeremony.Reproducible keys) implements RealKeys {
    @Override
    public CryptoProvider replica(int replica) {
      return new BlsCrypto(keys.publicKeys(), replica, keys.replicas().get(replica).executionKey());
    }

    @Override
    public CryptoProvider verifier() {
      return new BlsCrypto(keys.publicKeys());
    }

    @Override
    public byte[] signClient(int principal, byte[] statement) {
      return ClientSigner.of(ClientAlgorithm.ED25519, keys.clientPrivateKeys().get(principal - 1))
          .sign(statement);
    }

    @Override
    public ThreshSign trusted(int replica) {
      return new InProcessThreshSign(keys.replicas().get(replica).provision());
    }
  }

  private record Sent(int from, int to, Frame frame) {}

  /** A cluster of three with this identity, and always the same real keys. */
  private static World cluster(int id) {
    WorldOptions o = options(3);
    byte[] cluster = new byte[16];
    cluster[15] = (byte) id;
    Domain domain = new Domain(cluster, 0);
    WorldOptions same =
        new WorldOptions(
            o.rule(),
            domain,
            o.limits(),
            o.tuning(),
            o.seed(),
            o.protocol(),
            o.codec(),
            o.application(),
            o.registry(),
            o.hardware(),
            o.clientDelay(),
            o.links(),
            o.encoded(),
            new SeededKeys(KeyCeremony.reproducible(domain, o.rule(), 1 << 20, 5, 4)));
    return World.of(same).start();
  }

  private static List<Sent> recorded() {
    World world = cluster(1);
    List<Sent> all = new ArrayList<>();
    world.listen(
        new TraceListener() {
          @Override
          public void sent(int from, int to, Frame frame) {
            all.add(new Sent(from, to, Frame.forged(frame.name(), frame.bytes())));
          }
        });
    Workload load = new Workload(world, 3, 3, 1);
    load.start();
    assertThat(world.runUntil(load::done, 20 * SECOND)).isTrue();
    return all;
  }

  private static void replayed(World world) {
    for (Sent s : recorded()) {
      world.inject(s.from(), s.to(), s.frame());
    }
    world.run(SECOND);
  }

  @Test
  void whatAnotherClusterSaidChangesNothing() {
    World other = cluster(2);
    replayed(other);
    for (int i = 0; i < 3; i++) {
      assertThat(other.logSize(i)).isZero();
      assertThat(history(other, i)).isEqualTo(new TinyStore().history());
    }
    Workload load = new Workload(other, 3, 3, 1);
    load.start();
    assertThat(other.runUntil(load::done, 20 * SECOND)).as("and it works as ever").isTrue();
  }

  /**
   * The control: under the same identity those bytes verify, which the table of all signed sees.
   */
  @Test
  void whatTheSameClusterSaidInAnotherLifeWouldBeBelieved() {
    World twin = cluster(1);
    assertThatThrownBy(() -> replayed(twin)).hasStackTraceContaining("CheckedCrypto");
  }

  // ---- performance (§2.3, §2.4)

  /**
   * Answers in ten seconds to the clients whose homes are not {@code without}. With windows of the
   * usual size: in small ones a replica whose window moves last may fall behind for good, whatever
   * the fault.
   */
  private static long answers(int n, Faults faults, int without) {
    WorldOptions usual = options(n).withTuning(Settings.Tuning.defaults((n - 1) / 2));
    World world =
        World.of(
            faults.options(usual.withHardware(new StagedHardware(CostTable.p2021(), n))),
            wire -> faults.network(wire, new RandomNetwork(wire, n, 7, LinkModel.CALM)));
    Oracles oracles = Oracles.on(world, faults.correct(n));
    faults.on(world);
    Map<Integer, Long> answered = new HashMap<>();
    world.listen(
        new TraceListener() {
          @Override
          public void accepted(ClientStub client, ClientStub.Accepted answer) {
            answered.merge(Homes.of(client.id(), n), 1L, Long::sum);
          }
        });
    world.start();
    new Workload(world, 10, 1_000_000, 1).start();
    world.run(10 * SECOND);
    oracles.finish();
    answered.remove(without);
    return answered.values().stream().mapToLong(Long::longValue).sum();
  }

  /** A home of one of the clients that is not the O-primary. */
  private static int home(int n) {
    long client = 1;
    while (Homes.of(client << 32, n) == 0) {
      client++;
    }
    return Homes.of(client << 32, n);
  }

  /** R7: instances do not wait for each other. */
  @Test
  void aBlockedInstanceDoesNotSlowTheOthers() {
    int home = home(5);
    Sentences blocked = new Sentences();
    blocked.when(Sentences.from(home)).drop().between(0, 99);
    Faults faults = blocked.faults(1);
    long calm = answers(5, Faults.none(), home);
    assertThat(calm).isPositive();
    assertThat(answers(5, faults, home)).isBetween(calm * 9 / 10, calm * 11 / 10);
    assertThat(faults.injected()).containsKey("drop");
  }

  /**
   * A coordinator shows its proposals to the O-primary alone: each order waits until all others
   * have fetched what it names. The primary then orders what is committed (dqbft.md §4 rule 3);
   * without that the others' clients get a tenth of their answers.
   */
  @Test
  void proposalsShownToTheOrderPrimaryAloneSlowTheOthersLittle() {
    int home = home(5);
    Integer[] backups = IntStream.range(1, 5).boxed().toArray(Integer[]::new);
    Sentences withheld = new Sentences();
    withheld
        .when(Sentences.from(home).to(backups).kind("D" + home + ".Prepare"))
        .drop()
        .between(0, 99);
    long calm = answers(5, Faults.none(), home);
    assertThat(answers(5, withheld.faults(1), home)).isGreaterThan(calm * 7 / 10);
  }

  @Test
  void badSharesOfHalfOfTheFaultyCostAFifthAtMost() {
    Faults faults = new Sentences().byzantine(4, Behaviour.BAD_SHARE).faults(1);
    assertThat(answers(5, faults, -1)).isGreaterThan(answers(5, Faults.none(), -1) * 8 / 10);
    assertThat(faults.injected()).containsKey("badShare");
  }

  private static long answersUnderFlood(int perSecond) {
    WorldOptions options = options(3).withHardware(new StagedHardware(CostTable.p2021(), 3));
    World world = World.of(options).start();
    Workload load = new Workload(world, 8, 1_000_000, 1);
    load.start();
    ClientStub flooder = world.client(90);
    for (int i = 0; i < 5 * perSecond; i++) {
      Request forgery = flooder.forgery(i + 1, List.of(new byte[] {1}));
      world.at(i * SECOND / perSecond, () -> flooder.sendToAll(forgery));
    }
    world.run(5 * SECOND);
    assertThat(world.notes().dropped(DropReason.BAD_SIGNATURE))
        .isBetween(3L * 4 * perSecond, 3L * 5 * perSecond);
    return load.accepted();
  }

  @Test
  void aFloodOfBadSignaturesTakesNoMoreThanATenth() {
    long calm = answersUnderFlood(0);
    assertThat(answersUnderFlood(2000)).isGreaterThan(calm * 9 / 10);
  }

  /** A client that sends each request to all coordinators at once. */
  @Test
  void whatIsSentToAllCoordinatorsTakesEffectOnce() {
    World world = World.of(options(5));
    Oracles oracles = Oracles.on(world, Set.of(0, 1, 2, 3, 4));
    List<Command> ordered = new ArrayList<>();
    world.listen(
        new TraceListener() {
          @Override
          public void released(int replica, long number, Effect effect) {
            if (replica == 0 && effect instanceof Effect.Execute e) {
              ordered.addAll(e.commands());
            }
          }
        });
    world.start();
    ClientStub client = world.client(1);
    for (int t = 1; t <= 50; t++) {
      int timestamp = t;
      client.sendToAll(client.request(List.of(("put:a=" + t).getBytes(UTF_8))));
      assertThat(world.runUntil(() -> client.accepted(timestamp).isPresent(), SECOND)).isTrue();
    }
    world.run(5 * SECOND);
    oracles.finish();
    assertThat(ordered).extracting(Command::timestamp).doesNotHaveDuplicates().hasSize(50);
  }
}
