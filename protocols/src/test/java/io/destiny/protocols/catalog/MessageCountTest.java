package io.destiny.protocols.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.Settings;
import io.destiny.core.model.Homes;
import io.destiny.sim.check.Checks;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.MessageStats;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What one batch costs in messages: the formulas of 00-system-model.md §9, hybster.md §7,
 * linear-hybster.md §1 and sbft.md §8. Their N is N-1 on the links, since what a replica sends to
 * itself is not counted. Under DQBFT a batch takes a D-slot and an O-slot, each with these costs,
 * and its result is certified once. Destiny's have a test of their own.
 */
class MessageCountTest {
  private static final long MILLISECOND = 1_000_000L;

  /** STATUS carries repairs, and comes whether there is a batch or not. */
  private static final Set<String> PERIODIC = Set.of("Status");

  /**
   * Messages of one batch of two requests, by kind.
   *
   * @param down a replica that has crashed before; -1: none
   */
  private static Map<String, Long> sent(String name, int n, int down) {
    return sent(
        name, n, down, Settings.Tuning.defaults(Catalog.find(name).orElseThrow().rule(n).f()));
  }

  private static Map<String, Long> sent(String name, int n, int down, Settings.Tuning tuning) {
    ProtocolEntry protocol = Catalog.find(name).orElseThrow();
    WorldOptions options = WorldOptions.of(protocol.rule(n), protocol::create, protocol::codec);
    World world = Checks.on(World.of(options.withTuning(tuning))).start();
    if (down >= 0) {
      world.crash(down);
    }
    world.run(1500 * MILLISECOND);
    world.stats().reset();
    // Where there is no home, the primary: nothing is passed on.
    int to = protocol.homes() ? 1 : 0;
    ClientStub client = clientOf(world, to);
    client.submit(to, "put:a=1", "put:b=2");
    assertThat(world.runUntil(() -> client.pending() == 0, 400 * MILLISECOND)).isTrue();
    world.run(20 * MILLISECOND);
    Map<String, Long> sent = new TreeMap<>();
    for (Map.Entry<String, MessageStats.Tally> e : world.stats().byKind().entrySet()) {
      if (!PERIODIC.contains(e.getKey())) {
        sent.put(e.getKey(), e.getValue().messages());
      }
    }
    return sent;
  }

  /** A client whose home is this replica. */
  private static ClientStub clientOf(World world, int home) {
    int principal = 1;
    while (Homes.of((long) principal << 32, world.options().rule().n()) != home) {
      principal++;
    }
    return world.client(principal);
  }

  /** N proposals, N² PREPAREs without the primary's, N² COMMITs. */
  @ParameterizedTest
  @CsvSource({"pbft, 4, 1", "pbft, 7, 1", "pbft, 19, 1", "dqpbft, 4, 2", "dqpbft, 19, 2"})
  void pbftVotesTwiceFromAllToAll(String name, int n, long slots) {
    long others = n - 1L;
    assertThat(sent(name, n, -1))
        .isEqualTo(
            Map.of(
                "PrePrepare", slots * others,
                "Prepare", slots * others * others,
                "Commit", slots * n * others));
  }

  /** N + N²: a leader's proposal is its vote. */
  @ParameterizedTest
  @CsvSource({
    "hybster, 3, 1",
    "hybster, 7, 1",
    "hybster, 19, 1",
    "dqhybster, 3, 2",
    "dqhybster, 19, 2"
  })
  void hybsterVotesOnceFromAllToAll(String name, int n, long slots) {
    long others = n - 1L;
    assertThat(sent(name, n, -1))
        .isEqualTo(Map.of("Prepare", slots * others, "CommitSig", slots * others * others));
  }

  /** 3N for a commit, 2N for the proof of its execution. */
  @ParameterizedTest
  @CsvSource({"linear-hybster, 3", "linear-hybster, 7", "linear-hybster, 19"})
  void linearHybsterCollects(String name, int n) {
    long others = n - 1L;
    assertThat(sent(name, n, -1))
        .isEqualTo(
            Map.of(
                "Prepare", others,
                "CommitSig", others,
                "Commit", others,
                "ExecSig", others,
                "ExecProof", others));
  }

  /** 3N on the fast path, which all shares take, and 2N for the proof of the execution. */
  @ParameterizedTest
  @CsvSource({"sbft, 4, 1", "sbft, 7, 1", "sbft, 19, 1", "dqsbft, 4, 2", "dqsbft, 19, 2"})
  void sbftCollectsOnceIfAllAreThere(String name, int n, long slots) {
    long others = n - 1L;
    assertThat(sent(name, n, -1))
        .isEqualTo(
            Map.of(
                "PrePrepare", slots * others,
                "SignShare", slots * others,
                "FullCommitProof", slots * others,
                "ExecSig", others,
                "ExecProof", others));
  }

  /** The same where the first collector of a slot is not its leader. */
  @ParameterizedTest
  @CsvSource({"sbft, 4, 1", "sbft, 19, 1", "dqsbft, 4, 2"})
  void sbftMayPermuteItsCollectors(String name, int n, long slots) {
    Settings.Tuning usual = Settings.Tuning.defaults(Catalog.find(name).orElseThrow().rule(n).f());
    assertThat(sent(name, n, -1, usual.change().permuted(true).done()))
        .isEqualTo(sent(name, n, -1))
        .containsEntry("SignShare", slots * (n - 1L));
  }

  /** 2N more on the slow path. The one that is down sends nothing, and is sent everything. */
  @ParameterizedTest
  @CsvSource({"sbft, 4, 1", "sbft, 7, 1", "sbft, 19, 1", "dqsbft, 4, 2", "dqsbft, 19, 2"})
  void sbftCollectsTwiceIfOneIsDown(String name, int n, long slots) {
    long others = n - 1L;
    assertThat(sent(name, n, n - 1))
        .isEqualTo(
            Map.of(
                "PrePrepare", slots * others,
                "SignShare", slots * (others - 1),
                "PrepareProof", slots * others,
                "CommitShare", slots * (others - 1),
                "FullCommitProofSlow", slots * others,
                "ExecSig", others - 1,
                "ExecProof", others));
  }
}
