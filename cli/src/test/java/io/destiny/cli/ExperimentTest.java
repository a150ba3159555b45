package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.databind.JsonNode;
import io.destiny.cli.experiment.Figure3;
import io.destiny.cli.experiment.ThroughputBound;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** {@code experiment fig3} as users run it: what it wrote is read back. */
class ExperimentTest {
  private static final List<String> SERIES =
      Arrays.stream(ThroughputBound.values()).map(ThroughputBound::id).toList();

  @TempDir Path dir;

  private CommandLineRun fig3(String... more) {
    List<String> words = new ArrayList<>(List.of("experiment", "fig3", "--out", dir + "/out"));
    words.addAll(List.of(more));
    CommandLineRun run = CommandLineRun.of(words.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  private Document drawing() throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();
    factory.setNamespaceAware(true);
    Document svg = factory.newDocumentBuilder().parse(dir.resolve("out/fig3.svg").toFile());
    assertThat(svg.getDocumentElement().getLocalName()).isEqualTo("svg");
    assertThat(svg.getDocumentElement().getNamespaceURI()).isEqualTo("http://www.w3.org/2000/svg");
    return svg;
  }

  private static List<Element> ofClass(NodeList nodes, String kind) {
    List<Element> found = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      Element element = (Element) nodes.item(i);
      if (element.getAttribute("class").equals(kind)) {
        found.add(element);
      }
    }
    return found;
  }

  private static List<Element> ofClass(Document svg, String kind) {
    return ofClass(svg.getElementsByTagName("*"), kind);
  }

  private static List<Element> ofClass(Element parent, String kind) {
    return ofClass(parent.getElementsByTagName("*"), kind);
  }

  private static List<String> texts(List<Element> elements) {
    return elements.stream().map(Element::getTextContent).toList();
  }

  private static List<String> series(List<Element> elements) {
    return elements.stream().map(e -> e.getAttribute("data-series")).toList();
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }

  @Test
  void theDrawingSaysWhatItIsAndHasBothPanelsWithAllSeries() throws Exception {
    fig3();
    Document svg = drawing();
    assertThat(texts(ofClass(svg, "title")).getFirst()).contains("closed formulas, bandwidth only");
    assertThat(texts(ofClass(svg, "subtitle")).getFirst())
        .contains("1 Gbit/s", "250 bytes", "not measured");
    assertThat(texts(ofClass(svg, "panel-title")))
        .containsExactly(
            "payload messages of 5 KiB, 10 commands each",
            "payload messages of 100 KiB, 200 commands each");
    assertThat(series(ofClass(svg, "legend-entry"))).isEqualTo(SERIES);
    assertThat(texts(ofClass(svg, "legend-entry")))
        .contains("PBFT", "Hybster", "DQPBFT", "Destiny")
        .contains("Destiny, O-slots not batched (our addition)");
    List<Element> panels = ofClass(svg, "panel");
    assertThat(panels).hasSize(2);
    for (Element panel : panels) {
      assertThat(series(ofClass(panel, "series"))).containsExactlyInAnyOrderElementsOf(SERIES);
      assertThat(texts(ofClass(panel, "label-x"))).containsExactly("N (replicas)");
      assertThat(texts(ofClass(panel, "label-y"))).containsExactly("throughput (commands/s)");
      assertThat(texts(ofClass(panel, "tick-y"))).startsWith("0", "20,000").contains("100,000");
      assertThat(texts(ofClass(panel, "tick-x"))).startsWith("0", "50").endsWith("300");
    }
  }

  /** Read off the drawing with its own grid as the ruler. */
  @Test
  void everyPointIsWhereItsFormulaPutsIt() throws Exception {
    fig3();
    List<Element> panels = ofClass(drawing(), "panel");
    for (int p = 0; p < panels.size(); p++) {
      List<Element> gridX = ofClass(panels.get(p), "grid-x");
      List<Element> gridY = ofClass(panels.get(p), "grid-y");
      List<Element> lines = ofClass(panels.get(p), "series");
      for (Element line : lines) {
        ThroughputBound bound = bound(line.getAttribute("data-series"));
        String[] points = line.getAttribute("points").split(" ", -1);
        assertThat(points).hasSameSizeAs(Figure3.replicas());
        for (int i = 0; i < points.length; i++) {
          String[] place = points[i].split(",", -1);
          int n = Figure3.replicas().get(i);
          double expected = bound.commandsPerSecond(n, Figure3.panels().get(p));
          assertThat(readOff(gridX, "x1", Double.parseDouble(place[0]))).isCloseTo(n, offset(0.05));
          // a hundredth of a pixel is some 5 commands/s
          assertThat(readOff(gridY, "y1", Double.parseDouble(place[1])))
              .as("%s, N = %d", bound.id(), n)
              .isCloseTo(expected, offset(10.0));
        }
      }
    }
  }

