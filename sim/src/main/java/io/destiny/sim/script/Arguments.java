package io.destiny.sim.script;

import io.destiny.core.model.Instances;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The words of a directive; every one must be used, or {@link #end} refuses the rest. */
final class Arguments {
  private static final Pattern NAMED = Pattern.compile("([a-z][a-z-]*)=(\\S*)");
  private static final Pattern DURATION = Pattern.compile("(\\d+)(ns|us|ms|s)");

  private static final Pattern POWER = Pattern.compile("2\\^(\\d|[1-5]\\d|6[0-3])");

  private final String directive;
  private final List<String> words = new ArrayList<>();
  private final Map<String, String> named = new LinkedHashMap<>();

  Arguments(String line) {
    String[] parts = line.trim().split("\\s+", -1);
    directive = parts[0];
    for (int i = 1; i < parts.length; i++) {
      Matcher m = NAMED.matcher(parts[i]);
      if (!m.matches()) {
        words.add(parts[i]);
      } else if (named.put(m.group(1), m.group(2)) != null) {
        throw new ScriptFailure(m.group(1) + " is given twice");
      }
    }
  }

  String directive() {
    return directive;
  }

  boolean hasWord() {
    return !words.isEmpty();
  }

  /** Takes the next word. */
  String word(String what) {
    if (words.isEmpty()) {
      throw new ScriptFailure(directive + " needs " + what);
    }
    return words.removeFirst();
  }

  /** Takes this word if it is there. */
  boolean flag(String word) {
    return words.remove(word);
  }

  /** Takes all words that are left. */
  List<String> rest() {
    List<String> all = List.copyOf(words);
    words.clear();
    return all;
  }

  Optional<String> named(String name) {
    return Optional.ofNullable(named.remove(name));
  }

  /** Takes all named arguments that are left. */
  Map<String, String> others() {
    Map<String, String> all = new LinkedHashMap<>(named);
    named.clear();
    return all;
  }

  long number(String name, long otherwise) {
    return named(name).map(Arguments::number).orElse(otherwise);
  }

  void end() {
    if (!words.isEmpty() || !named.isEmpty()) {
      throw new ScriptFailure(directive + " does not know " + words + named);
    }
  }

  static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new ScriptFailure("not a number: " + text);
    }
  }

  /** Any 64 bits: a number without a sign, or {@code 2^31}. */
  static long unsigned(String text) {
    Matcher power = POWER.matcher(text);
    if (power.matches()) {
      return 1L << number(power.group(1));
    }
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new ScriptFailure("not a number: " + text);
    }
  }

  static int replica(String text) {
    if (!text.startsWith("R")) {
      throw new ScriptFailure("not a replica: " + text);
    }
    return (int) number(text.substring(1));
  }

  static int client(String text) {
    if (!text.startsWith("c")) {
      throw new ScriptFailure("not a client: " + text);
    }
    return (int) number(text.substring(1));
  }

  static int instance(String text) {
    if (text.equals("O")) {
      return Instances.ORDER;
    }
    if (!text.startsWith("D")) {
      throw new ScriptFailure("not an instance: " + text);
    }
    return (int) number(text.substring(1));
  }

  /** Nanoseconds of {@code 5ms} and the like. */
  static long duration(String text) {
    Matcher m = DURATION.matcher(text);
    if (!m.matches()) {
      throw new ScriptFailure("not a duration: " + text);
    }
    long unit =
        switch (m.group(2)) {
          case "ns" -> 1L;
          case "us" -> 1_000L;
          case "ms" -> 1_000_000L;
          default -> 1_000_000_000L;
        };
    return number(m.group(1)) * unit;
  }
}
