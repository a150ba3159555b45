package io.destiny.cli.mutant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.catalog.ProtocolEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The seeded bugs (reliability.md §5): every patch applies and compiles, the quickest are killed
 * here and all of them by {@code destiny fuzz --mutants}.
 */
class MutantsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final List<Mutant> ALL = Mutant.readAll(ROOT.resolve("mutants"));

  /** Killed within some thousand events, by different oracles. */
  private static final Set<String> QUICK =
      Set.of(
          "M1", "M2", "M3", "M9", "M11", "M12", "M13", "M14", "D4", "D10", "D15", "D20", "D25",
          "D29", "D34", "D36", "D37", "D44", "H1", "H4", "H5");

  static Stream<Mutant> all() {
    return ALL.stream();
  }

  static Stream<Mutant> quick() {
    return ALL.stream().filter(m -> QUICK.contains(m.id()));
  }

  @ParameterizedTest
  @MethodSource("all")
  void everyPatchAppliesAndCompiles(Mutant mutant) {
    assertThat(new MutantCompiler(ROOT).compile(mutant)).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("quick")
  void aSeededBugIsCaughtByTheOracleThatShould(Mutant mutant) {
    MutantHunt.Verdict verdict = new MutantHunt(ROOT).hunt(mutant, mutant.protocols().getFirst());
    assertThat(verdict.killed()).as(verdict.oracle() + ": " + verdict.message()).isTrue();
  }

  @Test
  void thereIsOneOfEachKindThatApplies() {
    assertThat(ALL.stream().map(Mutant::id)).doesNotHaveDuplicates();
    assertThat(ALL.stream().map(Mutant::id))
        .contains("M1", "M2", "M3", "M4", "M5", "M9", "M10", "M11", "M12", "M13", "M14", "M15")
        .contains("M6", "M7", "M8", "M17", "M18");
    assertThat(ALL.stream().filter(m -> m.id().startsWith("D"))).hasSizeGreaterThanOrEqualTo(10);
    for (ProtocolEntry protocol : Catalog.entries()) {
      assertThat(ALL.stream().filter(m -> m.protocols().contains(protocol.name())))
          .as(protocol.name())
          .hasSizeGreaterThanOrEqualTo(5);
    }
    assertThat(quick()).hasSize(QUICK.size());
  }

  @Test
  void aHarmlessChangeIsNotFlagged(@TempDir Path folder) throws IOException {
    Mutant control = ALL.stream().filter(m -> m.id().equals("C4")).findFirst().orElseThrow();
    assertThat(control.control()).isTrue();
    Path shorter = folder.resolve("c.patch");
    Files.writeString(shorter, control.patch().replace("# seeds: 1..150", "# seeds: 1..20"));
    MutantHunt.Verdict verdict = new MutantHunt(ROOT).hunt(Mutant.read(shorter), "destiny");
    assertThat(verdict.asExpected()).as(verdict.message()).isTrue();
    assertThat(verdict.events()).isPositive();
  }

  @Test
  void aPatchThatNoLongerAppliesIsBroken(@TempDir Path folder) throws IOException {
    Mutant mutant = ALL.getFirst();
    Path stale = folder.resolve("stale.patch");
    Files.writeString(stale, mutant.patch().replaceFirst("(?m)^-  ", "-  stale"));
    assertThatThrownBy(() -> new MutantCompiler(ROOT).compile(Mutant.read(stale)))
        .isInstanceOf(MutantCompiler.BrokenMutant.class)
        .hasMessageContaining("no longer applies");
  }

  @Test
  void aPatchWhoseLinesHaveOnlyMovedStillApplies(@TempDir Path folder) throws IOException {
    Mutant mutant = ALL.stream().filter(m -> m.id().equals("M14")).findFirst().orElseThrow();
    Path moved = folder.resolve("moved.patch");
    String patch = mutant.patch();
    Files.writeString(
        moved,
        patch
            .replaceFirst("@@ -(\\d+)", "@@ -1$1")
            .replaceFirst("\\+(\\d+),(\\d+) @@", "+1$1,$2 @@"));
    assertThat(Files.readString(moved)).isNotEqualTo(patch);
    Map<String, byte[]> compiled = new MutantCompiler(ROOT).compile(Mutant.read(moved));
    Map<String, byte[]> expected = new MutantCompiler(ROOT).compile(mutant);
    assertThat(compiled).containsOnlyKeys(expected.keySet());
    expected.forEach((name, bytes) -> assertThat(compiled.get(name)).as(name).isEqualTo(bytes));
  }

  @Test
  void aPatchedClassReallyReplacesItsOriginal() {
    // The same seeds without a patch: nothing fires, so it is the patch that was caught.
    Mutant bug = ALL.stream().filter(m -> m.id().equals("M1")).findFirst().orElseThrow();
    assertThat(new MutantHunt(ROOT).hunt(bug, "destiny").seed()).isEqualTo(1);
    Map<String, String> unpatched =
        new MutantTrial()
            .apply(
                Map.of(
                    MutantTrial.PROTOCOL,
                    "destiny",
                    MutantTrial.FAULTS,
                    bug.faults(),
                    MutantTrial.FIRST,
                    "1",
                    MutantTrial.LAST,
                    "3"));
    assertThat(unpatched).containsKey(MutantTrial.EVENTS).doesNotContainKey(MutantTrial.ORACLE);
  }
}
