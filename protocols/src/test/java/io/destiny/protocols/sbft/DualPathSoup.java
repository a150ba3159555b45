package io.destiny.protocols.sbft;

import io.destiny.protocols.sbft.DualPath.At;
import io.destiny.protocols.sbft.DualPath.Said;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * SBFT's two paths and its view change (sbft.md §4, §5) for one slot, as shares that anybody may
 * combine once there are enough, with f liars who sign all and claim anything, but cannot make a
 * certificate of shares that there are not. Nothing here is of the protocol's code.
 */
final class DualPathSoup {
  /** What is wrong with the replicas; {@link DualPath.Mutation} is about the choice. */
  enum Fault {
    NONE,
    /** Rule 3: all but one are enough for the fast path. */
    FAST_WITH_ONE_LESS,
    /** Rule 5: h2 is signed without τ(h). */
    COMMITS_UNPREPARED,
    /** Rule 13: prep[s] is cleared when a view is entered. */
    PREP_FORGOTTEN,
    /** Rule 13: pp[s] is cleared when a view is entered. */
    ACCEPTED_FORGOTTEN,
    /** J3: whoever entered a view again may accept another value there. */
    SIGNS_TWICE
  }

  /** What was broken. */
  enum Broken {
    /** J1: two values are committed. */
    AGREEMENT,
    /** J2: a NEW-VIEW has another value than what was committed. */
    CONCEALED,
    /** No correct replica has the payload of what was chosen. */
    INVENTED
  }

  private static final int VIEWS = 6;
  private static final int STEPS = 300;

  private static final class Replica {
    final int id;
    int view;
    boolean active = true;
    Integer proof;
    At prepared;
    At accepted;

    /** By view: what it has signed h for. */
    final Map<Integer, Integer> signed = new TreeMap<>();

    /** By view: what the NEW-VIEW took over; {@link DualPath#FREE}: nothing. */
    int takenOver = DualPath.FREE;

    Replica(int id) {
      this.id = id;
    }
  }

  private final int n;
  private final int f;
  private final DualPath.Mutation mutation;
  private final Fault fault;
  private final SplittableRandom random;
  private final List<Replica> correct = new ArrayList<>();
  private final TreeSet<Integer> liars = new TreeSet<>();

  /** Which correct replicas have signed h, and h2. */
  private final Map<At, Set<Integer>> accepts = new LinkedHashMap<>();

  private final Map<At, Set<Integer>> commits = new LinkedHashMap<>();
  private final Map<Integer, Integer> proposed = new TreeMap<>();
  private final Map<Integer, Map<Integer, Said>> viewChanges = new TreeMap<>();
  private final Map<Integer, List<Integer>> newViews = new TreeMap<>();
  private At committed;

  final Map<Broken, String> broken = new LinkedHashMap<>();
  int newViewsMade;
  int fast;
  int slow;
  int retaken;
  private int fresh;

  DualPathSoup(int n, long seed, DualPath.Mutation mutation, Fault fault) {
    this.n = n;
    this.f = (n - 1) / 3;
    this.mutation = mutation;
    this.fault = fault;
    this.random = new SplittableRandom(seed);
    while (liars.size() < f) {
      liars.add(random.nextInt(n));
    }
    for (int i = 0; i < n; i++) {
      if (!liars.contains(i)) {
        correct.add(new Replica(i));
      }
    }
  }

  DualPathSoup run() {
    for (int i = 0; i < STEPS && broken.isEmpty(); i++) {
      step(correct.get(random.nextInt(correct.size())));
      look();
    }
    return this;
  }

  private int quorum() {
    return 2 * f + 1;
  }

