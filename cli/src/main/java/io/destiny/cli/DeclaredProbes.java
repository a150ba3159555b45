package io.destiny.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * The rare situations that long swarms of a protocol are known to meet (V2 of the reliability
 * rules), as a list of names that is part of the source: what a batch misses can be said.
 */
final class DeclaredProbes {
  private static final String SENT = "sent ";

  private final NavigableSet<String> names;

  private DeclaredProbes(NavigableSet<String> names) {
    this.names = names;
  }

  /** Those of a protocol; empty if it has no list yet. */
  static DeclaredProbes of(String protocol) {
    NavigableSet<String> names = new TreeSet<>();
    try (InputStream in = DeclaredProbes.class.getResourceAsStream("probes/" + protocol + ".txt")) {
      if (in != null) {
        new String(in.readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .filter(l -> !l.isBlank() && !l.startsWith("#"))
            .forEach(names::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new DeclaredProbes(names);
  }

  NavigableSet<String> names() {
    return names;
  }

  NavigableSet<String> missed(Collection<String> hit) {
    NavigableSet<String> missed = new TreeSet<>(names);
    missed.removeAll(hit);
    return missed;
  }

  /** The kinds of messages that replicas of the protocol send; empty if it has no list yet. */
  NavigableSet<String> messages() {
    NavigableSet<String> kinds = new TreeSet<>();
    names.stream()
        .filter(n -> n.startsWith(SENT))
        .forEach(n -> kinds.add(n.substring(SENT.length())));
    return kinds;
  }

  /** Whether {@code Prepare}, {@code D.Prepare}, {@code D1.Prepare} or {@code O.Prepare} exists. */
  boolean hasMessage(String pattern) {
    NavigableSet<String> kinds = messages();
    return kinds.isEmpty()
        || kinds.contains(pattern)
        || (pattern.matches("(O|D\\d*)\\..*")
            && kinds.contains(pattern.substring(pattern.indexOf('.') + 1)));
  }
}
