package io.destiny.cli.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.BaseStream;

/**
 * What keeps the state machines of core and protocols replayable: the same inputs must give the
 * same effects on every run and every machine.
 */
final class PurityRules {
  private static final Set<String> FLOATS =
      Set.of("float", "double", "java.lang.Float", "java.lang.Double");

  private final String root;
  private final String[] pure;

  PurityRules(String root) {
    this.root = root;
    this.pure = new String[] {root + ".core..", root + ".protocols.."};
  }

  List<ArchRule> all() {
    return List.of(
        noInputOutput(),
        noThreads(),
        noThreadLocals(),
        noClocks(),
        noRandomnessOfTheirOwn(),
        noSystemExceptArrayCopy(),
        noParallelStreams(),
        noMutableStatics(),
        noFloatingPoint(),
        noUnorderedCollections());
  }

  ArchRule noInputOutput() {
    return noDependency(
        "no files, sockets or streams of bytes",
        resideInAnyPackage(
            "java.io..", "java.net..", "java.nio.file..", "java.nio.channels..", "javax.net.."));
  }

  ArchRule noThreads() {
    return noDependency(
        "no threads, locks or executors",
        resideInAnyPackage("java.util.concurrent..")
            .or(
                named(
                    "java.lang.Thread",
                    "java.lang.ThreadGroup",
                    "java.lang.ScopedValue",
                    "java.lang.Process",
                    "java.lang.ProcessBuilder",
                    "java.lang.Runtime",
                    "java.util.Timer",
                    "java.util.TimerTask")));
  }

  /**
   * One would be a mutable static by another name. The one exception is the digest, which keeps an
   * instance of the hash function in each thread: it is reset by each use, so nothing is carried
   * from one use to the next.
   */
  ArchRule noThreadLocals() {
    return noClasses()
        .that()
        .resideInAnyPackage(pure)
        .and()
        .doNotHaveFullyQualifiedName(root + ".core.model.Digest")
        .should()
        .dependOnClassesThat(named("java.lang.ThreadLocal", "java.lang.InheritableThreadLocal"))
        .as("core and protocols: no thread-locals")
        .allowEmptyShould(true);
  }

  ArchRule noClocks() {
    ArchRule types =
        noDependency(
            "no clocks",
            named(
                "java.time.Clock",
                "java.time.InstantSource",
                "java.util.Date",
                "java.util.Calendar",
                "java.util.GregorianCalendar"));
    ArchRule calls =
        noAccess(
            "no clocks",
            target ->
                target.getOwner().getPackageName().startsWith("java.time")
                    && (target.getName().equals("now")
                        || target.getName().equals("systemDefault")));
    return both(types, calls);
  }

  ArchRule noRandomnessOfTheirOwn() {
    ArchRule types =
        noDependency(
            "randomness only through the step",
            named(
                "java.util.Random",
                "java.util.SplittableRandom",
                "java.util.random.RandomGeneratorFactory",
                "java.security.SecureRandom"));
    ArchRule calls =
        noAccess(
            "randomness only through the step",
            target ->
                is(target, "java.lang.Math", "random")
                    || is(target, "java.lang.StrictMath", "random")
                    || is(target, "java.util.UUID", "randomUUID")
                    || is(target, "java.util.random.RandomGenerator", "getDefault", "of")
                    // without a generator as its second argument it brings its own
                    || (is(target, "java.util.Collections", "shuffle") && parameters(target) == 1));
    return both(types, calls);
  }

  /** Time, identity hash codes, properties and the environment all hang on this class. */
  ArchRule noSystemExceptArrayCopy() {
    return noAccess(
        "nothing of System but arraycopy",
        target ->
            (target.getOwner().isEquivalentTo(System.class)
                    && !target.getName().equals("arraycopy"))
                || is(target, "java.lang.Boolean", "getBoolean")
                || is(target, "java.lang.Integer", "getInteger")
                || is(target, "java.lang.Long", "getLong"));
  }

  ArchRule noParallelStreams() {
    return noAccess(
        "no parallel streams",
        target ->
            (target.getName().equals("parallel")
                    && target.getOwner().isAssignableTo(BaseStream.class))
                || (target.getName().equals("parallelStream")
                    && target.getOwner().isAssignableTo(Collection.class))
                || target.getOwner().getName().equals("java.util.stream.StreamSupport")
                || (target.getOwner().getName().equals("java.util.Arrays")
                    && target.getName().startsWith("parallel")));
  }

