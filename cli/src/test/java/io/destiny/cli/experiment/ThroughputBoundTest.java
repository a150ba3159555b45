package io.destiny.cli.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.destiny.cli.experiment.ThroughputBound.Sizes;
import io.destiny.core.model.FaultModel;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThroughputBoundTest {
  private static final Sizes SMALL = new Sizes(125_000_000, 5120, 250, 10);

  /** The table of check values of 00-system-model.md §9: commands/s, column by column. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "5   | 10  | 4   | 81380 70982 77592 146484 146484 101764 115920 97784",
        "5   | 10  | 19  | 13563 11830 12932 105794 90422 40514 70826 36929",
        "5   | 10  | 97  | 2543 2218 2425 99182 83076 11394 65071 11037",
        "5   | 10  | 301 | 814 710 776 98145 81923 3983 64168 3937",
        "100 | 200 | 4   | 81380 80788 81182 146484 146484 143335 144578 142925",
        "100 | 200 | 19  | 13563 13465 13530 105794 90422 97906 89189 84316",
        "100 | 200 | 97  | 2543 2525 2537 99182 83076 71599 81942 62635",
        "100 | 200 | 301 | 814 808 812 98145 81923 44977 80805 41159",
      })
  void theFormulasGiveTheCheckValues(int kibibytes, int batch, int n, String row) {
    Sizes sizes = new Sizes(125_000_000, kibibytes * 1024, 250, batch);
    List<String> values = new ArrayList<>();
    for (ThroughputBound bound : ThroughputBound.values()) {
      values.add(String.valueOf(Math.round(bound.commandsPerSecond(n, sizes))));
    }
    assertThat(String.join(" ", values)).isEqualTo(row);
  }

  /** B is a factor, and so is what a payload holds. */
  @Test
  void throughputIsProportionalToBandwidthAndToCommandsPerPayload() {
    Sizes sixfold = new Sizes(750_000_000, 5120, 250, 10);
    Sizes fuller = new Sizes(125_000_000, 5120, 250, 60);
    for (ThroughputBound bound : ThroughputBound.values()) {
      double expected = 6 * bound.commandsPerSecond(97, SMALL);
      assertThat(bound.commandsPerSecond(97, sixfold)).isCloseTo(expected, within(expected));
      assertThat(bound.commandsPerSecond(97, fuller)).isCloseTo(expected, within(expected));
    }
  }

  private static Offset<Double> within(double value) {
    return Offset.offset(value * 1e-12);
  }

  @Test
  void eachBoundHasTheFaultsOfItsModel() {
    assertThat(ThroughputBound.SINGLE_PROPOSER.f(19)).isEmpty();
    assertThat(ThroughputBound.DQPBFT.model()).contains(FaultModel.BFT);
    assertThat(ThroughputBound.DQPBFT.f(19)).hasValue(6);
    assertThat(ThroughputBound.DESTINY.model()).contains(FaultModel.HYBRID);
    assertThat(ThroughputBound.DESTINY.f(19)).hasValue(9);
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ThroughputBound.PBFT.commandsPerSecond(1, SMALL));
    assertThatIllegalArgumentException().isThrownBy(() -> new Sizes(0, 5120, 250, 10));
  }

  /** Nobody commits more than if no votes were sent at all. */
  @Test
  void votesOnlyCost() {
    for (Sizes panel : Figure3.panels()) {
      for (int n : Figure3.replicas()) {
        assertBelow(ThroughputBound.PBFT, ThroughputBound.SINGLE_PROPOSER, n, panel);
        assertBelow(ThroughputBound.HYBSTER, ThroughputBound.SINGLE_PROPOSER, n, panel);
        assertBelow(ThroughputBound.DQPBFT, ThroughputBound.CONCURRENT_BFT, n, panel);
        assertBelow(ThroughputBound.DESTINY, ThroughputBound.CONCURRENT_HYBRID, n, panel);
        assertBelow(ThroughputBound.DESTINY_UNBATCHED, ThroughputBound.DESTINY, n, panel);
      }
    }
  }

  private static void assertBelow(
      ThroughputBound bound, ThroughputBound limit, int n, Sizes panel) {
    assertThat(bound.commandsPerSecond(n, panel))
        .as("%s below %s, N = %d", bound, limit, n)
        .isLessThan(limit.commandsPerSecond(n, panel));
  }
}
