package io.destiny.cli.mutant;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A seeded bug, or a harmless change that no oracle may flag: a patch file whose first lines, each
 * beginning with {@code #}, say what it is.
 *
 * @param id as reliability.md §5 has it, or the project's own
 * @param protocols whose swarms run it, by name
 * @param title what is broken
 * @param oracles those that may catch it; empty: it is a control and nothing may fire
 * @param faults which faults the swarm injects: {@code all} or {@code no-leader-loss}; or {@code
 *     griefers} alone, who may not halve the throughput (L6)
 * @param firstSeed the first seed tried
 * @param lastSeed the last one, inclusive
 * @param patch the unified diff, relative to the project's root
 */
public record Mutant(
    String id,
    List<String> protocols,
    String title,
    List<String> oracles,
    String faults,
    long firstSeed,
    long lastSeed,
    String patch) {

  /** A control must survive. */
  public boolean control() {
    return oracles.isEmpty();
  }

  /**
   * Reads a patch file.
   *
   * @throws IllegalArgumentException if its first lines do not say what is needed
   */
  public static Mutant read(Path file) {
    Map<String, String> head = new TreeMap<>();
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    text.lines()
        .takeWhile(line -> line.startsWith("#"))
        .forEach(
            line -> {
              int colon = line.indexOf(':');
              if (colon < 0) {
                throw new IllegalArgumentException(file + ": a line without a colon: " + line);
              }
              head.put(line.substring(1, colon).strip(), line.substring(colon + 1).strip());
            });
    String[] seeds = field(head, "seeds", file).split("\\.\\.", -1);
    if (seeds.length != 2) {
      throw new IllegalArgumentException(file + ": seeds are A..B");
    }
    String oracles = field(head, "oracles", file);
    return new Mutant(
        field(head, "id", file),
        List.of(field(head, "protocols", file).split(" ", -1)),
        field(head, "title", file),
        oracles.equals("none") ? List.of() : List.of(oracles.split(" ", -1)),
        field(head, "faults", file),
        Long.parseLong(seeds[0]),
        Long.parseLong(seeds[1]),
        text);
  }

  private static String field(Map<String, String> head, String name, Path file) {
    String value = head.get(name);
    if (value == null || value.isEmpty()) {
      throw new IllegalArgumentException(file + " does not say its " + name);
    }
    return value;
  }

  /** All in a folder and its sub-folders, by path. */
  public static List<Mutant> readAll(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(f -> f.toString().endsWith(".patch")).sorted().map(Mutant::read).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
