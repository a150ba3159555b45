package io.destiny.cli.experiment;

import java.util.ArrayList;
import java.util.List;

/**
 * A figure: panels side by side, lines over linear axes that begin at zero, and one legend, which
 * is that of the first panel.
 *
 * @param subtitle the conditions that hold for all of it
 */
public record Chart(String title, String subtitle, List<Panel> panels) {
  /** Most steps of an axis: more labels would touch each other. */
  private static final int MOST_STEPS = 8;

  public Chart {
    panels = List.copyOf(panels);
  }

  /** One coordinate system. */
  public record Panel(String title, Axis x, Axis y, List<Line> lines) {
    public Panel {
      lines = List.copyOf(lines);
    }
  }

  /**
   * One curve.
   *
   * @param id as data files name it
   * @param label as the legend names it
   */
  public record Line(String id, String label, Stroke stroke, List<Point> points) {
    public Line {
      points = List.copyOf(points);
    }

    /** The greatest y. */
    double highest() {
      return points.stream().mapToDouble(Point::y).max().orElse(0);
    }
  }

  /** In the units of the axes. */
  public record Point(double x, double y) {}

  /**
   * How a line looks.
   *
   * @param colour as SVG has it
   * @param dashes lengths of dashes and gaps; empty: none
   */
  public record Stroke(String colour, String dashes) {}

  /**
   * A linear axis from zero.
   *
   * @param label with the unit
   * @param max where it ends
   * @param step between labels: 1, 2 or 5 times a power of ten
   */
  public record Axis(String label, double max, double step) {
    /** One that ends at the greatest value. */
    static Axis endingAt(String label, double greatest) {
      return new Axis(label, greatest, step(greatest));
    }

    /** One that ends at the first label that is not below the greatest value. */
    static Axis covering(String label, double greatest) {
      double step = step(greatest);
      return new Axis(label, Math.ceil(greatest / step) * step, step);
    }

    private static double step(double greatest) {
      if (!(greatest > 0) || Double.isInfinite(greatest)) {
        throw new IllegalArgumentException("an axis needs a positive value, not " + greatest);
      }
      double power = Math.pow(10, Math.floor(Math.log10(greatest / MOST_STEPS)));
      for (int factor : new int[] {1, 2, 5}) {
        if (greatest <= MOST_STEPS * factor * power) {
          return factor * power;
        }
      }
      return 10 * power;
    }

    /** Where labels stand, from zero on. */
    List<Double> ticks() {
      List<Double> ticks = new ArrayList<>();
      for (int i = 0; i * step <= max; i++) {
        ticks.add(i * step);
      }
      return ticks;
    }
  }
}
