package io.destiny.sim.world;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Counts what entered the links; what a replica sends to itself never does. */
public final class MessageStats implements TraceListener {
  /** Messages and their bytes, headers included. */
  public record Tally(long messages, long bytes, int largest) {
    static final Tally NONE = new Tally(0, 0, 0);

    Tally plus(int size) {
      return new Tally(messages + 1, bytes + size, Math.max(largest, size));
    }

    Tally plus(Tally o) {
      return new Tally(messages + o.messages, bytes + o.bytes, Math.max(largest, o.largest));
    }
  }

  private record Link(int from, int to, String name) {}

  private final Map<Link, Tally> tallies = new LinkedHashMap<>();

  @Override
  public void sent(int from, int to, Frame frame) {
    tallies.merge(
        new Link(from, to, frame.name()), Tally.NONE.plus(frame.bytes().length), Tally::plus);
  }

  /** By instance and kind, such as {@code D1.Prepare}. */
  public SortedMap<String, Tally> byName() {
    SortedMap<String, Tally> sums = new TreeMap<>();
    tallies.forEach((link, tally) -> sums.merge(link.name, tally, Tally::plus));
    return sums;
  }

  /** By kind alone, such as {@code Prepare}. */
  public SortedMap<String, Tally> byKind() {
    SortedMap<String, Tally> sums = new TreeMap<>();
    byName()
        .forEach((name, t) -> sums.merge(name.substring(name.indexOf('.') + 1), t, Tally::plus));
    return sums;
  }

  /** All from one replica to another. */
  public Tally onLink(int from, int to) {
    Tally sum = Tally.NONE;
    for (Map.Entry<Link, Tally> e : tallies.entrySet()) {
      if (e.getKey().from == from && e.getKey().to == to) {
        sum = sum.plus(e.getValue());
      }
    }
    return sum;
  }

  /** Of one instance and kind, from one replica to another. */
  public Tally onLink(int from, int to, String name) {
    return tallies.getOrDefault(new Link(from, to, name), Tally.NONE);
  }

  /** All messages of all links. */
  public Tally total() {
    return tallies.values().stream().reduce(Tally.NONE, Tally::plus);
  }

  /** Begins to count afresh. */
  public void reset() {
    tallies.clear();
  }
}
