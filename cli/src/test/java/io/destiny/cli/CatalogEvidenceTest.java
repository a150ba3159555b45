package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.sim.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Writes what {@code destiny protocols} says, and fails if it is not what is committed. The quick
 * part, which every build makes again: the scenes of {@link CatalogScenes} and the sums of the
 * reports under {@code docs/evidence}. With {@code -Dfull=true} {@code server} is made again too,
 * by {@code destiny demo} on real processes; else it is taken from the committed file. {@code
 * -Drewrite=true} writes the file.
 */
class CatalogEvidenceTest {
  private static final Path FILE =
      Path.of("src/main/resources/io/destiny/cli", ProtocolsCommand.EVIDENCE);
  private static final Path REPORTS = Path.of("../docs/evidence");

  static Stream<String> names() {
    return Catalog.entries().stream().map(ProtocolEntry::name);
  }

  private static JsonNode read(Path file) {
    try {
      return Output.JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode committed(String name) {
    for (JsonNode p : read(FILE).path("protocols")) {
      if (p.path("name").asText().equals(name)) {
        return p;
      }
    }
    return Output.object();
  }

  /** The committed reports of this kind about a protocol. */
  private static List<JsonNode> reports(String prefix, String protocol) throws IOException {
    try (Stream<Path> files = Files.list(REPORTS)) {
      return files
          .filter(f -> f.getFileName().toString().matches(prefix + "-.*\\.json"))
          .sorted()
          .map(CatalogEvidenceTest::read)
          .filter(r -> r.path("protocol").asText().equals(protocol))
          .toList();
    }
  }

  private static ObjectNode evidence(ProtocolEntry protocol) throws IOException {
    CatalogScenes scenes = new CatalogScenes(protocol, Set.of());
    ObjectNode shown =
        Output.object()
            .put("name", protocol.name())
            .put("faultModel", protocol.model().name())
            .put("n", protocol.smallest())
            .put("quorum", protocol.rule(protocol.smallest()).quorum())
            .put("viewChange", scenes.viewChange())
            .put("checkpoint", scenes.checkpoint())
            .put("stateTransfer", scenes.stateTransfer())
            .put("restart", scenes.restart())
            .put("server", server(protocol.name()));
    List<JsonNode> seeds =
        reports("fuzz", protocol.name()).stream()
            .filter(r -> r.path("faults").asText().equals("all"))
            .toList();
    List<JsonNode> bugs = reports("mutants", protocol.name());
    return shown
        .put("seeds", sum(seeds, r -> r.path("seeds").asInt()))
        .put("seedsFailed", sum(seeds, r -> r.path("failures").size()))
        .put("bugs", sum(bugs, r -> r.path("total").asInt()))
        .put("bugsKilled", sum(bugs, r -> r.path("killed").asInt()));
  }

  private static int sum(List<JsonNode> reports, ToIntFunction<JsonNode> field) {
    return reports.stream().mapToInt(field).sum();
  }

  private static boolean server(String protocol) throws IOException {
    if (!Boolean.getBoolean("full")) {
      return committed(protocol).path("server").asBoolean();
    }
    CommandLineRun demo =
        CommandLineRun.of("demo", "--protocol", protocol, "--seconds", "6", "--json", "-");
    return demo.exitCode() == 0 && Output.JSON.readTree(demo.out()).path("agree").asBoolean();
  }

  @ParameterizedTest
  @MethodSource("names")
  void whatIsCommittedIsWhatTheFaultSuiteShows(String name) throws IOException {
    ObjectNode made = evidence(Catalog.find(name).orElseThrow());
    if (Boolean.getBoolean("rewrite")) {
      rewrite(made);
    }
    assertThat(made).isEqualTo(committed(name));
  }

  private static void rewrite(ObjectNode made) throws IOException {
    ObjectNode file = Output.object();
    ArrayNode all = file.putArray("protocols");
    for (ProtocolEntry p : Catalog.entries()) {
      all.add(p.name().equals(made.path("name").asText()) ? made : committed(p.name()));
    }
    Files.writeString(FILE, Output.JSON.writeValueAsString(file) + "\n");
  }

  @Test
  void theFileHasTheProtocolsOfTheCatalogueInItsOrder() {
    assertThat(
            StreamSupport.stream(ProtocolsCommand.evidence().path("protocols").spliterator(), false)
                .map(p -> p.path("name").asText()))
        .containsExactlyElementsOf(names().toList());
  }

  /** Each scene is one in which something can go wrong. */
  @ParameterizedTest
  @ValueSource(strings = {"pbft", "sbft", "hybster", "destiny"})
  void noSceneShowsWhatIsNotThere(String name) {
    ProtocolEntry protocol = Catalog.find(name).orElseThrow();
    assertThat(new CatalogScenes(protocol, Set.of("ViewChange")).viewChange()).isFalse();
    assertThat(new CatalogScenes(protocol, Set.of("CheckpointSig")).checkpoint()).isFalse();
    assertThat(new CatalogScenes(protocol, Set.of("Chunks")).stateTransfer()).isFalse();
    CatalogScenes forgetful =
        new CatalogScenes(protocol, Set.of()) {
          @Override
          void powerFails(World world, int replica) {
            world.wipe(replica);
          }
        };
    assertThat(forgetful.restart()).isFalse();
  }
}
