package io.destiny.core.kit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EarlyProposalsTest {
  private final SlotWindow<Object> window = new SlotWindow<>(4, slot -> new Object());
  private final EarlyProposals<String> early = new EarlyProposals<>();

  @Test
  void thoseOfTheViewComeBySlotAndOnce() {
    early.keep(2, 3, "three");
    early.keep(2, 1, "one");
    early.keep(2, 9, "beyond the window");
    assertThat(early.view()).isEqualTo(2);
    assertThat(early.take(2, window)).containsExactly("one", "three");
    assertThat(early.take(2, window)).isEmpty();
    assertThat(early.view()).isEqualTo(-1);
  }

  @Test
  void oneViewTakesThePlaceOfAnother() {
    early.keep(2, 1, "of view 2");
    early.keep(3, 2, "of view 3");
    assertThat(early.take(3, window)).containsExactly("of view 3");
    early.keep(5, 1, "of view 5");
    assertThat(early.take(4, window)).as("the view was passed over").isEmpty();
  }
}
