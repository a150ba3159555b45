package io.destiny.cli.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.destiny.cli.experiment.Chart.Axis;
import io.destiny.cli.experiment.Chart.Line;
import io.destiny.cli.experiment.Chart.Panel;
import io.destiny.cli.experiment.Chart.Point;
import io.destiny.cli.experiment.Chart.Stroke;
import java.util.List;
import org.junit.jupiter.api.Test;

class SvgChartTest {
  @Test
  void axesHaveRoundStepsAndNeverMoreThanEight() {
    assertThat(Axis.endingAt("N", 301)).isEqualTo(new Axis("N", 301, 50));
    assertThat(Axis.covering("y", 146_484)).isEqualTo(new Axis("y", 160_000, 20_000));
    assertThat(Axis.covering("y", 8)).isEqualTo(new Axis("y", 8, 1));
    assertThat(Axis.covering("y", 8.1)).isEqualTo(new Axis("y", 10, 2));
    assertThat(Axis.covering("y", 45).ticks()).containsExactly(0.0, 10.0, 20.0, 30.0, 40.0, 50.0);
    assertThat(Axis.endingAt("N", 301).ticks()).hasSize(7).endsWith(300.0);
    for (double greatest = 1; greatest < 10_000; greatest *= 1.01) {
      assertThat(Axis.covering("y", greatest).ticks()).hasSizeBetween(4, 9);
    }
    assertThatIllegalArgumentException().isThrownBy(() -> Axis.covering("y", 0));
  }

  @Test
  void whatMeansSomethingInXmlIsEscaped() {
    Axis axis = Axis.covering("a < b & c", 1);
    Line line = new Line("\"x\"", "<line>", new Stroke("black", ""), List.of(new Point(1, 1)));
    String svg =
        SvgChart.draw(new Chart("R&D", "", List.of(new Panel("p", axis, axis, List.of(line)))));
    assertThat(svg)
        .contains("R&amp;D", "a &lt; b &amp; c", "&lt;line", "data-series=\"&quot;x&quot;\"")
        .doesNotContain("<line>");
  }
}
