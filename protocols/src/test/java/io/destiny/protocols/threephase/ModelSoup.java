package io.destiny.protocols.threephase;

import io.destiny.protocols.threephase.Claims.Entry;
import io.destiny.protocols.threephase.Claims.Said;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * PBFT's votes and its view change (pbft.md §3, §5) as a soup of messages that reach whom chance
 * wants, with f liars who say anything that has no signature of others. Nothing here is of the
 * protocol's code.
 */
final class ModelSoup {
  /** What is wrong with the rules. */
  enum Mutation {
    NONE,
    /** Rule 10: qSet is cleared with the votes of a view. */
    Q_FORGOTTEN,
    /** Rule 10: so is pSet. */
    P_FORGOTTEN,
    /** Rule 13: A2 is not asked for. */
    A2_DROPPED,
    /** Rule 3: prepared with one backup less. */
    PREPARED_EARLY,
    /** Rule 13: B before A. */
    NOOP_FIRST
  }

  /** What was broken. */
  enum Broken {
    /** I1: two digests are prepared in one view and slot. */
    PREPARED,
    /** Two digests are committed at one slot. */
    AGREEMENT,
    /** I2: a NEW-VIEW has another value where one was committed. */
    CONCEALED,
    /** I3: the view in pSet falls. */
    FALLS,
    /** §6: the VIEW-CHANGEs of all correct replicas decide nothing. */
    STUCK
  }

  private static final int SLOTS = 2;
  private static final int VIEWS = 5;
  private static final int STEPS = 400;

  private record Vote(boolean commit, int sender, int view, int slot, int value) {}

  private record Place(int view, int slot) {}

  private static final class Replica {
    final int id;
    int view;
    boolean active = true;
    final TreeMap<Integer, Entry> p = new TreeMap<>();
    final Map<Integer, TreeMap<Integer, Integer>> q = new TreeMap<>();
    final Map<Place, Integer> accepted = new LinkedHashMap<>();
    final Map<Place, Integer> prepared = new LinkedHashMap<>();

    /** By view: the last slot that its NEW-VIEW took over. */
    final int[] takenOver = new int[VIEWS + 1];

    Replica(int id) {
      this.id = id;
    }
  }

  private final int n;
  private final int f;
  private final Mutation mutation;
  private final SplittableRandom random;
  private final List<Replica> correct = new ArrayList<>();
  private final TreeSet<Integer> liars = new TreeSet<>();
  private final List<Vote> votes = new ArrayList<>();
  private final Map<Place, Integer> proposed = new LinkedHashMap<>();
  private final Map<Integer, Map<Integer, Said>> viewChanges = new TreeMap<>();
  private final Map<Integer, List<List<Integer>>> newViews = new TreeMap<>();

  /** Committed: by slot, the value and the view. */
  private final Map<Integer, Entry> committed = new TreeMap<>();

  final Map<Broken, String> broken = new LinkedHashMap<>();
  int newViewsMade;
  int commits;
  int retaken;
  private int fresh;

  ModelSoup(int n, long seed, Mutation mutation) {
    this.n = n;
    this.f = (n - 1) / 3;
    this.mutation = mutation;
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

  ModelSoup run() {
    for (int i = 0; i < STEPS && broken.isEmpty(); i++) {
      step(correct.get(random.nextInt(correct.size())));
    }
    return this;
  }

  private int quorum() {
    return 2 * f + 1;
  }

  private int primary(int view) {
    return view % n;
  }

  private void step(Replica r) {
    int slot = 1 + random.nextInt(SLOTS);
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> accept(r, slot);
      case 3, 4, 5 -> prepare(r, slot);
      case 6, 7 -> commit(r, slot);
      case 8 -> {
        if (random.nextInt(4) == 0) {
          leave(r);
        }
      }
      case 9 -> newView(1 + random.nextInt(VIEWS));
      default -> enter(r);
    }
  }

  // ---- normal case

  private void accept(Replica r, int slot) {
    Place place = new Place(r.view, slot);
    if (!r.active || slot <= r.takenOver[r.view] || r.accepted.containsKey(place)) {
      return;
    }
    boolean lies = liars.contains(primary(r.view));
    Integer value = lies ? Integer.valueOf(1 + random.nextInt(3)) : proposed.get(place);
    if (value == null && primary(r.view) == r.id) {
      value = 10 + fresh++;
      proposed.put(place, value);
    }
    if (value != null) {
      take(r, slot, value);
    }
  }

  private void take(Replica r, int slot, int value) {
    r.accepted.put(new Place(r.view, slot), value);
    r.q.computeIfAbsent(slot, s -> new TreeMap<>()).merge(value, r.view, Math::max);
    if (primary(r.view) != r.id) {
      votes.add(new Vote(false, r.id, r.view, slot, value));
    }
  }

  /** Votes that may have reached a replica: its own, liars' at will, others' by chance. */
  private int heard(Replica r, boolean commit, int view, int slot, int value) {
    TreeSet<Integer> senders = new TreeSet<>();
    for (Vote v : votes) {
      if (v.commit == commit && v.view == view && v.slot == slot && v.value == value) {
        if (v.sender == r.id || random.nextInt(4) > 0) {
          senders.add(v.sender);
        }
      }
    }
    for (int liar : liars) {
      if (commit || liar != primary(view)) {
        senders.add(liar);
      }
    }
    return senders.size();
  }

