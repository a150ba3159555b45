package io.destiny.sim.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.app.SnapshotSink;
import io.destiny.core.app.StateMachine;
import io.destiny.core.model.Command;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class SharedStoreTest {
  private static List<Command> commands(String... operations) {
    return Arrays.stream(operations)
        .map(o -> new Command(7, o.length(), o.getBytes(StandardCharsets.UTF_8)))
        .toList();
  }

  @Test
  void replicasThatAreToldTheSameAnswerTheSame() {
    Supplier<StateMachine> world = SharedStore.world();
    SharedStore one = (SharedStore) world.get();
    SharedStore other = (SharedStore) world.get();

    List<byte[]> results = one.apply(1, 5, commands("a", "bc"));
    assertThat(other.apply(1, 5, commands("a", "bc"))).isSameAs(results);
    assertThat(other.history()).isEqualTo(one.history());
    assertThat(results).hasSize(2).allMatch(r -> r.length == 2);
  }

  @Test
  void whoeverIsToldSomethingElseFirstSpoilsNobodysResults() {
    Supplier<StateMachine> world = SharedStore.world();
    SharedStore liar = (SharedStore) world.get();
    SharedStore honest = (SharedStore) world.get();
    liar.apply(1, 5, commands("forged"));
    List<byte[]> results = honest.apply(1, 5, commands("a"));

    SharedStore reference = SharedStore.alone();
    assertThat(results.getFirst()).isEqualTo(reference.apply(1, 5, commands("a")).getFirst());
    assertThat(honest.history()).isEqualTo(reference.history()).isNotEqualTo(liar.history());
    // Also when the liar comes back to the commands of the others: its history is another one.
    liar.apply(2, 6, commands("b"));
    honest.apply(2, 6, commands("b"));
    reference.apply(2, 6, commands("b"));
    assertThat(honest.history()).isEqualTo(reference.history()).isNotEqualTo(liar.history());
  }

  @Test
  void aResultDependsOnItsCommandAndOnAllBefore() {
    SharedStore one = SharedStore.alone();
    SharedStore other = SharedStore.alone();
    SharedStore third = SharedStore.alone();
    one.apply(1, 5, commands("a"));
    other.apply(1, 5, commands("abc"));
    third.apply(1, 5, commands("a"));
    byte[] result = one.apply(2, 6, commands("get")).getFirst();
    assertThat(other.apply(2, 6, commands("get")).getFirst()).isNotEqualTo(result);
    assertThat(third.apply(2, 6, commands("put")).getFirst()).isNotEqualTo(result);
  }

  @Test
  void aRestoredStoreGoesOnWhereTheOtherStood() {
    Supplier<StateMachine> world = SharedStore.world();
    SharedStore one = (SharedStore) world.get();
    one.apply(1, 5, commands("a"));
    SharedStore other = (SharedStore) world.get();
    SnapshotSink sink = other.restore();
    sink.accept(one.snapshot().chunk(0));
    sink.finish();
    assertThat(other.position()).isEqualTo(1);
    assertThat(other.apply(2, 6, commands("b"))).isSameAs(one.apply(2, 6, commands("b")));
  }
}
