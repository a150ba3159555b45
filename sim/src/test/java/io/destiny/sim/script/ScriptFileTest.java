package io.destiny.sim.script;

import io.destiny.core.model.FaultModel;
import io.destiny.sim.toy.ToyCodec;
import io.destiny.sim.toy.ToyProtocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ScriptFileTest {
  private static final Path SCRIPTS = Path.of("src/test/resources/scripts");

  static final ProtocolRegistry REGISTRY =
      name ->
          name.equals("toy")
              ? Optional.of(
                  new ProtocolRegistry.Entry(FaultModel.HYBRID, ToyProtocol::new, ToyCodec::new))
              : Optional.empty();

  @TestFactory
  List<DynamicTest> scriptsPrintWhatTheySay() throws IOException {
    try (Stream<Path> files = Files.list(SCRIPTS)) {
      return files
          .sorted()
          .map(
              file ->
                  DynamicTest.dynamicTest(
                      file.getFileName().toString(), () -> ScriptFile.run(file, REGISTRY)))
          .toList();
    }
  }
}
