package io.destiny.sim.world;

import io.destiny.core.machine.Message;
import io.destiny.core.model.Instances;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Counts what entered the links; what a replica sends to itself never does. */
public final class MessageStats implements TraceListener {
  /** Clusters up to this size are counted link by link. */
  private static final int MOST_BY_LINK = 31;

  /** Messages and their bytes, headers included. */
  public record Tally(long messages, long bytes, int largest) {
    static final Tally NONE = new Tally(0, 0, 0);

    Tally plus(Tally o) {
      return new Tally(messages + o.messages, bytes + o.bytes, Math.max(largest, o.largest));
    }
  }

  private static final class Count {
    long messages;
    long bytes;
    int largest;

    void add(int size) {
      messages++;
      bytes += size;
      largest = Math.max(largest, size);
    }

    Tally tally() {
      return new Tally(messages, bytes, largest);
    }
  }

  private record Kind(int instance, String name) {
    @Override
    public boolean equals(Object o) {
      return o instanceof Kind k && k.instance == instance && k.name.equals(name);
    }

    /** Spread well: instances follow each other. */
    @Override
    public int hashCode() {
      return (name.hashCode() + instance) * 0x9E3779B9;
    }
  }

  private record Link(int from, int to, String name) {}

  private final boolean byLink;
  private final Map<Kind, Count> kinds = new HashMap<>();
  private final Map<String, Count> others = new TreeMap<>();
  private final Map<Link, Count> links = new HashMap<>();

  /** Most messages are copies of the one before, in a broadcast. */
  private @Nullable Frame last;

  private Count lastCount = new Count();

  /**
   * @param n the size of the cluster; only small ones are counted link by link
   */
  MessageStats(int n) {
    this.byLink = n <= MOST_BY_LINK;
  }

  @Override
  public void sent(int from, int to, Frame frame) {
    if (frame != last) {
      Message m = frame.message();
      lastCount =
          m == null
              ? others.computeIfAbsent(frame.name(), k -> new Count())
              : kinds.computeIfAbsent(new Kind(m.instance(), m.kind()), k -> new Count());
      last = frame;
    }
    lastCount.add(frame.size());
    if (byLink) {
      links.computeIfAbsent(new Link(from, to, frame.name()), k -> new Count()).add(frame.size());
    }
  }

  /** By instance and kind, such as {@code D1.Prepare}. */
  public SortedMap<String, Tally> byName() {
    SortedMap<String, Tally> sums = new TreeMap<>();
    kinds.forEach(
        (k, count) ->
            sums.merge(Instances.name(k.instance) + "." + k.name, count.tally(), Tally::plus));
    others.forEach((name, count) -> sums.merge(name, count.tally(), Tally::plus));
    return sums;
  }

  /** By kind alone, such as {@code Prepare}. */
  public SortedMap<String, Tally> byKind() {
    SortedMap<String, Tally> sums = new TreeMap<>();
    byName()
        .forEach((name, t) -> sums.merge(name.substring(name.indexOf('.') + 1), t, Tally::plus));
    return sums;
  }

  /**
   * Of one instance and kind, from one replica to another.
   *
   * @throws IllegalStateException in a cluster too large to be counted link by link
   */
  public Tally onLink(int from, int to, String name) {
    if (!byLink) {
      throw new IllegalStateException("links are counted up to N = " + MOST_BY_LINK);
    }
    Count count = links.get(new Link(from, to, name));
    return count == null ? Tally.NONE : count.tally();
  }

  /** All messages of all links. */
  public Tally total() {
    return byName().values().stream().reduce(Tally.NONE, Tally::plus);
  }

  /** Begins to count afresh. */
  public void reset() {
    kinds.clear();
    others.clear();
    links.clear();
    last = null;
  }
}
