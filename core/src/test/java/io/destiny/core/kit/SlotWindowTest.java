package io.destiny.core.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SlotWindowTest {
  @Test
  void behavesLikeAMapThatForgets() {
    SplittableRandom random = new SplittableRandom(7);
    for (int run = 0; run < 200; run++) {
      int width = random.nextInt(1, 20);
      SlotWindow<long[]> window = new SlotWindow<>(width, slot -> new long[] {slot});
      TreeMap<Long, long[]> dumb = new TreeMap<>();
      long low = 0;
      for (int step = 0; step < 300; step++) {
        long slot = low + random.nextLong(-3, width + 3);
        if (random.nextInt(10) == 0) {
          window.advance(slot);
          low = Math.max(low, slot);
          dumb.headMap(low, true).clear();
        } else if (slot > low && slot <= low + width) {
          long[] state = window.get(slot);
          assertThat(state[0]).isEqualTo(slot);
          dumb.putIfAbsent(slot, state);
        }
        assertThat(window.low()).isEqualTo(low);
        for (long s = low - 2; s <= low + width + 2; s++) {
          assertThat(window.peek(s)).isSameAs(dumb.get(s));
        }
      }
    }
  }

  @Test
  void refusesSlotsOutsideTheWindow() {
    SlotWindow<Object> window = new SlotWindow<>(4, slot -> new Object());
    window.advance(10);
    assertThatThrownBy(() -> window.get(10)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> window.get(15)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> window.get(Long.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(window.peek(-1)).isNull();
    assertThat(window.contains(14)).isTrue();
  }
}
