package io.destiny.core.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.Settings;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CollectorsTest {
  @Test
  void isAPermutationThatBeginsWithTheFirst() {
    for (int n = 1; n < 40; n++) {
      int[] order =
          Collectors.order(KitFixture.DOMAIN, n, n / 2, 3, 9, Collectors.Purpose.EXECUTION);
      assertThat(order[0]).isEqualTo(n / 2);
      assertThat(Arrays.stream(order).sorted())
          .containsExactly(IntStream.range(0, n).boxed().toArray(Integer[]::new));
    }
  }

  @Test
  void dependsOnInstanceNumberAndPurpose() {
    Set<String> orders = new HashSet<>();
    for (Collectors.Purpose purpose : Collectors.Purpose.values()) {
      for (int instance = 0; instance < 3; instance++) {
        for (long number = 0; number < 3; number++) {
          orders.add(
              Arrays.toString(
                  Collectors.order(KitFixture.DOMAIN, 40, 0, instance, number, purpose)));
        }
      }
    }
    assertThat(orders).hasSize(27);
  }

  @Test
  void withPermutedCollectorsTheLeaderIsTheLastResort() {
    Settings settings = KitFixture.settings(7, 0);
    Settings.Tuning tuning = settings.tuning().change().collectors(2).permuted(true).done();
    CollectorOrder order =
        new CollectorOrder(
            new Settings(settings.domain(), settings.rule(), 0, settings.limits(), tuning), 3);
    Set<Integer> firsts = new HashSet<>();
    int other = 0;
    for (long slot = 1; slot <= 60; slot++) {
      int[] of = order.of(1, slot, 4);
      assertThat(of).hasSize(4).doesNotHaveDuplicates().endsWith(4);
      firsts.add(of[0]);
      other += Arrays.equals(of, order.of(2, slot, 4)) ? 0 : 1;
    }
    assertThat(other).isGreaterThan(50);
    assertThat(firsts).containsExactlyInAnyOrder(0, 1, 2, 3, 5, 6);
  }

  @Test
  void fallBackReachesAllInDoublingStepsAndWrapsAround() {
    FallBack fallBack = new FallBack(5, () -> new int[] {5, 1, 2, 3, 4, 0, 6, 7});
    assertThat(fallBack.first()).isEqualTo(5);
    assertThat(fallBack.next()).containsExactly(1);
    assertThat(fallBack.next()).containsExactly(2, 3);
    assertThat(fallBack.next()).containsExactly(4, 0, 6, 7);
    assertThat(fallBack.delay(10)).isEqualTo(10);
    assertThat(fallBack.next()).containsExactly(5);
    assertThat(fallBack.delay(10)).isEqualTo(20);
    assertThat(fallBack.next()).containsExactly(1, 2);
  }

  @Test
  void fallBackOfOneCollectorAsksItAgain() {
    FallBack alone = new FallBack(2, () -> new int[] {2});
    assertThat(alone.next()).containsExactly(2);
    assertThat(alone.next()).containsExactly(2);
    assertThat(alone.delay(1)).isEqualTo(4);
  }
}
