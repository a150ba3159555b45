package io.destiny.protocols.hybrid;

import static io.destiny.protocols.hybrid.ModelEnclave.orderOf;
import static io.destiny.protocols.hybrid.ModelEnclave.value;
import static io.destiny.protocols.hybrid.ModelEnclave.viewOf;

import io.destiny.protocols.hybrid.ModelEnclave.Link;
import io.destiny.protocols.hybrid.ModelOptions.Mutation;
import io.destiny.protocols.hybrid.ModelSoup.Broken;
import io.destiny.protocols.hybrid.ModelSoup.Change;
import io.destiny.protocols.hybrid.ModelSoup.NewView;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** A correct replica: does what the rules of hybster.md §3 to §5 allow, when chance lets it. */
final class ModelReplica {
  private final ModelSoup soup;
  private final ModelOptions options;
  private final RandomGenerator random;
  private final int self;
  private final ModelEnclave enclave;

  /** How often it leaves by itself, of 100 steps. */
  private final int haste;

  private int view;

  /** Whether it has entered its view, rather than waiting for the NEW-VIEW. */
  private boolean voting = true;

  /** h */
  private int stable;

  /** It executed the orders up to here, so it knows that they are committed. */
  private int executed;

  /** PREPAREs it holds, by view and order; kept above h only. */
  private final boolean[][] held;

  /** NEW-VIEWs that it validated, by view. */
  private final NewView[] known;

  ModelReplica(ModelSoup soup, int self, RandomGenerator random) {
    this.soup = soup;
    this.options = soup.options;
    this.self = self;
    this.random = random;
    enclave = soup.enclaves[self];
    haste = 1 + random.nextInt(6);
    held = new boolean[options.views()][options.orders() + 1];
    known = new NewView[options.views()];
  }

  void step() {
    int dice = random.nextInt(100);
    if (dice < haste) {
      complain();
    } else if (dice < 15) {
      follow();
    } else if (dice < 30) {
      build();
    } else if (dice < 45) {
      enter();
    } else if (dice < 80 || options.interval() == 0) {
      speak();
    } else if (dice < 90) {
      execute();
    } else if (dice < 95) {
      stabilize();
    } else {
      learnBelated();
    }
  }

  // ---- ordering

  private void speak() {
    if (!voting) {
      return;
    }
    if (options.leader(view) == self) {
      propose();
    } else {
      sign();
    }
  }

  /** The last order it spoke for in its view. */
  private int signed() {
    return viewOf(enclave.read()) == view ? orderOf(enclave.read()) : 0;
  }

  private int base() {
    return known[view] == null ? 0 : known[view].base();
  }

  /** It speaks for no order above (rule 2: h < o ≤ h+W). */
  private int limit() {
    return Math.min(options.orders(), stable + options.window());
  }

  /** Rule 1. */
  private void propose() {
    int order = Math.max(signed(), base()) + 1;
    if (order <= stable && random.nextBoolean()) {
      order = stable + 1; // rule 7
    }
    if (order <= limit()) {
      vote(order, soup.freshDigest());
    }
  }

  /** Rule 2. */
  private void sign() {
    int floor = Math.max(stable, base());
    for (int o = floor + 1; o <= limit(); o++) {
      if (soup.prepare(view, o) != 0 && random.nextInt(4) > 0) {
        held[view][o] = true;
      }
    }
    int next = Math.max(signed(), floor) + 1;
    int order = next;
    if (options.mutation() == Mutation.HOLES_SIGNED && random.nextInt(16) == 0) {
      order++;
    }
    while (order <= executed && random.nextBoolean()) {
      order++; // known to be committed: need not be signed, but held
    }
    if (order > limit()) {
      return;
    }
    for (int o = floor + 1; o <= order; o++) {
      if (!held[view][o] && (o == order || options.mutation() != Mutation.HOLES_SIGNED)) {
        return;
      }
    }
    if (order > next) {
      soup.note("R%d skips %s", self, ModelEnclave.name(value(view, next)));
    }
    vote(order, soup.prepare(view, order));
  }

  private void vote(int order, int digest) {
    if (view < viewOf(enclave.read())) {
      soup.breaks(Broken.K4, "R" + self + " speaks in view " + view);
    }
    held[view][order] |= order > stable;
    soup.say(self, view, order, digest);
  }

  /** Rules 4 and 6. */
  private void execute() {
    if (executed < options.orders() && soup.committed(executed + 1) != 0) {
      executed++;
      if (executed % options.interval() == 0) {
        soup.checkpoint(executed);
      }
    }
  }

  /** Rules 6 and 7. */
  private void stabilize() {
    if (soup.checkpointed() > stable) {
      setStable(soup.checkpointed());
      soup.note("R%d stable checkpoint %d", self, stable);
    }
  }

  private void setStable(int order) {
    stable = Math.max(stable, order);
    executed = Math.max(executed, stable);
    for (boolean[] each : held) {
      for (int o = 1; o <= stable; o++) {
        each[o] = false;
      }
    }
  }

  // ---- view change

