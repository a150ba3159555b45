package io.destiny.protocols.destiny;

import io.destiny.protocols.catalog.Catalog;
import io.destiny.sim.script.ProtocolRegistry;
import io.destiny.sim.script.ScriptFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Transcripts of the normal case and of what disturbs it. */
class DestinyScriptTest {
  private static final Path SCRIPTS = Path.of("src/test/resources/destiny/scripts");

  private static final ProtocolRegistry CATALOG =
      name ->
          Catalog.find(name).map(e -> new ProtocolRegistry.Entry(e.model(), e::create, e::codec));

  @TestFactory
  List<DynamicTest> scriptsPrintWhatTheySay() throws IOException {
    try (Stream<Path> files = Files.list(SCRIPTS)) {
      return files
          .sorted()
          .map(
              file ->
                  DynamicTest.dynamicTest(
                      file.getFileName().toString(), () -> ScriptFile.run(file, CATALOG)))
          .toList();
    }
  }
}
