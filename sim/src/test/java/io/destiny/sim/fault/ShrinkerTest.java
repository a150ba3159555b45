package io.destiny.sim.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ShrinkerTest {
  private static Set<Integer> upTo(int n) {
    Set<Integer> all = new TreeSet<>();
    for (int i = 0; i < n; i++) {
      all.add(i);
    }
    return all;
  }

  @Test
  void whatIsNotNeededIsLeftOut() {
    assertThat(Shrinker.minimise(upTo(40), s -> s.contains(3) && s.contains(31), 1000))
        .containsExactly(3, 31);
    assertThat(Shrinker.minimise(upTo(40), s -> true, 1000)).isEmpty();
    assertThat(Shrinker.minimise(upTo(5), s -> s.size() == 5, 1000)).hasSize(5);
  }

  @Test
  void itEndsWhenTheRunsAreSpent() {
    int[] runs = new int[1];
    Shrinker.minimise(
        upTo(1000),
        s -> {
          runs[0]++;
          return s.size() > 900;
        },
        20);
    assertThat(runs[0]).isEqualTo(20);
  }
}