  /** Rule 9, the complaint proof collected: mostly for its own view, else for a higher one. */
  private void complain() {
    int to = view + 1;
    while (random.nextInt(4) == 0) {
      to++;
    }
    leave(to);
  }

  /** Rule 9, the complaint proof found inside another's VIEW-CHANGE. */
  private void follow() {
    int to = view + 1;
    while (to < options.views() && !soup.isWanted(to)) {
      to++;
    }
    leave(to);
  }

  /** Rule 9. */
  private void leave(int to) {
    if (to >= options.views()) {
      return;
    }
    Change change = change(to);
    Link link = enclave.continuing(value(to, 0));
    if (change == null || !soup.isValid(change) || !soup.isFounded(change)) {
      soup.breaks(Broken.LEFT_MUTE, "R" + self + " cannot show how it came to view " + to);
    }
    view = to;
    voting = false;
    if (options.mutation() == Mutation.CERTIFICATE_LOST && random.nextInt(100) < 3) {
      soup.note("R%d leaves and loses the certificate %s", self, link);
      enclave.lose(link);
    } else if (change != null) {
      soup.say(change);
    }
  }

  /** Rule 10, the sender's side. Null if a certificate is missing. */
  private Change change(int to) {
    List<Link> chain = new ArrayList<>();
    int origin = enclave.read();
    chain.add(new Link(origin, value(to, 0)));
    while (orderOf(origin) == 0 && origin != 0) {
      Link before = enclave.into(viewOf(origin));
      boolean inherits = known[viewOf(origin)] != null;
      if (inherits && (before == null || random.nextInt(4) > 0)) {
        break; // "may end the chain at [w|0]"
      }
      if (before == null) {
        return null;
      }
      chain.addFirst(before);
      origin = before.from();
    }
    // a belated NEW-VIEW may have its base above h; its proof of that checkpoint serves as well
    NewView inherited = known[viewOf(origin)];
    boolean lifts = inherited != null && options.mutation() != Mutation.CHECKPOINT_KEPT;
    int checkpoint = lifts ? Math.max(stable, inherited.base()) : stable;
    return new Change(self, to, chain, viewOf(origin), orderOf(origin), checkpoint);
  }

  /** Rule 12. */
  private void build() {
    int to = voting ? view + 1 : view;
    while (options.leader(to) != self) {
      to++;
    }
    if (to >= options.views() || enclave.read() > value(to, 0)) {
      return; // the latter if it stopped in the middle
    }
    NewView made = soup.resolve(to, random);
    if (made == null) {
      return;
    }
    enclave.continuing(value(to, 0));
    view = to;
    voting = false;
    setStable(made.base());
    for (int o = made.base() + 1; o <= made.max(); o++) {
      vote(o, made.digest(o));
      if (options.mutation() == Mutation.LEADER_STOPS && random.nextInt(16) == 0) {
        soup.note("R%d stops before its NEW-VIEW %d", self, to);
        return;
      }
    }
    enclave.newView(to);
    soup.say(made);
    accept(made);
  }

  /** Rule 13. */
  private void enter() {
    int to = voting ? view + 1 : view;
    for (; to < options.views(); to++) {
      NewView shown = soup.newView(to, random);
      if (shown != null && random.nextInt(4) > 0) {
        enclave.continuing(value(to, 0)); // type ENTER; refused if it is there already
        accept(shown);
        return;
      }
    }
  }

  private void accept(NewView shown) {
    soup.note("R%d enters view %d", self, shown.view());
    soup.accept(shown);
    known[shown.view()] = shown;
    view = shown.view();
    voting = true;
    setStable(shown.base());
  }

  /** Rule 14. */
  private void learnBelated() {
    if (view > 1) {
      int of = 1 + random.nextInt(view - 1);
      if (known[of] == null) {
        known[of] = soup.newView(of, random);
        if (known[of] != null) {
          soup.note("R%d in view %d learns %s", self, view, known[of]);
        }
      }
    }
  }

  // ---- after the run

  /** K3, and the promise of §5.4 that it could leave now. */
  void audit() {
    int now = enclave.read();
    for (int o = stable + 1; o <= orderOf(now); o++) {
      if (!held[viewOf(now)][o]) {
        soup.breaks(
            Broken.K3, "R" + self + " lacks order " + o + " below " + ModelEnclave.name(now));
      }
    }
    if (!canLeave()) {
      soup.breaks(
          Broken.MUTE, "R" + self + " at " + ModelEnclave.name(now) + " has no valid VIEW-CHANGE");
    }
  }

  /** Whether what it holds itself makes a VIEW-CHANGE that anybody must accept. */
  private boolean canLeave() {
    Change change = change(viewOf(enclave.read()) + 1);
    if (change == null || change.last() > change.checkpoint() + options.window()) {
      return false;
    }
    for (int o = change.checkpoint() + 1; o <= change.last(); o++) {
      if (!held[change.from()][o]) {
        return false;
      }
    }
    if (change.from() == 0) {
      return true;
    }
    NewView inherited = known[change.from()];
    return inherited != null && change.checkpoint() >= inherited.base();
  }
}