  private void prepare(Replica r, int slot) {
    Place place = new Place(r.view, slot);
    Integer value = r.accepted.get(place);
    int needed = mutation == Mutation.PREPARED_EARLY ? 2 * f - 1 : 2 * f;
    if (!r.active
        || value == null
        || r.prepared.containsKey(place)
        || heard(r, false, r.view, slot, value) < needed) {
      return;
    }
    r.prepared.put(place, value);
    Entry before = r.p.put(slot, new Entry(slot, value, r.view));
    if (before != null && before.view() > r.view) {
      broken.put(Broken.FALLS, r.id + " " + before);
    }
    for (Replica other : correct) {
      Integer theirs = other.prepared.get(place);
      if (theirs != null && !theirs.equals(value)) {
        broken.put(Broken.PREPARED, place + ": " + theirs + " and " + value);
      }
    }
    votes.add(new Vote(true, r.id, r.view, slot, value));
  }

  private void commit(Replica r, int slot) {
    Integer value = r.prepared.get(new Place(r.view, slot));
    if (!r.active || value == null || heard(r, true, r.view, slot, value) < quorum()) {
      return;
    }
    commits++;
    Entry before = committed.putIfAbsent(slot, new Entry(slot, value, r.view));
    if (before != null && before.value() != value) {
      broken.put(Broken.AGREEMENT, before + " and " + value + " in view " + r.view);
    }
    if (before != null && before.view() > r.view) {
      committed.put(slot, new Entry(slot, value, r.view));
    }
  }

  // ---- view change

  private void leave(Replica r) {
    if (r.view == VIEWS) {
      return;
    }
    int most = r.view + 1 + (random.nextInt(6) == 0 ? 1 : 0);
    r.view = Math.min(VIEWS, most);
    r.active = false;
    List<Entry> p = List.copyOf(r.p.values());
    List<Entry> q = new ArrayList<>();
    r.q.forEach((slot, known) -> known.forEach((d, view) -> q.add(new Entry(slot, d, view))));
    if (mutation == Mutation.P_FORGOTTEN) {
      r.p.clear();
    }
    if (mutation == Mutation.Q_FORGOTTEN) {
      r.q.clear();
    }
    viewChanges
        .computeIfAbsent(r.view, v -> new TreeMap<>())
        .put(r.id, new Said(r.id, p, List.copyOf(q)));
  }

  /** Anything that is valid by rule 11. */
  private Said invented(int liar, int view) {
    List<Entry> p = new ArrayList<>();
    List<Entry> q = new ArrayList<>();
    for (int slot = 1; slot <= SLOTS; slot++) {
      if (random.nextBoolean()) {
        int value =
            random.nextBoolean() || fresh == 0 ? 1 + random.nextInt(3) : 10 + random.nextInt(fresh);
        int at = random.nextInt(view);
        p.add(new Entry(slot, value, at));
        q.add(new Entry(slot, value, Math.min(view - 1, at + random.nextInt(2))));
      }
    }
    return new Said(liar, p, q);
  }

  private void newView(int view) {
    Map<Integer, Said> said = viewChanges.getOrDefault(view, Map.of());
    boolean all = said.size() == n - f;
    int weak = f + 1;
    if (all) {
      // §6, liveness: these decide whatever they say. A liar's word may only be added.
      List<Said> set = new ArrayList<>(said.values());
      if (choice(set, weak) == null) {
        broken.put(Broken.STUCK, "view " + view + ": " + set);
        return;
      }
    }
    List<Said> set = new ArrayList<>();
    said.values().stream().filter(v -> random.nextInt(5) > 0).forEach(set::add);
    liars.stream().filter(l -> random.nextInt(5) > 0).forEach(l -> set.add(invented(l, view)));
    Replica maker = correctPrimary(view);
    boolean waits = maker != null && maker.view == view && !maker.active;
    if (set.size() < quorum() || (maker != null && !waits)) {
      return;
    }
    List<Integer> chosen = choice(set, weak);
    if (chosen == null) {
      return;
    }
    newViewsMade++;
    newViews.computeIfAbsent(view, v -> new ArrayList<>()).add(chosen);
    if (maker != null) {
      enter(maker, view, chosen);
    }
    for (Entry c : committed.values()) {
      int value = c.slot() <= chosen.size() ? chosen.get(c.slot() - 1) : Claims.UNDECIDED;
      if (c.view() < view && value != c.value()) {
        broken.put(Broken.CONCEALED, c + " by view " + view + ": " + chosen + " of " + set);
      }
    }
  }

  private Replica correctPrimary(int view) {
    return correct.stream().filter(r -> r.id == primary(view)).findFirst().orElse(null);
  }

  private List<Integer> choice(List<Said> set, int weak) {
    List<Integer> chosen = Claims.chosen(set, quorum(), weak, mutation != Mutation.A2_DROPPED);
    if (mutation == Mutation.NOOP_FIRST && chosen != null) {
      Integer[] all = chosen.toArray(Integer[]::new);
      for (int slot = 1; slot <= all.length; slot++) {
        int at = slot;
        long without =
            set.stream().filter(v -> v.p().stream().noneMatch(e -> e.slot() == at)).count();
        // As if f fewer had to be without an entry: A must come before B.
        all[slot - 1] = without >= quorum() - f ? Claims.NOOP : all[slot - 1];
      }
      return Arrays.asList(all);
    }
    return chosen;
  }

  private void enter(Replica r) {
    int view = r.view + random.nextInt(2);
    List<List<Integer>> made = newViews.get(view);
    if (made == null || (r.active && view == r.view)) {
      return;
    }
    enter(r, view, made.get(random.nextInt(made.size())));
  }

  private void enter(Replica r, int view, List<Integer> chosen) {
    r.view = view;
    r.active = true;
    r.takenOver[view] = chosen.size();
    for (int slot = 1; slot <= chosen.size(); slot++) {
      retaken++;
      take(r, slot, chosen.get(slot - 1));
    }
  }
}
