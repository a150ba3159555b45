package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.sim.script.ScriptFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Transcripts of the normal case and of what disturbs it, a folder a protocol. */
class ScriptTest {
  private static final List<String> PROTOCOLS =
      List.of(
          "pbft", "sbft", "hybster", "linear-hybster", "destiny", "dqhybster", "dqpbft", "dqsbft");

  private static List<Path> scripts(String protocol) throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources", protocol, "scripts"))) {
      return files.sorted().toList();
    }
  }

  private static List<Path> scripts() throws IOException {
    List<Path> all = new ArrayList<>();
    for (String protocol : PROTOCOLS) {
      all.addAll(scripts(protocol));
    }
    return all;
  }

  @TestFactory
  List<DynamicTest> scriptsPrintWhatTheySay() throws IOException {
    return scripts().stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    file.subpath(3, 4) + " " + file.getFileName(),
                    () -> ScriptFile.run(file, ScriptProtocols.ALL)))
        .toList();
  }

  @Test
  void everyScriptBeginsWithWhatItShows() throws IOException {
    for (Path file : scripts()) {
      assertThat(Files.readAllLines(file).getFirst()).as(file.toString()).startsWith("# ");
    }
  }

  @Test
  void everyDirectiveIsUsedByAScript() throws IOException {
    Set<String> unused = new TreeSet<>(ScriptFile.directives());
    for (Path file : scripts()) {
      unused.removeAll(ScriptFile.used(file));
    }
    assertThat(unused).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "pbft,17",
    "sbft,18",
    "hybster,11",
    "linear-hybster,5",
    "destiny,25",
    "dqhybster,10",
    "dqpbft,6",
    "dqsbft,10"
  })
  void thereAreScriptsForWhatTheProtocolDoes(String protocol, int least) throws IOException {
    assertThat(scripts(protocol)).hasSizeGreaterThanOrEqualTo(least);
  }
}
