package io.destiny.sim.script;

import java.util.ArrayList;
import java.util.List;

/**
 * A directive and what it must print.
 *
 * @param line where the directive stands in the file, from 1
 * @param comments the lines above it
 * @param directive empty: only comments
 */
record Block(int line, List<String> comments, String directive, List<String> expected) {
  static final String SEPARATOR = "----";

  static List<Block> parse(List<String> lines) {
    List<Block> blocks = new ArrayList<>();
    List<String> block = new ArrayList<>();
    for (int i = 0; i <= lines.size(); i++) {
      if (i < lines.size() && !lines.get(i).isBlank()) {
        block.add(lines.get(i).stripTrailing());
      } else if (!block.isEmpty()) {
        blocks.add(parse(i - block.size() + 1, block));
        block.clear();
      }
    }
    return blocks;
  }

  private static Block parse(int line, List<String> lines) {
    int at = 0;
    while (at < lines.size() && lines.get(at).startsWith("#")) {
      at++;
    }
    List<String> comments = List.copyOf(lines.subList(0, at));
    if (at == lines.size()) {
      return new Block(line, comments, "", List.of());
    }
    if (lines.size() > at + 1 && !lines.get(at + 1).equals(SEPARATOR)) {
      throw new ScriptFailure("line " + (line + at + 1) + ": expected " + SEPARATOR);
    }
    List<String> expected = lines.subList(Math.min(at + 2, lines.size()), lines.size());
    return new Block(line + at, comments, lines.get(at), List.copyOf(expected));
  }

  /** The block as it stands in a file, with {@code output} in place of what was expected. */
  List<String> with(List<String> output) {
    List<String> lines = new ArrayList<>(comments);
    if (!directive.isEmpty()) {
      lines.add(directive);
      lines.add(SEPARATOR);
      lines.addAll(output);
    }
    return lines;
  }
}
