package io.destiny.cli.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules on the program itself. */
class ArchitectureTest {
  private static final String ROOT = "io.destiny";
  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  static List<ArchRule> rulesOfMainCode() {
    return Stream.of(
            new ModuleRules(ROOT).all(),
            new PurityRules(ROOT).all(),
            new WholeProgramRules(ROOT).all())
        .flatMap(List::stream)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("rulesOfMainCode")
  void mainCodeKeeps(ArchRule rule) {
    rule.check(MAIN);
  }

  @Test
  void theRulesSeeEveryModule() {
    assertThat(MAIN.stream().map(JavaClass::getPackageName).map(name -> name.split("\\.", -1)[2]))
        .contains("core", "protocols", "crypto", "sim", "wire", "node", "client", "server", "cli");
  }

  /** The fixtures of these tests break rules on purpose, and are left out. */
  @Test
  void testCodeHasNoMocksAndNoSerialization() throws IOException {
    try (Stream<Path> modules = Files.list(Path.of(".."))) {
      List<Path> compiledTests =
          modules
              .map(module -> module.resolve("target").resolve("test-classes"))
              .filter(Files::isDirectory)
              .toList();
      JavaClasses tests =
          new ClassFileImporter()
              .withImportOption(location -> !location.contains("/architecture/fixture/"))
              .importPaths(compiledTests);
      assertThat(tests).isNotEmpty();
      for (ArchRule rule : new WholeProgramRules(ROOT).all()) {
        rule.check(tests);
      }
    }
  }
}