  private void step(Replica r) {
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3 -> accept(r);
      case 4, 5 -> prepare(r);
      case 6 -> learn(r);
      case 7 -> {
        if (random.nextInt(3) == 0) {
          leave(r);
        }
      }
      case 8 -> newView(1 + random.nextInt(VIEWS));
      default -> enter(r);
    }
  }

  private static int count(Map<At, Set<Integer>> votes, At at) {
    return votes.getOrDefault(at, Set.of()).size();
  }

  private boolean certified(At at) {
    return count(accepts, at) + f >= quorum();
  }

  /** Whatever can be proven is taken for proven. */
  private void look() {
    int all = fault == Fault.FAST_WITH_ONE_LESS ? n - 1 : n;
    for (At at : accepts.keySet()) {
      if (count(accepts, at) + f >= all) {
        fast++;
        commit(at);
      }
    }
    for (At at : commits.keySet()) {
      if (certified(at) && count(commits, at) + f >= quorum()) {
        slow++;
        commit(at);
      }
    }
  }

  private void commit(At at) {
    if (committed == null || (committed.value() == at.value() && at.view() < committed.view())) {
      committed = at;
    } else if (committed.value() != at.value()) {
      broken.put(Broken.AGREEMENT, committed + " and " + at);
    }
  }

  private boolean provable(int value) {
    return committed != null && committed.value() == value;
  }

  // ---- normal case

  private void accept(Replica r) {
    boolean again = fault == Fault.SIGNS_TWICE && random.nextInt(3) == 0;
    if (!r.active || (r.signed.containsKey(r.view) && !again)) {
      return;
    }
    Integer value = r.takenOver == DualPath.FREE ? null : Integer.valueOf(r.takenOver);
    if (value == null && liars.contains(r.view % n)) {
      value = 1 + random.nextInt(3);
    } else if (value == null) {
      value = proposed.get(r.view);
      if (value == null && r.view % n == r.id) {
        value = 10 + fresh++;
        proposed.put(r.view, value);
      }
    }
    if (value != null) {
      At at = new At(r.view, value);
      r.accepted = at;
      r.signed.put(r.view, value);
      accepts.computeIfAbsent(at, a -> new TreeSet<>()).add(r.id);
    }
  }

  private void prepare(Replica r) {
    Integer value = r.signed.get(r.view);
    At at = value == null ? null : new At(r.view, value);
    if (!r.active || at == null || !(certified(at) || fault == Fault.COMMITS_UNPREPARED)) {
      return;
    }
    r.prepared = certified(at) ? at : r.prepared;
    commits.computeIfAbsent(at, a -> new TreeSet<>()).add(r.id);
  }

  private void learn(Replica r) {
    if (committed != null) {
      r.proof = committed.value();
    }
  }

  // ---- view change

  private void leave(Replica r) {
    if (r.view == VIEWS) {
      return;
    }
    r.view = Math.min(VIEWS, r.view + 1 + (random.nextInt(6) == 0 ? 1 : 0));
    r.active = false;
    viewChanges
        .computeIfAbsent(r.view, v -> new TreeMap<>())
        .put(
            r.id,
            r.proof != null
                ? new Said(r.id, r.proof, null, null)
                : new Said(r.id, null, r.prepared, r.accepted));
  }

  /** Claims at will; certificates only if there are shares enough. */
  private Said invented(int liar, int view) {
    List<At> certificates = accepts.keySet().stream().filter(this::certified).toList();
    At prepared =
        certificates.isEmpty() || random.nextBoolean()
            ? null
            : certificates.get(random.nextInt(certificates.size()));
    int value =
        random.nextBoolean() || fresh == 0 ? 1 + random.nextInt(3) : 10 + random.nextInt(fresh);
    At accepted = random.nextInt(4) == 0 ? null : new At(random.nextInt(view), value);
    boolean proves = committed != null && committed.view() < view && random.nextInt(4) == 0;
    return new Said(
        liar,
        proves && provable(committed.value()) ? Integer.valueOf(committed.value()) : null,
        prepared != null && prepared.view() < view ? prepared : null,
        accepted);
  }

  private void newView(int view) {
    Map<Integer, Said> said = viewChanges.getOrDefault(view, Map.of());
    List<Said> set = new ArrayList<>();
    said.values().stream().filter(v -> random.nextInt(5) > 0).forEach(set::add);
    liars.stream().filter(l -> random.nextInt(5) > 0).forEach(l -> set.add(invented(l, view)));
    Replica maker = correct.stream().filter(r -> r.id == view % n).findFirst().orElse(null);
    boolean waits = maker != null && maker.view == view && !maker.active;
    if (set.size() < quorum() || (maker != null && !waits)) {
      return;
    }
    int chosen = DualPath.choose(set, f, mutation);
    newViewsMade++;
    newViews.computeIfAbsent(view, v -> new ArrayList<>()).add(chosen);
    if (committed != null && committed.view() < view && chosen != committed.value()) {
      broken.put(Broken.CONCEALED, committed + " by view " + view + ": " + chosen + " of " + set);
    }
    boolean known = accepts.keySet().stream().anyMatch(a -> a.value() == chosen);
    if (chosen != DualPath.FREE && !known) {
      broken.put(Broken.INVENTED, chosen + " of " + set);
    }
    if (maker != null) {
      enter(maker, view, chosen);
    }
  }

  private void enter(Replica r) {
    int view = r.view + random.nextInt(2);
    List<Integer> made = newViews.get(view);
    if (made != null && !(r.active && view == r.view)) {
      enter(r, view, made.get(random.nextInt(made.size())));
    }
  }

  private void enter(Replica r, int view, int chosen) {
    r.view = view;
    r.active = true;
    r.takenOver = chosen;
    retaken += chosen == DualPath.FREE ? 0 : 1;
    if (fault == Fault.PREP_FORGOTTEN) {
      r.prepared = null;
    }
    if (fault == Fault.ACCEPTED_FORGOTTEN) {
      r.accepted = null;
    }
  }
}
