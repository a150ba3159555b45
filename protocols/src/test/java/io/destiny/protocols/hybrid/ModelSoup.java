package io.destiny.protocols.hybrid;

import static io.destiny.protocols.hybrid.ModelEnclave.orderOf;
import static io.destiny.protocols.hybrid.ModelEnclave.value;
import static io.destiny.protocols.hybrid.ModelEnclave.viewOf;

import io.destiny.protocols.hybrid.ModelEnclave.Link;
import io.destiny.protocols.hybrid.ModelOptions.Mutation;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * All that was ever said, by anybody. A message may reach anybody at any time, or never, so the
 * soup is the network: who acts takes out of it what chance lets it see. It holds the invariants of
 * hybster.md §8 against each message when it is said.
 */
final class ModelSoup {

  /** What can be found wrong. */
  enum Broken {
    /** Two digests committed at one order. */
    AGREEMENT,
    /** §8 K1: two certificates of one replica for one (view, order). */
    K1,
    /** §8 K2: a NEW-VIEW that drops or changes what is committed in a lower view. */
    K2,
    /** §8 K3: a correct replica has signed, and lacks a PREPARE at or below. */
    K3,
    /** §8 K4: a correct replica signed in a view that it had left. */
    K4,
    /** §8 K5: two NEW-VIEWs accepted for one view. */
    K5,
    /** Rule 12: "no gaps can occur". */
    GAP,
    /** §5.4: a correct replica left a view with a VIEW-CHANGE that is not valid. */
    LEFT_MUTE,
    /** §5.4: after the run a correct replica cannot build a valid VIEW-CHANGE. */
    MUTE
  }

  /** Header and body of §2; the last link of the chain is its own certificate, into [to|0]. */
  record Change(int sender, int to, List<Link> chain, int from, int last, int checkpoint) {
    @Override
    public String toString() {
      return "R%d VIEW-CHANGE to %d: chain %s, origin [%d|%d], checkpoint %d"
          .formatted(sender, to, chain, from, last, checkpoint);
    }
  }

  /** A valid NEW-VIEW: what it re-proposes are the PREPAREs of its leader in (base, max]. */
  record NewView(int view, List<Change> changes, int from, int base, int max, int[] digests) {
    int digest(int order) {
      return digests[order - base - 1];
    }

    @Override
    public String toString() {
      return "NEW-VIEW %d of %s: from view %d, base %d, max %d"
          .formatted(view, changes.stream().map(c -> "R" + c.sender).toList(), from, base, max);
    }
  }

  private record Commit(int view, int order, int digest) {}

  final ModelOptions options;
  final ModelEnclave[] enclaves;

  /** By replica, view and order: the digest signed there (F1), 0 if none. */
  private final int[][][] votes;

  /** By target view and sender; an enclave signs one at most (T4). */
  private final Change[][] changes;

  /** By view; one at most unless {@link ModelOptions#severalNewViews}. */
  private final List<List<NewView>> newViews = new ArrayList<>();

  private final NewView[] accepted;

  /** By order: the digest, 0 if none. */
  private final int[] committed;

  private final List<Commit> commits = new ArrayList<>();
  private final Map<Broken, String> broken = new EnumMap<>(Broken.class);
  private final List<String> trace;
  private int checkpointed;
  private int digests;

  /** With a trace it runs slower, and no differently. */
  ModelSoup(ModelOptions options, boolean traced) {
    this.options = options;
    int n = options.replicas();
    enclaves = new ModelEnclave[n];
    for (int i = 0; i < n; i++) {
      enclaves[i] = new ModelEnclave(options.views());
    }
    votes = new int[n][options.views()][options.orders() + 1];
    changes = new Change[options.views()][n];
    for (int v = 0; v < options.views(); v++) {
      newViews.add(new ArrayList<>(1));
    }
    accepted = new NewView[options.views()];
    committed = new int[options.orders() + 1];
    trace = traced ? new ArrayList<>() : null;
  }

