package io.destiny.sim.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Faults as sentences: {@code faults.when(from(3).kind("Prepare")).drop().between(1, 2)}, {@code
 * faults.crash(2).at(3).restartAfter(1)}. Times in simulated seconds.
 */
public final class Sentences {
  private static final double SECOND = 1e9;

  /** Which messages. */
  public record Messages(List<Integer> from, List<Integer> to, @Nullable String kind) {
    public Messages from(Integer... replicas) {
      return new Messages(List.of(replicas), to, kind);
    }

    public Messages to(Integer... replicas) {
      return new Messages(from, List.of(replicas), kind);
    }

    /** {@code Prepare}, {@code O.Prepare}, {@code D.Prepare} or {@code D1.Prepare}. */
    public Messages kind(String name) {
      return new Messages(from, to, name);
    }
  }

  /** A fault whose times can still be told. */
  public final class Sentence {
    private final int index;

    private Sentence(Fault fault) {
      this.index = plan.size();
      plan.add(fault);
    }

    public Sentence between(double begin, double end) {
      plan.set(index, plan.get(index).between(nanos(begin), nanos(end)));
      return this;
    }

    public Sentence at(double begin) {
      plan.set(index, plan.get(index).between(nanos(begin), Long.MAX_VALUE));
      return this;
    }

    public Sentence restartAfter(double seconds) {
      long at = plan.get(index).at();
      long end = at + nanos(seconds);
      plan.set(index, plan.get(index).between(at, end < at ? Long.MAX_VALUE : end));
      return this;
    }
  }

  /** What happens to messages. */
  public final class Happening {
    private final Messages messages;

    private Happening(Messages messages) {
      this.messages = messages;
    }

    private Sentence links(Fault.Kind kind, double probability, double seconds) {
      return new Sentence(
          Fault.onLinks(
                  kind,
                  0,
                  Long.MAX_VALUE,
                  messages.from,
                  messages.to,
                  (int) Math.round(probability * 1000))
              .ofMessage(messages.kind)
              .by(nanos(seconds)));
    }

    public Sentence drop() {
      return drop(1);
    }

    public Sentence drop(double probability) {
      return links(Fault.Kind.DROP, probability, 0);
    }

    public Sentence delay(double seconds) {
      return links(Fault.Kind.DELAY, 1, seconds);
    }

    public Sentence duplicate(double probability) {
      return links(Fault.Kind.DUPLICATE, probability, 0);
    }

    /** Each comes later by a random time of at most so many seconds. */
    public Sentence reorder(double seconds) {
      return links(Fault.Kind.REORDER, 1, seconds);
    }

    public Sentence replay(double probability) {
      return links(Fault.Kind.REPLAY, probability, 0);
    }

    /** Nothing comes until the end, then all at once. */
    public Sentence clog() {
      return links(Fault.Kind.CLOG, 1, 0);
    }
  }

  private final List<Fault> plan = new ArrayList<>();
  private final Map<Integer, Behaviour> byzantine = new TreeMap<>();

  private static long nanos(double seconds) {
    return Math.round(seconds * SECOND);
  }

  /** All messages of these senders. */
  public static Messages from(Integer... replicas) {
    return new Messages(List.of(replicas), List.of(), null);
  }

  /** All messages to these receivers. */
  public static Messages to(Integer... replicas) {
    return new Messages(List.of(), List.of(replicas), null);
  }

  public Happening when(Messages messages) {
    return new Happening(messages);
  }

  private Sentence machines(Fault.Kind kind, Integer... replicas) {
    return new Sentence(Fault.of(kind, 0, Long.MAX_VALUE, List.of(replicas)));
  }

  public Sentence crash(Integer... replicas) {
    return machines(Fault.Kind.CRASH, replicas);
  }

  public Sentence pause(Integer... replicas) {
    return machines(Fault.Kind.PAUSE, replicas);
  }

  public Sentence wipe(Integer... replicas) {
    return machines(Fault.Kind.WIPE, replicas);
  }

  public Sentence diskFault(Integer... replicas) {
    return machines(Fault.Kind.DISK_FAULT, replicas);
  }

  public Sentence restartTrusted(Integer... replicas) {
    return machines(Fault.Kind.RESTART_TRUSTED, replicas);
  }

  /** Those of them that are down come back. */
  public Sentence restart(Integer... replicas) {
    return machines(Fault.Kind.RESTART, replicas);
  }

  /** At the end their trusted subsystems are what they were at the beginning; not within f. */
  public Sentence rollbackTrusted(Integer... replicas) {
    return machines(Fault.Kind.ROLLBACK_TRUSTED, replicas);
  }

  /** Their trusted subsystems exist twice from the first moment; not within f. */
  public Sentence cloneTrusted(Integer... replicas) {
    return machines(Fault.Kind.CLONE_TRUSTED, replicas);
  }

  /** All that these replicas send and receive takes so many seconds longer. */
  public Sentence slow(double seconds, Integer... replicas) {
    return new Sentence(
        Fault.of(Fault.Kind.SLOW, 0, Long.MAX_VALUE, List.of(replicas)).by(nanos(seconds)));
  }

  /** Timers of these replicas run faster by so many per mille; negative: slower. */
  public Sentence clockDrift(int perMille, Integer... replicas) {
    return new Sentence(
        Fault.of(Fault.Kind.CLOCK_DRIFT, 0, Long.MAX_VALUE, List.of(replicas)).by(perMille));
  }

  /** Nothing passes between the two groups; who is in none is alone. */
  public Sentence partition(List<Integer> one, List<Integer> other) {
    return new Sentence(Fault.partition(0, Long.MAX_VALUE, List.of(one, other)));
  }

  /** Nothing of the first comes to the second; the other way all passes. */
  public Sentence oneWayPartition(List<Integer> unheard, List<Integer> deaf) {
    return new Sentence(Fault.onLinks(Fault.Kind.DROP, 0, Long.MAX_VALUE, unheard, deaf, 1000));
  }

  public Sentences byzantine(int replica, Behaviour behaviour) {
    byzantine.put(replica, behaviour);
    return this;
  }

  /** All that was said, for one run. */
  public Faults faults(long seed) {
    return new Faults(plan, byzantine, seed);
  }
}
