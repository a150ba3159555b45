package io.destiny.sim.fault;

import io.destiny.core.machine.Message;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Between twins that know of each other: what the first ones say is for the first ones alone, and
 * the same of the second ones. It travels as all messages do; whose it is does not, and is kept
 * here.
 */
final class TwinLinks {
  /** A message under way, and of which of the two. */
  record Said(boolean byFirst, Message message) {}

  private record Link(int from, int to) {}

  private final Set<Integer> hosts;
  private final Map<Link, ArrayDeque<Said>> underWay = new HashMap<>();

  TwinLinks(Set<Integer> hosts) {
    this.hosts = Set.copyOf(hosts);
  }

  /** Whether there are twins on this host. */
  boolean has(int host) {
    return hosts.contains(host);
  }

  void sent(int from, int to, Said said) {
    underWay.computeIfAbsent(new Link(from, to), l -> new ArrayDeque<>()).add(said);
  }

  /** The next one, when something has arrived; null: it came twice. */
  @Nullable Said next(int from, int to) {
    ArrayDeque<Said> link = underWay.get(new Link(from, to));
    return link == null ? null : link.poll();
  }
}
