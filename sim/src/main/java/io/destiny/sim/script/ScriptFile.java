package io.destiny.sim.script;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A script and its golden output. With {@code -Drewrite=true} the file is written anew with what
 * the directives print now.
 */
public final class ScriptFile {
  private static final String CLUSTER = "cluster";

  private ScriptFile() {}

  /** All directives of the language. */
  public static Set<String> directives() {
    Set<String> all = new TreeSet<>(ScriptCluster.directives());
    all.add(CLUSTER);
    return all;
  }

  /** The directives that a script uses. */
  public static Set<String> used(Path path) throws IOException {
    Set<String> used = new TreeSet<>();
    for (Block block : Block.parse(Files.readAllLines(path))) {
      if (!block.directive().isEmpty()) {
        used.add(new Arguments(block.directive()).directive());
      }
    }
    return used;
  }

  /**
   * Runs a script.
   *
   * @throws AssertionError with a readable difference, if it prints something else than the file
   *     says, or a directive cannot be carried out
   */
  public static void run(Path path, ProtocolRegistry registry) {
    run(path, registry, Boolean.getBoolean("rewrite"));
  }

  static void run(Path path, ProtocolRegistry registry, boolean rewrite) {
    try {
      String before = Files.readString(path);
      String after = print(before, registry, path.getFileName().toString(), rewrite);
      if (after.equals(before)) {
        return;
      }
      if (!rewrite) {
        throw new AssertionError(
            path.getFileName()
                + " is not laid out as it would be written: run with -Drewrite=true");
      }
      Files.writeString(path, after);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String print(
      String text, ProtocolRegistry registry, String name, boolean rewrite) {
    StringBuilder file = new StringBuilder();
    StringBuilder differences = new StringBuilder();
    @Nullable ScriptCluster cluster = null;
    for (Block block : Block.parse(text.lines().toList())) {
      List<String> output = new ArrayList<>();
      if (!block.directive().isEmpty()) {
        try {
          cluster = carryOut(block, cluster, registry, output);
        } catch (RuntimeException e) {
          throw new AssertionError(
              "%s:%d: %s: %s%s"
                  .formatted(name, block.line(), block.directive(), e.getMessage(), differences),
              e);
        }
      }
      if (!rewrite && !output.equals(block.expected())) {
        differences.append(difference(name, block, output));
      }
      if (!file.isEmpty()) {
        file.append('\n');
      }
      block.with(output).forEach(line -> file.append(line).append('\n'));
    }
    if (!differences.isEmpty()) {
      throw new AssertionError(differences.toString());
    }
    return file.toString();
  }

  private static @Nullable ScriptCluster carryOut(
      Block block,
      @Nullable ScriptCluster cluster,
      ProtocolRegistry registry,
      List<String> output) {
    Arguments arguments = new Arguments(block.directive());
    @Nullable ScriptCluster now = cluster;
    if (arguments.directive().equals(CLUSTER)) {
      now = ScriptCluster.start(arguments, registry, output);
    } else if (now == null) {
      throw new ScriptFailure("the first directive is cluster");
    } else {
      output.addAll(now.run(arguments));
    }
    if (output.isEmpty()) {
      output.add("ok");
    }
    return now;
  }

  private static String difference(String name, Block block, List<String> output) {
    List<String> expected = block.expected();
    int head = 0;
    while (head < Math.min(expected.size(), output.size())
        && expected.get(head).equals(output.get(head))) {
      head++;
    }
    int tail = 0;
    while (tail < Math.min(expected.size(), output.size()) - head
        && expected.get(expected.size() - 1 - tail).equals(output.get(output.size() - 1 - tail))) {
      tail++;
    }
    StringBuilder text = new StringBuilder("\n" + name + ":" + block.line() + ": ");
    text.append(block.directive()).append('\n');
    expected.subList(0, head).forEach(l -> text.append("    ").append(l).append('\n'));
    expected
        .subList(head, expected.size() - tail)
        .forEach(l -> text.append("  - ").append(l).append('\n'));
    output
        .subList(head, output.size() - tail)
        .forEach(l -> text.append("  + ").append(l).append('\n'));
    expected
        .subList(expected.size() - tail, expected.size())
        .forEach(l -> text.append("    ").append(l).append('\n'));
    return text.toString();
  }
}
