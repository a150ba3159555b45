package io.destiny.cli.experiment;

import static io.destiny.cli.experiment.SvgWriter.number;

import io.destiny.cli.experiment.Chart.Axis;
import io.destiny.cli.experiment.Chart.Line;
import io.destiny.cli.experiment.Chart.Panel;
import io.destiny.cli.experiment.Chart.Point;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Draws a {@link Chart} as SVG. Programs can read it back: curves, grid lines and legend entries
 * carry {@code class} and {@code data-} attributes with the values they stand for.
 */
public final class SvgChart {
  private static final int PANEL_WIDTH = 500;
  private static final int PLOT_LEFT = 85;
  private static final int PLOT_WIDTH = 395;
  private static final int PLOT_TOP = 105;
  private static final int PLOT_HEIGHT = 300;
  private static final int PLOT_BOTTOM = PLOT_TOP + PLOT_HEIGHT;
  private static final int LEGEND_TOP = PLOT_BOTTOM + 75;
  private static final int LEGEND_COLUMNS = 3;
  private static final int LEGEND_ROW = 20;
  private static final int SWATCH = 30;
  private static final int MARGIN = 20;

  private final Chart chart;
  private final SvgWriter svg;
  private final int width;

  private SvgChart(Chart chart) {
    this.chart = chart;
    int rows = (legend().size() + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS;
    width = PANEL_WIDTH * chart.panels().size();
    svg = new SvgWriter(width, LEGEND_TOP + rows * LEGEND_ROW);
  }

  /** The whole document. */
  public static String draw(Chart chart) {
    return new SvgChart(chart).document();
  }

  private List<Line> legend() {
    return chart.panels().getFirst().lines();
  }

  private String document() {
    // for screen readers, and as the window's title
    svg.text("title", chart.title());
    svg.text("desc", chart.subtitle());
    svg.empty("rect", "width", "100%", "height", "100%", "fill", "white");
    centred("title", chart.title(), width / 2.0, 32, 18);
    centred("subtitle", chart.subtitle(), width / 2.0, 54, 12);
    for (int i = 0; i < chart.panels().size(); i++) {
      Panel panel = chart.panels().get(i);
      svg.group(
          "class",
          "panel",
          "data-panel",
          panel.title(),
          "transform",
          "translate(" + i * PANEL_WIDTH + " 0)");
      panel(panel);
      svg.end();
    }
    svg.group("class", "legend");
    for (int i = 0; i < legend().size(); i++) {
      entry(legend().get(i), i);
    }
    svg.end();
    return svg.document();
  }

  private void panel(Panel panel) {
    double middle = PLOT_LEFT + PLOT_WIDTH / 2.0;
    centred("panel-title", panel.title(), middle, PLOT_TOP - 14, 14);
    for (double tick : panel.x().ticks()) {
      double x = x(panel, tick);
      grid("grid-x", tick, x, PLOT_TOP, x, PLOT_BOTTOM);
      centred("tick-x", label(tick), x, PLOT_BOTTOM + 17, 11);
    }
    for (double tick : panel.y().ticks()) {
      double y = y(panel, tick);
      grid("grid-y", tick, PLOT_LEFT, y, PLOT_LEFT + PLOT_WIDTH, y);
      svg.text(
          "text",
          label(tick),
          "class",
          "tick-y",
          "x",
          number(PLOT_LEFT - 7),
          "y",
          number(y + 4),
          "font-size",
          "11",
          "text-anchor",
          "end");
    }
    frame();
    centred("label-x", panel.x().label(), middle, PLOT_BOTTOM + 40, 13);
    sideways(panel.y().label());
    // dashes over solid lines: where two coincide, both can be seen
    for (boolean dashed : new boolean[] {false, true}) {
      for (Line line : panel.lines()) {
        if (dashed != line.stroke().dashes().isEmpty()) {
          curve(panel, line);
        }
      }
    }
  }

  private void frame() {
    svg.empty(
        "rect",
        "x",
        number(PLOT_LEFT),
        "y",
        number(PLOT_TOP),
        "width",
        number(PLOT_WIDTH),
        "height",
        number(PLOT_HEIGHT),
        "fill",
        "none",
        "stroke",
        "black");
  }

  private void curve(Panel panel, Line line) {
    String points =
        line.points().stream().map(p -> point(panel, p)).collect(Collectors.joining(" "));
    svg.empty(
        "polyline",
        "class",
        "series",
        "data-series",
        line.id(),
        "points",
        points,
        "fill",
        "none",
        "stroke",
        line.stroke().colour(),
        "stroke-width",
        "2",
        "stroke-linejoin",
        "round",
        "stroke-dasharray",
        dashes(line));
  }

  private void entry(Line line, int place) {
    double column = (width - 2.0 * MARGIN) / LEGEND_COLUMNS;
    int row = place / LEGEND_COLUMNS;
    double x = MARGIN + place % LEGEND_COLUMNS * column;
    double y = LEGEND_TOP + row * LEGEND_ROW;
    svg.empty(
        "line",
        "x1",
        number(x),
        "y1",
        number(y),
        "x2",
        number(x + SWATCH),
        "y2",
        number(y),
        "stroke",
        line.stroke().colour(),
        "stroke-width",
        "2",
        "stroke-dasharray",
        dashes(line));
    svg.text(
        "text",
        line.label(),
        "class",
        "legend-entry",
        "data-series",
        line.id(),
        "x",
        number(x + SWATCH + 8),
        "y",
        number(y + 4),
        "font-size",
        "12");
  }

  private void grid(String kind, double value, double x1, double y1, double x2, double y2) {
    svg.empty(
        "line",
        "class",
        kind,
        "data-value",
        number(value),
        "x1",
        number(x1),
        "y1",
        number(y1),
        "x2",
        number(x2),
        "y2",
        number(y2),
        "stroke",
        "#dddddd");
  }

  private void centred(String kind, String content, double x, double y, int size) {
    svg.text(
        "text",
        content,
        "class",
        kind,
        "x",
        number(x),
        "y",
        number(y),
        "font-size",
        String.valueOf(size),
        "text-anchor",
        "middle");
  }

  private void sideways(String content) {
    svg.text(
        "text",
        content,
        "class",
        "label-y",
        "transform",
        "translate(18 " + (PLOT_TOP + PLOT_HEIGHT / 2) + ") rotate(-90)",
        "font-size",
        "13",
        "text-anchor",
        "middle");
  }

  private static String point(Panel panel, Point point) {
    return number(x(panel, point.x())) + "," + number(y(panel, point.y()));
  }

  private static double x(Panel panel, double value) {
    return PLOT_LEFT + PLOT_WIDTH * share(panel.x(), value);
  }

  private static double y(Panel panel, double value) {
    return PLOT_BOTTOM - PLOT_HEIGHT * share(panel.y(), value);
  }

  private static double share(Axis axis, double value) {
    return value / axis.max();
  }

  private static String dashes(Line line) {
    return line.stroke().dashes().isEmpty() ? "none" : line.stroke().dashes();
  }

  /** A whole number without a fraction, as steps of ten and more are. */
  private static String label(double tick) {
    return tick == Math.rint(tick)
        ? String.format(Locale.ROOT, "%,.0f", tick)
        : String.valueOf(tick);
  }
}
