package io.destiny.core.kit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OwnSlotsTest {
  private final SlotWindow<Object> window = new SlotWindow<>(3, slot -> new Object());
  private final OwnSlots own = new OwnSlots(window);

  @Test
  void whatIsTakenIsInFlightUntilItIsCommitted() {
    assertThat(own.takeNext()).isEqualTo(1);
    assertThat(own.takeNext()).isEqualTo(2);
    assertThat(own.inFlight()).isEqualTo(2);
    own.release(1);
    own.release(1);
    own.release(3);
    assertThat(own.inFlight()).isEqualTo(1);
    assertThat(own.has(1)).isFalse();
    assertThat(own.has(2)).isTrue();
  }

  @Test
  void isFullUntilTheWindowMovesOn() {
    while (!own.full()) {
      own.takeNext();
    }
    assertThat(own.inFlight()).isEqualTo(3);
    window.advance(2);
    own.skipTo(3);
    assertThat(own.full()).isFalse();
    assertThat(own.inFlight()).as("what is below the watermark is forgotten").isEqualTo(1);
    assertThat(own.takeNext()).isEqualTo(4);
  }

  @Test
  void aViewBeginsWithNothingInFlight() {
    own.takeNext();
    own.start(3);
    assertThat(own.inFlight()).isZero();
    own.take(2);
    assertThat(own.has(2)).as("a re-proposal").isTrue();
    assertThat(own.takeNext()).isEqualTo(3);
    own.skipTo(2);
    assertThat(own.takeNext()).as("never back").isEqualTo(4);
  }
}
