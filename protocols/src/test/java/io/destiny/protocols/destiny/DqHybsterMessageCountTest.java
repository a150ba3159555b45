package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.sim.check.Checks;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.MessageStats;
import io.destiny.sim.world.World;
import java.util.SortedMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The message counts of hybster.md §7, in each of the two instances that a batch takes: a proposal
 * to all, and a vote from each other replica to all. On the links that is N-1 and (N-1)²; the
 * result takes none: every replica answers the client.
 */
class DqHybsterMessageCountTest {
  private static final long MILLISECOND = 1_000_000L;

  @ParameterizedTest
  @ValueSource(ints = {3, 5, 7, 19})
  void everyVoteGoesToAll(int n) {
    World world = Checks.on(World.of(DestinySimTest.options("dqhybster", n))).start();
    world.run(1500 * MILLISECOND);
    world.stats().reset();
    ClientStub client = world.client(1);
    client.submit(1, "put:a=1", "put:b=2");
    assertThat(world.runUntil(() -> client.pending() == 0, 200 * MILLISECOND)).isTrue();
    world.run(20 * MILLISECOND);

    long others = n - 1L;
    SortedMap<String, MessageStats.Tally> sent = world.stats().byKind();
    assertThat(sent.get("Prepare").messages()).isEqualTo(2 * others);
    assertThat(sent.get("CommitSig").messages()).isEqualTo(2 * others * others);
    assertThat(sent)
        .doesNotContainKeys("ExecSig", "ExecProof", "Commit", "Fetch", "Forward", "Complain");
  }
}
