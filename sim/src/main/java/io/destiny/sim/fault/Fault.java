package io.destiny.sim.fault;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One thing that goes wrong, as data: what scenario files say, the swarm makes up and the shrinker
 * takes away. Times in simulated nanoseconds; what has no end ends with the run.
 *
 * @param replicas whom it happens to, for faults of machines
 * @param groups who can talk to whom, for partitions; who is in no group is alone
 * @param from senders, empty: all; for faults of messages
 * @param to receivers, empty: all
 * @param message which messages: {@code Prepare}, or {@code D1.Prepare}, {@code D.Prepare}, {@code
 *     O.Prepare}; null: all
 * @param perThousand how likely it is for one message
 * @param delayNanos how long, for delays; how far off a clock runs, in per mille, for drift
 */
public record Fault(
    Kind kind,
    long at,
    long until,
    List<Integer> replicas,
    List<List<Integer>> groups,
    List<Integer> from,
    List<Integer> to,
    @Nullable String message,
    int perThousand,
    long delayNanos) {
  /** What can go wrong. */
  public enum Kind {
    /** The host loses its memory and what was not synced; comes back at the end. */
    CRASH,
    /** A host that is down comes back. */
    RESTART,
    /** Nothing passes between groups. */
    PARTITION,
    /** Messages are lost. */
    DROP,
    /** Messages come later by a fixed time. */
    DELAY,
    /** Messages come twice. */
    DUPLICATE,
    /** Messages come later by a random time, and overtake each other. */
    REORDER,
    /** An old message of the same link comes again. */
    REPLAY,
    /** A link delivers nothing, and then all at once. */
    CLOG,
    /** All that a replica sends and receives takes longer. */
    SLOW,
    /** A replica stands still, and then goes on. */
    PAUSE,
    /** A replica's timers run fast or slow. */
    CLOCK_DRIFT,
    /** The host crashes, and its disk is replaced by an empty one; comes back at the end. */
    WIPE,
    /** At crashes some of what was not synced survives, in pieces. */
    DISK_FAULT,
    /** The trusted subsystem loses its keys and counters. */
    RESTART_TRUSTED,
    /** The trusted subsystem goes back to earlier counters: outside the model. */
    ROLLBACK_TRUSTED,
    /** A second trusted subsystem with the same counters: outside the model. */
    CLONE_TRUSTED;

    /** As scenario files say it. */
    public String word() {
      StringBuilder word = new StringBuilder();
      for (String part : name().toLowerCase(Locale.ROOT).split("_", -1)) {
        word.append(
            word.isEmpty() ? part : Character.toUpperCase(part.charAt(0)) + part.substring(1));
      }
      return word.toString();
    }

    boolean ofMessages() {
      return switch (this) {
        case PARTITION, DROP, DELAY, DUPLICATE, REORDER, REPLAY, CLOG, SLOW -> true;
        default -> false;
      };
    }
  }

  /** Happens to machines. */
  public static Fault of(Kind kind, long at, long until, List<Integer> replicas) {
    return new Fault(kind, at, until, replicas, List.of(), List.of(), List.of(), null, 1000, 0);
  }

  /** Happens to links, with this likelihood a message. */
  public static Fault onLinks(
      Kind kind, long at, long until, List<Integer> from, List<Integer> to, int perThousand) {
    return new Fault(kind, at, until, List.of(), List.of(), from, to, null, perThousand, 0);
  }

  public static Fault partition(long at, long until, List<List<Integer>> groups) {
    return new Fault(
        Kind.PARTITION, at, until, List.of(), groups, List.of(), List.of(), null, 1000, 0);
  }

  public Fault ofMessage(@Nullable String name) {
    return new Fault(kind, at, until, replicas, groups, from, to, name, perThousand, delayNanos);
  }

  public Fault by(long nanos) {
    return new Fault(kind, at, until, replicas, groups, from, to, message, perThousand, nanos);
  }

  /** The same between other times. */
  public Fault between(long begin, long end) {
    return new Fault(
        kind, begin, end, replicas, groups, from, to, message, perThousand, delayNanos);
  }

  boolean lasts(long now) {
    return now >= at && now < until;
  }

  /** One line for people. */
  @Override
  public String toString() {
    StringBuilder s = new StringBuilder(kind.word());
    s.append(" at ").append(at / 1_000_000).append(" ms");
    if (until != Long.MAX_VALUE) {
      s.append(" until ").append(until / 1_000_000).append(" ms");
    }
    if (!replicas.isEmpty()) {
      s.append(" of ").append(replicas);
    }
    if (!groups.isEmpty()) {
      s.append(" into ").append(groups);
    }
    if (kind.ofMessages() && kind != Kind.PARTITION) {
      s.append(" from ").append(from.isEmpty() ? "all" : from);
      s.append(" to ").append(to.isEmpty() ? "all" : to);
      s.append(message == null ? "" : " of " + message);
      s.append(perThousand == 1000 ? "" : " for " + perThousand / 10.0 + " %");
    }
    if (delayNanos != 0) {
      s.append(" by ").append(delayNanos / 1e6);
    }
    return s.toString();
  }
}
