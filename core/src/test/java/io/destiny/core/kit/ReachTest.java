package io.destiny.core.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ReachTest {
  private static final class Slot {
    boolean known;
    boolean decided;
  }

  @Test
  void isWhatOneFindsByLookingAtAllSlots() {
    SplittableRandom random = new SplittableRandom(3);
    for (int run = 0; run < 200; run++) {
      int width = random.nextInt(1, 12);
      SlotWindow<Slot> window = new SlotWindow<>(width, slot -> new Slot());
      Reach<Slot> reach = new Reach<>(window, s -> s.known, s -> s.decided);
      TreeSet<Long> known = new TreeSet<>();
      TreeSet<Long> decided = new TreeSet<>();
      for (int step = 0; step < 100; step++) {
        long slot = window.low() + random.nextLong(1, width + 1);
        switch (random.nextInt(8)) {
          case 0 -> {
            window.advance(slot);
            reach.touch(slot);
            reach.extend();
          }
          case 1 -> reach.find();
          case 2, 3, 4 -> {
            window.get(slot).known = true;
            known.add(slot);
            reach.touch(slot);
          }
          default -> {
            Slot s = window.get(slot);
            s.known = true;
            s.decided = true;
            known.add(slot);
            decided.add(slot);
            reach.touch(slot);
            reach.extend();
          }
        }
        long frontier = window.low();
        while (decided.contains(frontier + 1)) {
          frontier++;
        }
        assertThat(reach.frontier()).isEqualTo(frontier);
        long highest = known.isEmpty() ? 0 : known.last();
        assertThat(reach.highest()).isEqualTo(Math.max(window.low(), highest));
      }
    }
  }

  @Test
  void anotherViewBeginsAtTheLowWatermark() {
    SlotWindow<Slot> window = new SlotWindow<>(8, slot -> new Slot());
    Prefix<Slot> held = new Prefix<>(window, s -> s.known);
    window.get(1).known = true;
    window.get(2).known = true;
    held.extend();
    assertThat(held.end()).isEqualTo(2);
    window.forEach(s -> s.known = false);
    held.restart();
    held.extend();
    assertThat(held.end()).isZero();
    window.advance(4);
    window.get(5).known = true;
    held.extend();
    assertThat(held.end()).isEqualTo(5);
  }
}