  // ---- ordering

  int freshDigest() {
    return ++digests;
  }

  /** The digest of the only PREPARE of (view, order), 0 if there is none. */
  int prepare(int view, int order) {
    return votes[options.leader(view)][view][order];
  }

  /** PREPARE if it comes from the leader, else COMMIT (§2): F1 at exactly [view|order]. */
  boolean say(int replica, int view, int order, int digest) {
    if (!enclaves[replica].independent(value(view, order))) {
      return false;
    }
    boolean leads = replica == options.leader(view);
    note("R%d %s [%d|%d] d%d", replica, leads ? "PREPARE" : "COMMIT", view, order, digest);
    if (votes[replica][view][order] != 0) {
      breaks(Broken.K1, "R" + replica + " signs twice at " + view + "|" + order);
    }
    votes[replica][view][order] = digest;
    int count = 0;
    for (int[][] each : votes) {
      count += each[view][order] == digest ? 1 : 0;
    }
    if (count == options.quorum()) {
      commit(new Commit(view, order, digest)); // rule 4
    }
    return true;
  }

  private void commit(Commit commit) {
    note("   committed: order %d d%d in view %d", commit.order, commit.digest, commit.view);
    int before = committed[commit.order];
    if (before != 0 && before != commit.digest) {
      breaks(
          Broken.AGREEMENT,
          "order %d is d%d and d%d".formatted(commit.order, before, commit.digest));
    }
    committed[commit.order] = commit.digest;
    commits.add(commit);
    for (int v = commit.view + 1; v < options.views(); v++) {
      newViews.get(v).forEach(each -> checkClaim(commit, each));
    }
  }

  /** What is committed at an order, 0 if nothing is. */
  int committed(int order) {
    return committed[order];
  }

  /**
   * A correct replica sends its CHECKPOINT (rule 6). The faulty ones are taken to join it at once,
   * so one correct replica makes a proof; without one there is none.
   */
  void checkpoint(int order) {
    if (order > checkpointed) {
      note("   checkpoint %d", order);
      checkpointed = order;
    }
  }

  /** The highest checkpoint that has a proof. */
  int checkpointed() {
    return checkpointed;
  }

  // ---- view change

  void say(Change change) {
    note("%s", change);
    changes[change.to][change.sender] = change;
  }

  void say(NewView made) {
    note("R%d %s", options.leader(made.view), made);
    newViews.get(made.view).add(made);
    for (Commit each : commits) {
      checkClaim(each, made);
    }
  }

  /** Whether anybody sent a VIEW-CHANGE for the view. */
  boolean isWanted(int view) {
    for (Change each : changes[view]) {
      if (each != null) {
        return true;
      }
    }
    return false;
  }

  /** A NEW-VIEW of the view, null if there is none. */
  NewView newView(int view, RandomGenerator random) {
    List<NewView> all = newViews.get(view);
    return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
  }

  /** A correct replica accepts it. */
  void accept(NewView shown) {
    NewView before = accepted[shown.view];
    if (before != null && !before.equals(shown) && !options.severalNewViews()) {
      breaks(Broken.K5, "two NEW-VIEWs of view " + shown.view);
    }
    accepted[shown.view] = shown;
  }

  /** The claim of §5.3. */
  private void checkClaim(Commit c, NewView shown) {
    if (c.view >= shown.view || c.order <= shown.base) {
      return;
    }
    if (c.order > shown.max || shown.digest(c.order) != c.digest) {
      breaks(
          Broken.K2,
          "NEW-VIEW %d loses order %d d%d of view %d"
              .formatted(shown.view, c.order, c.digest, c.view));
    }
  }

