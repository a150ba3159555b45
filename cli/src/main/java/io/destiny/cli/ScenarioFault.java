package io.destiny.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.destiny.sim.fault.Fault;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A line of a scenario's faults as it stands. What a kind of fault needs must be there, and what
 * would be without meaning for it must not: a fault that silently does nothing is worse than none.
 */
record ScenarioFault(
    @Nullable String at,
    @Nullable String until,
    @JsonProperty("do") @Nullable String action,
    @Nullable List<Integer> replicas,
    @Nullable List<List<Integer>> groups,
    @Nullable String kind,
    @Nullable List<Integer> from,
    @Nullable List<Integer> to,
    @Nullable Double probability,
    @Nullable String by,
    @Nullable Integer drift) {

  /**
   * What a line of one kind says.
   *
   * @param needed keys without which it does nothing
   * @param allowed other keys that mean something
   * @param delay how long or how much, where the line does not say; 0 where it has no such thing
   */
  private record Shape(Set<String> needed, Set<String> allowed, long delay) {}

  private static final long MILLISECOND = 1_000_000L;

  /** Beyond these a clock is no clock: a tenth of its speed, and eleven times as fast. */
  private static final int SLOWEST = -900;

  private static final int FASTEST = 10_000;

  private static final Set<String> LINKS = Set.of("until", "kind", "from", "to", "probability");

  private static final Map<Fault.Kind, Shape> SHAPES = shapes();

  private static Map<Fault.Kind, Shape> shapes() {
    Map<Fault.Kind, Shape> shapes = new EnumMap<>(Fault.Kind.class);
    Set<String> who = Set.of("replicas");
    for (Fault.Kind kind : Fault.Kind.values()) {
      shapes.put(
          kind,
          switch (kind) {
            case CRASH, WIPE, RESTART_TRUSTED -> new Shape(who, Set.of("at", "until"), 0);
            case RESTART, DISK_FAULT -> new Shape(who, Set.of("at"), 0);
            case PAUSE, ROLLBACK_TRUSTED -> new Shape(Set.of("replicas", "until"), Set.of("at"), 0);
            case CLONE_TRUSTED -> new Shape(who, Set.of("at"), 0);
            case CLOCK_DRIFT -> new Shape(who, Set.of("drift"), 100);
            case SLOW -> new Shape(who, Set.of("at", "until", "by"), 100 * MILLISECOND);
            case PARTITION -> new Shape(Set.of("groups"), Set.of("at", "until"), 0);
            case DELAY -> new Shape(Set.of(), with(LINKS, "at", "by"), 100 * MILLISECOND);
            case REORDER -> new Shape(Set.of(), with(LINKS, "at", "by"), 50 * MILLISECOND);
            case DROP, DUPLICATE, REPLAY, CLOG -> new Shape(Set.of(), with(LINKS, "at"), 0);
          });
    }
    return shapes;
  }

  private static Set<String> with(Set<String> keys, String... more) {
    Set<String> all = new TreeSet<>(keys);
    all.addAll(List.of(more));
    return all;
  }

  /**
   * The fault that is meant.
   *
   * @throws IllegalArgumentException if it would do nothing, or something else than it says
   */
  Fault understand() {
    Fault.Kind what = kindOfFault();
    Shape shape = Objects.requireNonNull(SHAPES.get(what));
    Set<String> given = given();
    for (String key : shape.needed) {
      require(given.contains(key), what.word() + " needs " + key);
    }
    for (String key : given) {
      require(
          shape.needed.contains(key) || shape.allowed.contains(key),
          "%s has no %s".formatted(what.word(), key));
    }
    long begin = at == null ? 0 : ScenarioFile.nanos(at);
    long end = until == null ? Long.MAX_VALUE : ScenarioFile.nanos(until);
    require(end > begin, "%s until %s, but at %s".formatted(what.word(), until, at));
    require(
        what != Fault.Kind.CLONE_TRUSTED || begin == 0,
        "cloneTrusted is from the first moment: at is 0s");
    return new Fault(
        what,
        begin,
        end,
        orEmpty(replicas),
        groups == null ? List.of() : apart(groups),
        orEmpty(from),
        orEmpty(to),
        kind,
        perThousand(),
        amount(shape));
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  private Fault.Kind kindOfFault() {
    return Arrays.stream(Fault.Kind.values())
        .filter(k -> k.word().equals(action))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no fault '%s'; there are %s"
                        .formatted(
                            action,
                            Arrays.stream(Fault.Kind.values()).map(Fault.Kind::word).toList())));
  }

  /** The keys of the line, without {@code do}. */
  private Set<String> given() {
    Set<String> given = new TreeSet<>();
    note(given, "at", at);
    note(given, "until", until);
    note(given, "replicas", replicas);
    note(given, "groups", groups);
    note(given, "kind", kind);
    note(given, "from", from);
    note(given, "to", to);
    note(given, "probability", probability);
    note(given, "by", by);
    note(given, "drift", drift);
    return given;
  }

  private static void note(Set<String> given, String key, @Nullable Object value) {
    if (value != null) {
      require(!(value instanceof List<?> l) || !l.isEmpty(), key + " is an empty list");
      given.add(key);
    }
  }

  private int perThousand() {
    double likely = probability == null ? 1 : probability;
    require(likely >= 0.001 && likely <= 1, "a probability is between 0.001 and 1");
    return (int) Math.round(likely * 1000);
  }

  private long amount(Shape shape) {
    if (drift != null) {
      require(
          drift >= SLOWEST && drift <= FASTEST && drift != 0,
          "drift is between %d and %d per mille, and not 0".formatted(SLOWEST, FASTEST));
      return drift;
    }
    long amount = by == null ? shape.delay : ScenarioFile.nanos(by);
    require(by == null || amount > 0, "by is more than nothing");
    return amount;
  }

  private static List<List<Integer>> apart(List<List<Integer>> groups) {
    Set<Integer> seen = new TreeSet<>();
    groups.forEach(g -> g.forEach(r -> require(seen.add(r), "replica " + r + " is in two groups")));
    return groups;
  }

  private static List<Integer> orEmpty(@Nullable List<Integer> list) {
    return list == null ? List.of() : list;
  }

  /** All replicas that a fault names. */
  static void named(Fault f, Consumer<Integer> action) {
    List<Integer> all = new ArrayList<>(f.replicas());
    all.addAll(f.from());
    all.addAll(f.to());
    f.groups().forEach(all::addAll);
    all.forEach(action);
  }
}
