package io.destiny.core.trusted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** P11 of reliability.md §2.1: an index never runs into the view. */
class CountersTest {
  private static final long[] SLOTS = {
    0, 1, (1L << 31) - 1, 1L << 31, (1L << 32) - 1, 1L << 32, (1L << 40) - 2, (1L << 40) - 1
  };
  private static final long[] VIEWS = {0, 1, 2, (1L << 16) - 1, 1L << 16, (1L << 23) - 1};

  @Test
  void viewAndSlotComeBack() {
    for (long view : VIEWS) {
      for (long slot : SLOTS) {
        long value = Counters.encode(view, slot);
        assertThat(value).isNotNegative();
        assertThat(Counters.view(value)).isEqualTo(view);
        assertThat(Counters.slot(value)).isEqualTo(slot);
      }
    }
  }

  @Test
  void valuesGrowWithTheViewFirstAndTheSlotNext() {
    long last = -1;
    for (long view : VIEWS) {
      for (long slot : SLOTS) {
        long value = Counters.encode(view, slot);
        assertThat(value).isGreaterThan(last);
        last = value;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1L << 40, (1L << 40) + 1, Long.MAX_VALUE, Long.MIN_VALUE})
  void aSlotThatDoesNotFitIsRefused(long slot) {
    assertThatThrownBy(() -> Counters.encode(0, slot)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1L << 23, 1L << 32, Long.MAX_VALUE})
  void aViewThatDoesNotFitIsRefused(long view) {
    assertThatThrownBy(() -> Counters.encode(view, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({"8388607, 1099511627775, 9223372036854775807", "1, 0, 1099511627776"})
  void pinnedValues(long view, long slot, long value) {
    assertThat(Counters.encode(view, slot)).isEqualTo(value);
  }
}