  /**
   * Rule 10, up to what is known of NEW-VIEW(w). The complaint proof is not modelled: whoever likes
   * to leave may.
   */
  boolean isValid(Change c) {
    if (!(options.mutation() == Mutation.CHAIN_DROPPED ? lastLink(c) : chain(c))) {
      return false;
    }
    if (c.last > c.checkpoint + options.window() || c.checkpoint > checkpointed) {
      return false;
    }
    for (int o = c.checkpoint + 1; o <= c.last; o++) {
      if (o > options.orders() || prepare(c.from, o) == 0) {
        return false;
      }
    }
    return true;
  }

  /** Rule 10: contiguous certificates from the origin [w|k] to [vTo|0]. */
  private boolean chain(Change c) {
    int at = value(c.from, c.last);
    for (Link link : c.chain) {
      if (link.from() != at || link.from() >= link.to() || !enclaves[c.sender].made(link)) {
        return false;
      }
      at = link.to();
    }
    return at == value(c.to, 0);
  }

  /** The first trap of §5.1: [x|0] looks innocent, and the claimed origin is believed. */
  private boolean lastLink(Change c) {
    Link link = c.chain.getLast();
    int claimed = value(c.from, c.last);
    boolean fits =
        orderOf(link.from()) > 0 ? claimed == link.from() : c.from <= viewOf(link.from());
    return fits && enclaves[c.sender].made(link) && link.to() == value(c.to, 0);
  }

  /**
   * Rule 10: w = 0, or NEW-VIEW(w) is known valid (rule 11: it can be shown) and o_c ≥ its base.
   */
  boolean isFounded(Change c) {
    return c.from == 0
        || options.mutation() == Mutation.UNFOUNDED
        || newViews.get(c.from).stream().anyMatch(each -> founds(each, c));
  }

  private boolean founds(NewView w, Change c) {
    return c.checkpoint >= w.base || options.mutation() == Mutation.BASE_FORGOTTEN;
  }

  /** Q VIEW-CHANGEs of one view as chance has them, and what rule 12 makes of them; or null. */
  NewView resolve(int view, RandomGenerator random) {
    List<Change> set = new ArrayList<>();
    int start = random.nextInt(options.replicas());
    int stride = 1 + random.nextInt(options.replicas() - 1); // N is a prime: all are met
    for (int j = 0; j < options.replicas() && set.size() < options.quorum(); j++) {
      Change c = changes[view][(start + j * stride) % options.replicas()];
      if (c != null && isValid(c) && (options.highestOnly() || isFounded(c))) {
        set.add(c);
      }
    }
    return set.size() < options.quorum() ? null : resolve(view, set, random);
  }

  /** Rule 12. */
  private NewView resolve(int view, List<Change> set, RandomGenerator random) {
    int from = 0;
    int base = 0;
    for (Change c : set) {
      from = Math.max(from, c.from);
      base = Math.max(base, c.checkpoint);
    }
    int max = base;
    for (Change c : set) {
      if (c.from == from) {
        if (!isFounded(c)) {
          return null;
        }
        max = Math.max(max, c.last);
        NewView inherited = newView(from, random);
        if (inherited != null && options.mutation() != Mutation.OBLIGATION_DROPPED) {
          if (!founds(inherited, c)) {
            return null;
          }
          max = Math.max(max, inherited.max);
        }
      }
    }
    int[] again = new int[max - base];
    for (int o = base + 1; o <= max; o++) {
      again[o - base - 1] = prepare(from, o);
      if (prepare(from, o) == 0) {
        breaks(Broken.GAP, "no PREPARE [" + from + "|" + o + "] for view " + view);
        return null;
      }
    }
    return new NewView(view, set, from, base, max, again);
  }

  // ---- what was found

  void breaks(Broken what, String how) {
    note("   BROKEN %s: %s", what, how);
    broken.putIfAbsent(what, how);
  }

  Map<Broken, String> broken() {
    return broken;
  }

  /** A line of the trace. */
  @SuppressWarnings("AnnotateFormatMethod")
  void note(String format, Object... of) {
    if (trace != null) {
      trace.add(format.formatted(of));
    }
  }

  /** What happened, for a person. */
  List<String> trace() {
    return trace;
  }
}
