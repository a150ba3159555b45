package io.destiny.protocols.hybrid;

import static io.destiny.protocols.hybrid.ModelEnclave.orderOf;
import static io.destiny.protocols.hybrid.ModelEnclave.value;
import static io.destiny.protocols.hybrid.ModelEnclave.viewOf;

import io.destiny.protocols.hybrid.ModelEnclave.Link;
import io.destiny.protocols.hybrid.ModelOptions.Mutation;
import io.destiny.protocols.hybrid.ModelSoup.Change;
import io.destiny.protocols.hybrid.ModelSoup.NewView;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A faulty host with an honest trusted subsystem: it calls it with whatever values and statements
 * it likes, in any order. It sees all that was ever said.
 */
final class ModelHost {
  private final ModelSoup soup;
  private final ModelOptions options;
  private final RandomGenerator random;
  private final int self;
  private final ModelEnclave enclave;

  ModelHost(ModelSoup soup, int self, RandomGenerator random) {
    this.soup = soup;
    this.options = soup.options;
    this.self = self;
    this.random = random;
    enclave = soup.enclaves[self];
  }

  void step() {
    int dice = random.nextInt(100);
    if (dice < 55) {
      vote();
    } else if (dice < 64) {
      leave();
    } else if (dice < 99) {
      build();
    } else {
      jump();
    }
  }

  /** A view that its counter has not passed, mostly the one it is in. */
  private int someView() {
    int view = viewOf(enclave.read());
    while (view + 1 < options.views() && random.nextInt(16) == 0) {
      view++;
    }
    return view;
  }

  /** An order of that view, mostly the next one. */
  private int someOrder(int view) {
    int next = viewOf(enclave.read()) == view ? orderOf(enclave.read()) + 1 : 1;
    return next <= options.orders() && random.nextInt(4) > 0
        ? next
        : 1 + random.nextInt(options.orders());
  }

  private void vote() {
    int view = someView();
    int order = someOrder(view);
    int digest = soup.prepare(view, order);
    if (options.leader(view) == self) {
      // what a lower view had there, or something new
      int lower = random.nextInt(view + 1);
      digest = lower < view ? soup.prepare(lower, order) : 0;
    }
    if (digest == 0 && (options.leader(view) == self || random.nextInt(8) == 0)) {
      digest = soup.freshDigest();
    }
    if (digest != 0) {
      soup.say(self, view, order, digest);
    }
  }

  /** A certificate into [x|0], over a header with any end of the chain that may serve it. */
  private void leave() {
    int to = viewOf(enclave.read()) + 1;
    while (random.nextInt(4) == 0) {
      to++;
    }
    if (to >= options.views()) {
      return;
    }
    List<Link> chain = new ArrayList<>();
    int origin = enclave.read();
    chain.add(enclave.continuing(value(to, 0)));
    while (orderOf(origin) == 0 && origin != 0 && random.nextInt(3) > 0) {
      Link before = enclave.into(viewOf(origin));
      if (before == null) {
        break;
      }
      chain.addFirst(before);
      origin = before.from();
    }
    if (options.mutation() == Mutation.CHAIN_DROPPED && orderOf(origin) == 0) {
      origin = value(random.nextInt(viewOf(origin) + 1), 0); // nobody can tell
    }
    soup.say(new Change(self, to, chain, viewOf(origin), orderOf(origin), someCheckpoint()));
  }

  private int someCheckpoint() {
    if (options.interval() == 0) {
      return 0;
    }
    return options.interval() * random.nextInt(soup.checkpointed() / options.interval() + 1);
  }

  /** A NEW-VIEW that is valid; for any view it leads, also one that its ORDER counter has left. */
  private void build() {
    int view = 1 + random.nextInt(options.views() - 1);
    if (options.leader(view) != self) {
      return;
    }
    NewView made = soup.resolve(view, random);
    if (made == null) {
      return;
    }
    for (int o = made.base() + 1; o <= made.max(); o++) {
      if (soup.prepare(view, o) == 0) {
        soup.say(self, view, o, made.digest(o));
      }
      if (soup.prepare(view, o) != made.digest(o)) {
        return;
      }
    }
    if (enclave.newView(view) || options.severalNewViews()) {
      soup.say(made);
    }
  }

  /** The counter moves, and nobody is shown why. */
  private void jump() {
    int to = value(someView(), random.nextInt(options.orders() + 1));
    if (random.nextBoolean() ? enclave.independent(to) : enclave.continuing(to) != null) {
      soup.note("R%d jumps to %s", self, ModelEnclave.name(to));
    }
  }
}
