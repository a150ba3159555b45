package io.destiny.protocols.pbft;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.protocols.catalog.Catalog;
import io.destiny.sim.script.ProtocolRegistry;
import io.destiny.sim.script.ScriptFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Transcripts of PBFT's normal case and view change (pbft.md §9), as DQPBFT's instances run it. */
class DqpbftScriptTest {
  private static final Path SCRIPTS = Path.of("src/test/resources/dqpbft/scripts");
  private static final ProtocolRegistry ALL =
      name ->
          Catalog.find(name).map(e -> new ProtocolRegistry.Entry(e.model(), e::create, e::codec));

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
                    file.getFileName().toString(), () -> ScriptFile.run(file, ALL)))
        .toList();
  }

  @Test
  void everyScriptBeginsWithWhatItShows() throws IOException {
    for (Path file : scripts()) {
      assertThat(Files.readAllLines(file).getFirst()).as(file.toString()).startsWith("# ");
    }
  }
}
