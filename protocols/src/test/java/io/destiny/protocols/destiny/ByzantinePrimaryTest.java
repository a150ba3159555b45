package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.model.Reply;
import io.destiny.sim.check.Oracles;
import io.destiny.sim.check.Violation;
import io.destiny.sim.fault.Behaviour;
import io.destiny.sim.fault.Faults;
import io.destiny.sim.fault.Layout;
import io.destiny.sim.fault.Sentences;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.Costs;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.LinkModel;
import io.destiny.sim.world.RandomNetwork;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A primary of the BFT model that lies. Twins, where no trusted counter makes them tell one story
 * (reliability.md §4.2, T-C): two instances with the keys of one replica, each with its own memory,
 * are one Byzantine replica. f of those are survived, and f+1 are found.
 */
class ByzantinePrimaryTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int CLIENTS = 8;
  private static final int REQUESTS = 15;

  /** What was proposed, by instance, view and slot. */
  private static final class Proposals implements TraceListener {
    private final Map<String, Set<ByteBuffer>> digests = new HashMap<>();

    @Override
    public void sent(int from, int to, Frame frame) {
      if (frame.kind().equals("PrePrepare")) {
        byte[] digest =
            Arrays.copyOfRange(frame.bytes(), Layout.BODY, Layout.BODY + Layout.DIGEST_BYTES);
        digests
            .computeIfAbsent(
                from + " " + frame.name() + " " + frame.view() + " " + frame.sequence(),
                s -> new HashSet<>())
            .add(ByteBuffer.wrap(digest));
      }
    }

    /** Slots in which one replica proposed two things in one view. */
    Set<String> twice() {
      return digests.entrySet().stream()
          .filter(e -> e.getValue().size() > 1)
          .map(Map.Entry::getKey)
          .collect(Collectors.toSet());
    }
  }

  /** What clients did not believe. */
  private static final class Rejections implements TraceListener {
    private final Set<Integer> of = new HashSet<>();

    @Override
    public void rejected(ClientStub client, int from, Reply reply) {
      of.add(from);
    }
  }

  /**
   * How a run ended.
   *
   * @param checked by each oracle
   * @param twice slots in which a replica proposed two things
   * @param rejected whose answers clients did not believe
   */
  private record End(SortedMap<String, Long> checked, Set<String> twice, Set<Integer> rejected) {}

  /** Runs until all is answered, with all oracles on. */
  private static End run(String protocol, int n, Faults faults) {
    WorldOptions options =
        DestinySimTest.options(protocol, n).withSeed(7).withHardware(Costs.TYPICAL);
    World world =
        World.of(
            faults.options(options),
            wire -> faults.network(wire, new RandomNetwork(wire, n, 7, LinkModel.CALM)));
    Oracles oracles = Oracles.on(world, faults.correct(n));
    faults.on(world);
    Proposals proposals = new Proposals();
    Rejections rejections = new Rejections();
    world.listen(proposals).listen(rejections);
    world.start();
    Workload load = new Workload(world, CLIENTS, REQUESTS, 1);
    load.start();
    assertThat(world.runUntil(load::done, 60 * SECOND)).isTrue();
    oracles.finish();
    return new End(oracles.checked(), proposals.twice(), rejections.of);
  }

  private static Faults twins(int... replicas) {
    Sentences sentences = new Sentences();
    for (int replica : replicas) {
      sentences.byzantine(replica, Behaviour.TWIN);
    }
    return sentences.faults(7).inConcert();
  }

  /** The primary of view 0, which is that of the order as well, proposes two things in a slot. */
  @ParameterizedTest
  @ValueSource(strings = {"pbft", "sbft", "dqpbft", "dqsbft"})
  void twinsOfThePrimaryEquivocateAndConvinceNobody(String protocol) {
    Faults faults = twins(0);
    assertThat(faults.verdict(4, 1).within()).isTrue();
    End end = run(protocol, 4, faults);
    assertThat(end.twice).isNotEmpty().allMatch(slot -> slot.startsWith("0 "));
    assertThat(end.checked.get("S1")).isPositive();
    assertThat(end.checked.get("S3")).isPositive();
    assertThat(end.checked.get("S5")).isPositive();
  }

  /** Two of seven that know of each other: each side of the rest has one replica too few. */
  @ParameterizedTest
  @ValueSource(strings = {"pbft", "sbft"})
  void fTwinsInConcertConvinceNobody(String protocol) {
    Faults faults = twins(0, 1);
    assertThat(faults.verdict(7, 2).within()).isTrue();
    assertThat(run(protocol, 7, faults).twice).isNotEmpty();
  }

  /** Sbft.md §9, J5: R0 collects the shares on results, and answers clients as it likes. */
  @ParameterizedTest
  @ValueSource(strings = {"sbft", "dqsbft"})
  void clientsRejectWhatAPrimaryMakesUp(String protocol) {
    Faults faults = new Sentences().byzantine(0, Behaviour.LIE_EXECUTION).faults(7);
    End end = run(protocol, 4, faults);
    assertThat(faults.injected()).containsKeys("reply:FALSE_WORD", "reply:FALSE_ROOT");
    assertThat(end.rejected).containsExactly(0);
    assertThat(end.checked).containsEntry("S10", (long) CLIENTS * REQUESTS);
  }

  /** Beyond the model, and said to be: R2 and R3 each have a quorum of their own. */
  @ParameterizedTest
  @ValueSource(strings = {"pbft", "sbft"})
  void oneMoreThanFIsFound(String protocol) {
    Faults faults = twins(0, 1);
    assertThat(faults.verdict(4, 1).within()).isFalse();
    assertThatThrownBy(() -> run(protocol, 4, faults))
        .isInstanceOf(Violation.class)
        .hasMessageStartingWith("S1: ");
  }
}