  private static ThroughputBound bound(String id) {
    return Arrays.stream(ThroughputBound.values())
        .filter(b -> b.id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static double readOff(List<Element> grid, String coordinate, double place) {
    Element first = grid.getFirst();
    Element last = grid.getLast();
    double from = number(first, coordinate);
    double share = (place - from) / (number(last, coordinate) - from);
    double low = number(first, "data-value");
    return low + share * (number(last, "data-value") - low);
  }

  @Test
  void theDataHaveTheSamePointsInBothFormats() throws IOException {
    CommandLineRun run = fig3("--json", "-");
    JsonNode report = Output.JSON.readTree(run.out());
    assertThat(Output.JSON.readTree(Files.readString(dir.resolve("out/fig3.json"))))
        .isEqualTo(report);
    assertThat(report.path("experiment").asText()).isEqualTo("fig3");
    assertThat(report.path("method").asText()).isEqualTo("formula");
    assertThat(report.path("versions").path("project").asText()).isEqualTo(Version.project());
    List<String> fromJson = new ArrayList<>();
    for (JsonNode panel : report.path("panels")) {
      assertThat(panel.path("bandwidthBytesPerSecond").asLong()).isEqualTo(125_000_000);
      for (JsonNode line : panel.path("series")) {
        for (JsonNode point : line.path("points")) {
          fromJson.add(
              String.join(
                  ",",
                  line.path("name").asText(),
                  line.path("faultModel").asText(),
                  panel.path("payloadMessageBytes").asText(),
                  panel.path("batch").asText(),
                  point.path("replicas").asText(),
                  point.path("f").asText(),
                  point.path("throughputPerSecond").asText()));
        }
      }
    }
    List<String> csv = Files.readAllLines(dir.resolve("out/fig3.csv"));
    assertThat(csv.getFirst())
        .isEqualTo("series,faultModel,payloadMessageBytes,batch,replicas,f,throughputPerSecond");
    assertThat(csv.subList(1, csv.size())).isEqualTo(fromJson);
    assertThat(fromJson).hasSize(2 * SERIES.size() * Figure3.replicas().size());
    assertThat(fromJson)
        .anyMatch(line -> line.startsWith("destiny,HYBRID,5120,10,97,48,65070."))
        .anyMatch(line -> line.startsWith("single-proposer,,102400,200,301,,813.8"));
  }

  @Test
  void claimsAreReportedWhetherTheyHoldOrNot() throws IOException {
    JsonNode claims = Output.JSON.readTree(fig3("--json", "-").out()).path("claims");
    List<String> outcomes = new ArrayList<>();
    for (JsonNode claim : claims) {
      assertThat(claim.path("measure").asText()).isNotEmpty();
      assertThat(claim.path("expected").asText()).isNotEmpty();
      outcomes.add(claim.path("id").asText() + " " + claim.path("pass").asBoolean());
    }
    // with small payloads votes cost Destiny a fifth of the maximum
    assertThat(outcomes)
        .containsExactly(
            "E6.1 false", "E6.2 true", "E6.3 true", "E6.1 true", "E6.2 true", "E6.3 true");
    assertThat(claims.get(0).path("value").asDouble()).isEqualTo(0.783);
  }

  @Test
  void whatIsPrintedHasTheCheckValuesAndSaysWhereTheFilesAre() {
    CommandLineRun run = fig3("--quick");
    assertThat(run.out())
        .contains("closed formulas, bandwidth only", "65071", "71599", "FAIL E6.1", "pass E6.2")
        .contains(dir.resolve("out/fig3.svg").toString());
    assertThat(run.err()).isEmpty();
  }

  @Test
  void aFolderThatIsNoneIsBadUsage() throws IOException {
    Path file = Files.writeString(dir.resolve("file"), "");
    CommandLineRun run = CommandLineRun.of("experiment", "fig3", "--out", file.toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--out is a folder");
  }

  /**
   * It is drawn again when a formula changes: {@code destiny experiment fig3 --out docs/figures}.
   */
  @Test
  void theDrawingInTheDocumentationIsTheOneThatIsDrawn() throws IOException {
    fig3();
    assertThat(dir.resolve("out/fig3.svg"))
        .hasSameTextualContentAs(Path.of("..", "docs", "figures", "fig3.svg"));
  }
}
