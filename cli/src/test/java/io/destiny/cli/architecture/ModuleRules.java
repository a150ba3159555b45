package io.destiny.cli.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Who may see whom. The root package is a parameter, so that the same rules can be turned on
 * deliberately bad classes below another root.
 */
final class ModuleRules {
  private static final Map<String, List<String>> MODULES = new LinkedHashMap<>();
  private static final List<String> ENGINES = List.of("pbft", "sbft", "hybster", "linearhybster");
  private static final List<String> FAMILIES = List.of("hybrid", "threephase");
  private static final List<String> COMPOSERS = List.of("single", "dqbft", "rcc");
  private static final List<String> STANDALONE = List.of("mirbft", "hotstuff", "prime", "dispel");
  private static final String CATALOG = "catalog";

  static {
    MODULES.put("core", List.of());
    MODULES.put("protocols", List.of("core"));
    MODULES.put("crypto", List.of("core"));
    MODULES.put("sim", List.of("core"));
    MODULES.put("wire", List.of("core"));
    MODULES.put("node", List.of("core", "wire"));
    MODULES.put("client", List.of("core", "wire", "crypto"));
    MODULES.put("server", List.of("core", "protocols", "crypto", "wire", "node"));
    MODULES.put(
        "cli", List.of("core", "protocols", "crypto", "sim", "wire", "node", "client", "server"));
    MODULES.put(
        "bench", List.of("core", "protocols", "crypto", "sim", "wire", "node", "client", "server"));
  }

  private final String root;

  ModuleRules(String root) {
    this.root = root;
  }

  List<ArchRule> all() {
    List<ArchRule> rules = new ArrayList<>();
    MODULES.forEach((module, others) -> rules.add(moduleSeesOnly(module, others)));
    rules.add(classesBelongToAModule());
    rules.add(pureModulesSeeOnlyTheJdk());
    ENGINES.forEach(engine -> rules.add(protocolSeesOnly(engine, FAMILIES)));
    FAMILIES.forEach(family -> rules.add(protocolSeesOnly(family, List.of())));
    COMPOSERS.forEach(composer -> rules.add(protocolSeesOnly(composer, List.of())));
    STANDALONE.forEach(protocol -> rules.add(protocolSeesOnly(protocol, FAMILIES)));
    rules.add(protocolPackagesHaveAKind());
    return rules;
  }

  private ArchRule moduleSeesOnly(String module, List<String> others) {
    String[] allowed =
        Stream.concat(Stream.of(module), others.stream()).map(this::module).toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(module(module))
        .should()
        .dependOnClassesThat(
            resideInAPackage(root + "..")
                .and(not(resideInAnyPackage(allowed)))
                .as("are in modules other than %s", List.of(allowed)))
        .as("module " + module + " sees only itself and " + others)
        .allowEmptyShould(true);
  }

  private ArchRule classesBelongToAModule() {
    return classes()
        .that()
        .resideInAPackage(root + "..")
        .should()
        .resideInAnyPackage(MODULES.keySet().stream().map(this::module).toArray(String[]::new))
        .as("every class belongs to a module of the architecture")
        .allowEmptyShould(true);
  }

  private ArchRule pureModulesSeeOnlyTheJdk() {
    return classes()
        .that()
        .resideInAnyPackage(module("core"), module("protocols"))
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(module("core"), module("protocols"), "java..", "org.jspecify..")
                // the component of a primitive array is in no package
                .or(resideInAPackage("")))
        .as("core and protocols use no library")
        .allowEmptyShould(true);
  }

  private ArchRule protocolSeesOnly(String name, List<String> others) {
    String[] allowed =
        Stream.concat(Stream.of(name), others.stream()).map(this::protocol).toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(protocol(name))
        .should()
        .dependOnClassesThat(
            resideInAPackage(module("protocols"))
                .and(not(resideInAnyPackage(allowed)))
                .as("are in protocol packages other than %s", List.of(allowed)))
        .as("protocols." + name + " sees only core, itself and " + others)
        .allowEmptyShould(true);
  }

  /** A new package must say whether it is an engine, a family, a composer or stands alone. */
  private ArchRule protocolPackagesHaveAKind() {
    String[] known =
        Stream.of(ENGINES, FAMILIES, COMPOSERS, STANDALONE, List.of(CATALOG))
            .flatMap(List::stream)
            .map(this::protocol)
            .toArray(String[]::new);
    return classes()
        .that()
        .resideInAPackage(module("protocols"))
        .and()
        .doNotHaveSimpleName("package-info")
        .should()
        .resideInAnyPackage(known)
        .as("every protocol package is listed here with its kind; only the catalogue sees several")
        .allowEmptyShould(true);
  }

  private String module(String name) {
    return root + "." + name + "..";
  }

  private String protocol(String name) {
    return root + ".protocols." + name + "..";
  }
}
