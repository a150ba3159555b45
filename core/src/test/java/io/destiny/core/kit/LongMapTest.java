package io.destiny.core.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LongMapTest {
  /** Against the map of the JDK, with keys that follow each other, collide and come back. */
  @Test
  void itHoldsWhatAnyMapHolds() {
    for (long seed = 1; seed <= 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      LongMap<Integer> map = new LongMap<>();
      Map<Long, Integer> expected = new HashMap<>();
      long span = 1L << random.nextInt(1, 12);
      long base = random.nextBoolean() ? 0 : random.nextLong();
      for (int i = 0; i < 2000; i++) {
        long key = base + random.nextLong(span) * (random.nextInt(8) == 0 ? 1L << 40 : 1);
        switch (random.nextInt(5)) {
          case 0, 1 -> {
            map.put(key, i);
            expected.put(key, i);
          }
          case 2, 3 -> assertThat(map.remove(key)).isEqualTo(expected.remove(key));
          default -> assertThat(map.get(key)).isEqualTo(expected.get(key));
        }
        assertThat(map.size()).isEqualTo(expected.size());
      }
      long most = base + span / 2;
      assertThat(map.keysUpTo(most))
          .containsExactly(
              expected.keySet().stream()
                  .filter(k -> k <= most)
                  .mapToLong(k -> k)
                  .sorted()
                  .toArray());
      expected.forEach((k, v) -> assertThat(map.get(k)).isEqualTo(v));
      expected.keySet().forEach(map::remove);
      assertThat(map.isEmpty()).isTrue();
    }
  }

  @Test
  void anEmptyOneKnowsNothing() {
    LongMap<String> map = new LongMap<>();
    assertThat(map.get(0)).isNull();
    assertThat(map.remove(7)).isNull();
    assertThat(map.contains(-1)).isFalse();
    map.put(0, "zero");
    map.clear();
    assertThat(map.contains(0)).isFalse();
    assertThat(map.isEmpty()).isTrue();
  }
}
