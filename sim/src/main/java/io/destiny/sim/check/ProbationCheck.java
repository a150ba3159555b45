package io.destiny.sim.check;

import io.destiny.core.machine.Effect;
import io.destiny.core.model.Instances;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.TraceListener;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * An instance that behaves leaves probation (L7, dqbft.md §6 rule 11): each view of a D-instance
 * says where its probation ends, the same at all correct replicas, no farther than the rule has it,
 * and a level that clean slots have taken off is off.
 */
public final class ProbationCheck implements TraceListener {
  /** Its name. */
  public static final String ORACLE = "L7";

  private static final long SLOTS = 64;
  private static final int HIGHEST = 10;

  private record Place(int replica, int instance) {}

  /**
   * What a view says: the level, and the slots between which it is on probation.
   *
   * @param only who alone has said so yet, or {@link #SEVERAL}
   * @param number the effect by which it said so
   */
  private record Term(int level, long max, long end, int only, long number) {
    static final int SEVERAL = -1;

    Term confirmed() {
      return new Term(level, max, end, SEVERAL, number);
    }
  }

  /** What is known of one instance. */
  private static final class Instance {
    /** By view, as the first correct replica that entered it has it. */
    final TreeMap<Long, Term> terms = new TreeMap<>();

    /** Views of which a NEW-VIEW was sent, right or wrong. */
    final TreeSet<Long> offered = new TreeSet<>();

    Instance() {
      terms.put(0L, new Term(0, 0, 0, Term.SEVERAL, 0));
    }
  }

  private final Scope.Count l7;
  private final Scope scope;
  private final Map<Integer, Instance> instances = new HashMap<>();

  /** Up to which effect the log of each replica is durable. */
  private final Map<Integer, Long> durable = new HashMap<>();

  /** What each replica entered last. */
  private final Map<Place, Effect.Event.Entered> entered = new HashMap<>();

  public ProbationCheck(Scope scope) {
    this.scope = scope;
    this.l7 = scope.count(ORACLE);
  }

  private Instance instance(int number) {
    return instances.computeIfAbsent(number, i -> new Instance());
  }

  @Override
  public void sent(int from, int to, Frame frame) {
    if (frame.kind().equals("NewView") && frame.bytes().length > 4) {
      int number = (frame.bytes()[2] & 0xFF) << 8 | (frame.bytes()[3] & 0xFF);
      instance(number).offered.add(frame.view());
    }
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    if (!scope.correct(replica)) {
      return;
    }
    switch (effect) {
      case Effect.Note(Effect.Event.Entered e) when !Instances.orders(e.instance()) -> {
        entered.put(new Place(replica, e.instance()), e);
        l7.occasions += e.view() > 0 ? 1 : 0;
      }
      case Effect.Note(Effect.Event.Probation p) when p.view() > 0 -> judge(replica, number, p);
      default -> {}
    }
  }

  @Override
  public void synced(int replica, long number) {
    durable.put(replica, number);
  }

  /** The primary of a view that it had only just made may make it of other VIEW-CHANGEs now. */
  @Override
  public void crashed(int replica) {
    long kept = durable.getOrDefault(replica, 0L);
    for (Instance i : instances.values()) {
      i.terms.values().removeIf(t -> t.only == replica && t.number > kept);
    }
  }

  private void judge(int replica, long number, Effect.Event.Probation p) {
    l7.checked++;
    Instance i = instance(p.instance());
    Term known = i.terms.get(p.view());
    if (known != null) {
      if (known.level != p.level() || known.end != p.end()) {
        throw violation(replica, p, "others say level %d to %d".formatted(known.level, known.end));
      }
      if (known.only != replica) {
        i.terms.put(p.view(), known.confirmed());
      }
      return;
    }
    Effect.Event.Entered e = entered.get(new Place(replica, p.instance()));
    if (e == null || e.view() != p.view()) {
      throw violation(replica, p, "it has not entered that view");
    }
    if (p.level() < 1
        || p.level() > Math.min(HIGHEST, p.view())
        || p.end() != e.max() + (SLOTS << (p.level() - 1))) {
      throw violation(replica, p, "the view re-proposes up to " + e.max());
    }
    if (!follows(i, p, e.max())) {
      throw violation(replica, p, "it follows from none of " + i.terms.headMap(p.view()));
    }
    i.terms.put(p.view(), new Term(p.level(), e.max(), p.end(), replica, number));
  }

  /**
   * Whether the level is that of some view whose proposals were taken over, and one more: which one
   * that was is not known, nor what a view says that no correct replica has entered.
   */
  private static boolean follows(Instance i, Effect.Event.Probation p, long max) {
    for (Term before : i.terms.headMap(p.view()).values()) {
      long clean = Math.max(0, max - before.end) / (SLOTS << before.level);
      long level = Math.min(HIGHEST, Math.max(0, before.level - clean) + 1);
      if (p.level() == level) {
        return true;
      }
    }
    return i.offered.headSet(p.view()).stream().anyMatch(view -> !i.terms.containsKey(view));
  }

  private static Violation violation(int replica, Effect.Event.Probation p, String why) {
    return new Violation(
        ORACLE,
        "R%d has %s on probation of level %d to slot %d in view %d: %s"
            .formatted(replica, Instances.name(p.instance()), p.level(), p.end(), p.view(), why));
  }
}
