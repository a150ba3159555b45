package io.destiny.sim.world;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.sim.toy.ToyCodec;
import io.destiny.sim.toy.ToyProtocol;
import java.util.List;
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
}
