package io.destiny.cli.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Set;

/** What no code of the project does, tests included. */
final class WholeProgramRules {
  private static final Set<String> SERIALIZATION =
      Set.of(
          "java.io.Serializable",
          "java.io.Externalizable",
          "java.io.ObjectInput",
          "java.io.ObjectInputStream",
          "java.io.ObjectOutput",
          "java.io.ObjectOutputStream");

  private final String root;

  WholeProgramRules(String root) {
    this.root = root;
  }

  List<ArchRule> all() {
    return List.of(noSerialization(), noMocks());
  }

  ArchRule noSerialization() {
    return noClasses()
        .that()
        .resideInAPackage(root + "..")
        .should()
        .dependOnClassesThat(
            DescribedPredicate.describe(
                "belong to Java serialization", type -> SERIALIZATION.contains(type.getName())))
        .as("no Java serialization")
        .allowEmptyShould(true);
  }

  ArchRule noMocks() {
    return noClasses()
        .that()
        .resideInAPackage(root + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.mockito..", "org.easymock..", "org.powermock..", "org.jmock..")
        .as("no mocks")
        .allowEmptyShould(true);
  }
}
