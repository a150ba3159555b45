package io.destiny.cli.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A rule that cannot fail protects nothing: each is turned on classes that break it. */
class RulesCanFailTest {
  private static final String ROOT = "io.destiny.cli.architecture.fixture";
  private static final JavaClasses FIXTURE = new ClassFileImporter().importPackages(ROOT);

  private static final ModuleRules MODULES = new ModuleRules(ROOT);
  private static final PurityRules PURITY = new PurityRules(ROOT);
  private static final WholeProgramRules PROGRAM = new WholeProgramRules(ROOT);

  static Stream<ArchRule> rules() {
    return Stream.of(MODULES.all(), PURITY.all(), PROGRAM.all()).flatMap(List::stream);
  }

  static Stream<ArchRule> purityRules() {
    return PURITY.all().stream();
  }

  @ParameterizedTest
  @MethodSource("rules")
  void everyRuleFires(ArchRule rule) {
    assertThat(rule.evaluate(FIXTURE).hasViolation()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("purityRules")
  void purityRulesLookAtProtocolsToo(ArchRule rule) {
    assertThat(report(rule)).contains(ROOT + ".protocols.pbft.OffenceInProtocols");
  }

  /** Every fixture module sees every other one: objected to are exactly those it may not see. */
  @ParameterizedTest
  @CsvSource({
    "core, ''",
    "crypto, core",
    "sim, core",
    "wire, core",
    "node, core wire",
    "client, core wire crypto",
    "server, core protocols.catalog crypto wire node",
    "cli, core protocols.catalog crypto sim wire node client server",
    "bench, core protocols.catalog crypto sim wire node client server",
    "protocols.catalog, core",
  })
  void aModuleSeesOnly(String module, String allowed) {
    String name = module.split("\\.", -1)[0];
    String report = report(named("module " + name + " sees only"));
    for (String other :
        words("core protocols.catalog crypto sim wire node client server cli bench")) {
      if (!other.equals(module)) {
        assertThat(report.contains(sees(module, other)))
            .as("%s sees %s", module, other)
            .isEqualTo(!words(allowed).contains(other));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "pbft, hybrid threephase",
    "sbft, hybrid threephase",
    "hybster, hybrid threephase",
    "linearhybster, hybrid threephase",
    "hybrid, ''",
    "threephase, ''",
    "single, ''",
    "dqbft, ''",
    "rcc, ''",
    "mirbft, hybrid threephase",
    "hotstuff, hybrid threephase",
    "prime, hybrid threephase",
    "dispel, hybrid threephase",
  })
  void aProtocolPackageSeesOnly(String name, String allowed) {
    String report = report(named("protocols." + name + " sees only"));
    for (String other :
        words(
            "pbft sbft hybster linearhybster hybrid threephase single dqbft rcc mirbft hotstuff"
                + " prime dispel catalog unlisted")) {
      if (!other.equals(name)) {
        assertThat(report.contains(sees("protocols." + name, "protocols." + other)))
            .as("%s sees %s", name, other)
            .isEqualTo(!words(allowed).contains(other));
      }
    }
  }

  @Test
  void aPackageOfNoKnownKindIsAnError() {
    assertThat(report(named("every protocol package"))).contains(ROOT + ".protocols.unlisted.Here");
    assertThat(report(named("every class belongs"))).contains(ROOT + ".stray.Here");
    assertThat(report(named("core and protocols use no library"))).contains("UsesLibrary.library");
  }

  static Stream<Arguments> offences() {
    return Stream.of(
        offence("InputOutput", PURITY.noInputOutput()),
        offence("Threads", PURITY.noThreads()),
        offence("ThreadLocals", PURITY.noThreadLocals()),
        offence("Clocks", PURITY.noClocks()),
        offence("Randomness", PURITY.noRandomnessOfTheirOwn()),
        offence("SystemCalls", PURITY.noSystemExceptArrayCopy()),
        offence("ParallelStreams", PURITY.noParallelStreams()),
        offence("FloatingPoint", PURITY.noFloatingPoint()),
        offence("UnorderedCollections", PURITY.noUnorderedCollections()));
  }

  @ParameterizedTest
  @MethodSource("offences")
  void everyOffenceIsReported(String name, ArchRule rule) {
    String report = report(rule);
    JavaClass offences = FIXTURE.get(ROOT + ".core.offence." + name);
    assertThat(offences.getMethods()).isNotEmpty();
    for (JavaMethod offence : offences.getMethods()) {
      assertThat(report).contains(offence.getFullName());
    }
  }

  @Test
  void aMutableStaticIsReported() {
    assertThat(report(PURITY.noMutableStatics())).contains("MutableStatic.counter");
  }

  @Test
  void serializationAndMocksAreReported() {
    assertThat(report(PROGRAM.noSerialization()))
        .contains("implements interface <java.io.Serializable>")
        .contains("java.io.ObjectInputStream.readObject()");
    assertThat(report(PROGRAM.noMocks())).contains("Mocked");
  }

  @ParameterizedTest
  @MethodSource("purityRules")
  void ordinaryCodeOfAStateMachineIsAllowed(ArchRule rule) {
    assertThat(report(rule)).doesNotContain(ROOT + ".core.Allowed");
  }

  private static Arguments offence(String name, ArchRule rule) {
    return Arguments.of(name, rule);
  }

  private static ArchRule named(String start) {
    List<ArchRule> found =
        MODULES.all().stream().filter(rule -> rule.getDescription().startsWith(start)).toList();
    assertThat(found).as("rules whose name starts with '%s'", start).hasSize(1);
    return found.getFirst();
  }

  private static String report(ArchRule rule) {
    return rule.evaluate(FIXTURE).getFailureReport().getDetails().stream()
        .collect(Collectors.joining("\n"));
  }

  private static String sees(String from, String to) {
    return String.format(
        "Field <%s.%s.Here.%s> has type <%s.%s.Here>",
        ROOT, from, to.substring(to.lastIndexOf('.') + 1), ROOT, to);
  }

  private static List<String> words(String text) {
    return Arrays.asList(text.split(" ", -1));
  }
}