  ArchRule noMutableStatics() {
    return pureClasses(
        "no mutable statics",
        (type, violations) -> {
          for (JavaField field : type.getFields()) {
            Set<JavaModifier> modifiers = field.getModifiers();
            if (modifiers.contains(JavaModifier.STATIC)
                && !modifiers.contains(JavaModifier.FINAL)) {
              violations.add(field.getDescription() + " is static and not final");
            }
          }
        });
  }

  ArchRule noFloatingPoint() {
    return pureClasses(
        "no floating point",
        (type, violations) -> {
          for (JavaField field : type.getFields()) {
            if (isFloat(field.getRawType())) {
              violations.add(field.getDescription() + " is of a floating-point type");
            }
          }
          for (JavaCodeUnit unit : type.getCodeUnits()) {
            if (isFloat(unit.getRawReturnType())
                || unit.getRawParameterTypes().stream().anyMatch(PurityRules::isFloat)) {
              violations.add(unit.getDescription() + " has a floating-point type");
            }
          }
          // what a method body computes shows in what it calls, such as Math.ceil
          for (JavaAccess<?> access : type.getAccessesFromSelf()) {
            if (access.getTarget() instanceof CodeUnitAccessTarget target
                && (isFloat(target.getRawReturnType())
                    || target.getRawParameterTypes().stream().anyMatch(PurityRules::isFloat))) {
              violations.add(access.getDescription() + ", which uses floating point");
            }
          }
        });
  }

  /** Their order differs between runs; and what cannot be made cannot be iterated. */
  ArchRule noUnorderedCollections() {
    ArchRule types =
        noDependency(
            "no collections whose order differs between runs",
            named(
                "java.util.HashMap",
                "java.util.HashSet",
                "java.util.IdentityHashMap",
                "java.util.WeakHashMap",
                "java.util.Hashtable",
                "java.util.Properties"));
    ArchRule calls =
        noAccess(
            "no collections whose order differs between runs",
            target ->
                is(target, "java.util.Set", "of", "copyOf")
                    || is(target, "java.util.Map", "of", "ofEntries", "copyOf")
                    || is(
                        target,
                        "java.util.stream.Collectors",
                        "toSet",
                        "toUnmodifiableSet",
                        "toUnmodifiableMap")
                    || (is(target, "java.util.stream.Collectors", "toMap")
                        && parameters(target) < 4)
                    || (is(target, "java.util.stream.Collectors", "groupingBy")
                        && parameters(target) < 3));
    return both(types, calls);
  }

  private static boolean is(AccessTarget target, String owner, String... names) {
    return target.getOwner().getName().equals(owner) && List.of(names).contains(target.getName());
  }

  private static int parameters(AccessTarget target) {
    return target instanceof CodeUnitAccessTarget unit ? unit.getRawParameterTypes().size() : -1;
  }

  private static boolean isFloat(JavaClass type) {
    return FLOATS.contains(type.getBaseComponentType().getName());
  }

  private static DescribedPredicate<JavaClass> named(String... names) {
    Set<String> wanted = Set.of(names);
    // a nested class, such as Thread.Builder, counts as its outermost
    return DescribedPredicate.describe(
        "are one of " + List.of(names),
        type -> wanted.contains(type.getBaseComponentType().getName().split("\\$", 2)[0]));
  }

  private ArchRule noDependency(String name, DescribedPredicate<JavaClass> forbidden) {
    return noClasses()
        .that()
        .resideInAnyPackage(pure)
        .should()
        .dependOnClassesThat(forbidden)
        .as("core and protocols: " + name)
        .allowEmptyShould(true);
  }

  /** Field accesses, calls and method references alike. */
  private ArchRule noAccess(String name, Predicate<AccessTarget> forbidden) {
    return pureClasses(
        name,
        (type, violations) -> {
          for (JavaAccess<?> access : type.getAccessesFromSelf()) {
            if (forbidden.test(access.getTarget())) {
              violations.add(access.getDescription());
            }
          }
        });
  }

  private ArchRule pureClasses(String name, Finder finder) {
    return classes()
        .that()
        .resideInAnyPackage(pure)
        .should(
            new ArchCondition<JavaClass>("have " + name) {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                finder.find(type, text -> events.add(SimpleConditionEvent.violated(type, text)));
              }
            })
        .as("core and protocols: " + name)
        .allowEmptyShould(true);
  }

  private static ArchRule both(ArchRule first, ArchRule second) {
    return CompositeArchRule.of(first).and(second).as(first.getDescription());
  }

  private interface Finder {
    void find(JavaClass type, Violations violations);
  }

  private interface Violations {
    void add(String text);
  }
}
