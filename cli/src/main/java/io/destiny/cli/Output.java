package io.destiny.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Where a report goes: to people, and as one JSON object to a file or to standard output. */
final class Output {
  static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private static final String STANDARD_OUTPUT = "-";

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      paramLabel = "FILE",
      description = "Write the report as one JSON object; - is standard output, alone there.")
  private @Nullable String json;

  /** Prints a line for people, unless standard output belongs to the JSON object. */
  void say(String line) {
    if (!STANDARD_OUTPUT.equals(json)) {
      System.out.println(line);
    }
  }

  /** Writes the object if it is wanted. */
  void report(ObjectNode report) {
    if (json == null) {
      return;
    }
    try {
      String text = JSON.writeValueAsString(report) + "\n";
      if (json.equals(STANDARD_OUTPUT)) {
        System.out.print(text);
        System.out.flush();
      } else {
        Files.writeString(Path.of(json), text);
      }
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON nodes can be written", e);
    } catch (IOException e) {
      throw Failure.run(json + " cannot be written: " + e.getMessage());
    }
  }

  /** Whether progress may be shown: only to a person at a terminal. */
  @SuppressWarnings("SystemConsoleNull") // NullAway knows it as nullable
  boolean interactive() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** To three places. */
  static double round(double value) {
    return Math.round(value * 1000) / 1000.0;
  }

  static ObjectNode object() {
    return JSON.createObjectNode();
  }
}
