package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.sim.script.ScriptFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Transcripts of the normal case and of what disturbs it. */
class DestinyScriptTest {
  private static final Path SCRIPTS = Path.of("src/test/resources/destiny/scripts");

  private static List<Path> scripts() throws IOException {
    try (Stream<Path> files = Files.list(SCRIPTS)) {
      return files.sorted().toList();
    }
  }

  @TestFactory
  List<DynamicTest> scriptsPrintWhatTheySay() throws IOException {
    return scripts().stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    file.getFileName().toString(), () -> ScriptFile.run(file, ScriptProtocols.ALL)))
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

  @Test
  void thereAreScriptsForWhatTheProtocolDoes() throws IOException {
    assertThat(scripts()).hasSizeGreaterThanOrEqualTo(25);
  }
}
