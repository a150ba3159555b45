package io.destiny.protocols.dqbft;

import io.destiny.core.composition.Backlog;
import io.destiny.core.composition.Batcher;
import io.destiny.core.composition.Intake;
import io.destiny.core.crypto.Result;
import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.kit.ClientTable;
import io.destiny.core.kit.KitMessage;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Assignment;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Request;
import java.util.ArrayDeque;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The commands that are known here and not executed, at most one a client, and whose turn it is to
 * propose them (00-system-model §6: home, adoption, retransmission).
 */
final class Pending implements Intake.Holder {
  /** Most requests passed on within T_resend. */
  private static final int MOST_FORWARDED = 256;

  /** Most searches for what was committed before it was known here, within T_resend. */
  private static final int MOST_SEARCHES = 8;

  /** How far a request has come. */
  enum State {
    /** To be proposed here. */
    QUEUED,
    /** Proposed here, in a view that stands. */
    PROPOSED,
    /** Somebody else's to propose; T_prop runs. */
    WAITING,
    /** Proposed by home or adopter, in a view that stands. */
    SETTLED,
    /** Committed in some instance: nothing takes it away any more. */
    COMMITTED
  }

  /** A request held: the highest t of its client. */
  static final class Held implements Batcher.Held {
    private final Request request;
    private int home;
    private State state = State.WAITING;

    /** The D-instance that it is proposed in. */
    private int in = -1;

    /** How much of T_prop has passed, and when that was counted. */
    private long waited;

    private long counted;

    /** It was looked for among what is committed and not executed. */
    private boolean searched;

    private Held(Request request, int home) {
      this.request = request;
      this.home = home;
    }

    @Override
    public Request request() {
      return request;
    }

    @Override
    public boolean queued() {
      return state == State.QUEUED;
    }
  }

  private final Settings settings;
  private final Dqbft dqbft;
  private final Batcher<Held> proposer;
  private final Backlog<Held> pending = new Backlog<>();
  private final Intake intake;

  /** What is WAITING, in the order in which to look at it; and some that no longer is. */
  private final ArrayDeque<Held> waiting = new ArrayDeque<>();

  /** How many are WAITING or SETTLED: without any, proposals of others need no look. */
  private int others;

  private int searches;

  Pending(Settings settings, Dqbft dqbft, Batcher<Held> proposer) {
    this.settings = settings;
    this.dqbft = dqbft;
    this.proposer = proposer;
    this.intake = new Intake(dqbft.frame(), () -> dqbft.order().clients(), dqbft.certifier(), this);
  }

  int size() {
    return pending.size();
  }

  // ---- who proposes

  private int home(long client) {
    return dqbft.order().assignments().home(client, settings.n());
  }

  /**
   * Who proposes for this home, as views stand here: its owner, or the caretaker in an instance of
   * its own; one whose own instance is not in its hands passes it on to that one's caretaker, f+1
   * times at most.
   */
  private int proposerFor(int home) {
    int at = home;
    for (int hop = 0; hop <= settings.rule().f(); hop++) {
      int leader = dqbft.dissemination(at).primary();
      if (leader == at) {
        return at;
      }
      at = leader;
    }
    return at;
  }

  /**
   * Whether {@code replica} is the home or one of those that pass its commands on or adopt them.
   */
  private boolean concerned(int home, int replica) {
    int at = home;
    for (int hop = 0; hop <= settings.rule().f() && at != replica; hop++) {
      int leader = dqbft.dissemination(at).primary();
      if (leader == at) {
        return false;
      }
      at = leader;
    }
    return at == replica;
  }

  // ---- requests come

  /** REQUEST from a client, its signature verified. */
  void submitted(Request request) {
    if (Assignment.asks(request.client())) {
      dqbft.assigning().submitted(request);
      return;
    }
    intake.submitted(request);
  }

  /** A request relayed by a replica: as good as its client's signature. */
  void relayed(int from, Request request) {
    if (Assignment.asks(request.client())) {
      dqbft.assigning().relayed(from, request);
      return;
    }
    if (concerned(home(request.client()), settings.self())) {
      intake.relayed(from, request);
    } else {
      drop(DropReason.UNEXPECTED, from);
    }
  }

  @Override
  public @Nullable Request held(long client) {
    Held held = pending.get(client);
    return held == null ? null : held.request;
  }

  void onComputed(long job, Result result) {
    intake.onComputed(job, result);
  }

  @Override
  public void hold(Request request) {
    DropReason refused = pending.refuses(request);
    if (refused != null) {
      drop(refused, -1);
      return;
    }
    Held before = pending.get(request.client());
    if (before != null) {
      remove(before);
    }
    Held held = new Held(request, home(request.client()));
    start(held);
    pending.put(held);
    others++;
    place(held);
    if (held.state == State.WAITING) {
      forward(held);
    }
  }

  private void drop(DropReason reason, int from) {
    intake.drop(reason, from);
  }

  // ---- where a request stands

  private static boolean isOthers(State state) {
    return state == State.WAITING || state == State.SETTLED;
  }

  private void set(Held held, State state) {
    others += (isOthers(state) ? 1 : 0) - (isOthers(held.state) ? 1 : 0);
    if (held.state == State.QUEUED) {
      proposer.removed(held.request);
    }
    held.state = state;
  }

  private void remove(Held held) {
    set(held, State.COMMITTED);
    pending.remove(held);
  }

  /** T_prop starts. */
  private void start(Held held) {
    held.waited = 0;
    held.counted = dqbft.step().now();
  }

  /** Queues what is this replica's to propose, and leaves the rest to others. */
  private void place(Held held) {
    if (proposerFor(held.home) == settings.self()) {
      if (isOthers(held.state)) {
        set(held, State.QUEUED);
        proposer.add(held);
      }
    } else if (held.state != State.SETTLED && held.state != State.COMMITTED) {
      set(held, State.WAITING);
      waiting.add(held);
    }
  }

  /** This replica proposes it, in its own instance. */
  void proposing(Held held) {
    set(held, State.PROPOSED);
    held.in = settings.self();
  }

  /**
   * A view of D_n was entered. What was proposed there and is not committed can be proposed afresh,
   * unless the view takes it over, which is told next; and T_prop of clients at home in D_n starts
   * again, whoever their adopter was.
   */
  void viewEntered(int n) {
    proposer.clear();
    waiting.clear();
    for (Held held : pending.all()) {
      if (held.state == State.QUEUED
          || (held.state != State.WAITING && held.state != State.COMMITTED && !stands(held, n))) {
        others += isOthers(held.state) ? 0 : 1;
        held.state = State.WAITING;
        held.in = -1;
        start(held);
      } else if (held.home == n) {
        start(held);
      }
      place(held);
    }
  }

  /** Whether a proposal is still worth waiting for after a view change of D_n. */
  private boolean stands(Held held, int n) {
    return held.in >= 0 && held.in != n && concerned(held.home, held.in);
  }

  /** assign[c] has changed: what is not committed is the new home's to propose. */
  void assigned(long client) {
    Held held = pending.get(client);
    int home = home(client);
    if (held == null || held.home == home) {
      return;
    }
    held.home = home;
    start(held);
    if (held.state != State.COMMITTED && !(held.in >= 0 && concerned(home, held.in))) {
      boolean waits = held.state == State.WAITING;
      set(held, State.WAITING);
      held.in = -1;
      if (!waits || proposerFor(home) == settings.self()) {
        place(held);
      }
    }
  }

  /** A batch is proposed in D_n, or committed there. */
  void seen(int n, Batch batch, boolean committed) {
    boolean own = n == settings.self();
    // In view 0 what is proposed in the own instance came from here.
    if (own ? !committed && dqbft.dissemination(n).view() == 0 : others == 0) {
      return;
    }
    for (Request request : batch.requests()) {
      Held held = pending.upTo(request.client(), request.timestamp());
      if (held == null) {
        continue;
      }
      if (committed) {
        set(held, State.COMMITTED);
      } else if (own && held.state == State.QUEUED) {
        proposing(held);
      } else if (held.state == State.WAITING && concerned(held.home, n)) {
        // 00 §6: a proposal that a third instance made is no reason to wait.
        set(held, State.SETTLED);
        held.in = n;
      }
    }
  }

  /** A request of this client was executed, or its state transferred. */
  void executed(long client, long timestamp) {
    Held held = pending.upTo(client, timestamp);
    if (held != null) {
      remove(held);
    }
  }

  /** After state transfer: what the table has executed is not pending, and homes may be others. */
  void forgetExecuted() {
    ClientTable clients = dqbft.order().clients();
    for (Long client : pending.clients()) {
      executed(client, clients.lastTimestamp(client));
      assigned(client);
    }
  }

  // ---- T_resend and T_prop

  private void forward(Held held) {
    int to = proposerFor(held.home);
    if (to != settings.self()) {
      dqbft.step().emit(new Effect.Send(to, new KitMessage.Relay(held.request)));
    }
  }

  /** Every T_resend: passes on again what nobody has proposed, and suspects its home's leader. */
  void tick() {
    if (waiting.isEmpty()) {
      return;
    }
    BitSet silent = new BitSet();
    searches = 0;
    for (int left = Math.min(waiting.size(), MOST_FORWARDED); left > 0; left--) {
      Held held = waiting.remove();
      if (held.state != State.WAITING || !pending.has(held)) {
        continue;
      }
      waiting.add(held);
      forward(held);
      if (expired(held)) {
        blame(held.home, silent);
      }
    }
    for (int n = silent.nextSetBit(0); n >= 0; n = silent.nextSetBit(n + 1)) {
      dqbft.suspect(n, Suspicion.PROPOSAL);
    }
  }

  /**
   * Whose leader did not do its part: the home's, and where the adopter's own instance is not in
   * its hands, that one's too. Else a dead caretaker of the adopter's instance is nobody's to
   * replace.
   */
  private void blame(int home, BitSet silent) {
    int n = home;
    for (int hops = 0; hops <= settings.rule().f() + 1; hops++) {
      int leader = dqbft.dissemination(n).primary();
      if (leader == n && n != home) {
        return;
      }
      if (leader != settings.self()) {
        silent.set(n);
      }
      if (leader == n) {
        return;
      }
      n = leader;
    }
  }

  /** T_prop (dqbft.md §6 rule 13). */
  private boolean expired(Held held) {
    long now = dqbft.step().now();
    long elapsed = now - held.counted;
    held.counted = now;
    ConsensusEngine instance = dqbft.dissemination(held.home);
    // 00 §8: a leader whose window is full cannot act; T_dis and T_order watch what fills it.
    boolean still =
        !instance.entered()
            || instance.highest() >= instance.stable() + settings.tuning().window()
            || dqbft.recovery().behind();
    if (still) {
      return false;
    }
    held.waited += elapsed;
    return held.waited >= settings.tuning().proposalTimeout() && !committedBefore(held);
  }

  /**
   * 00 §6 d: a command that came here after it was committed. While execution stands still, clients
   * send all that is committed to all replicas, and no home is to blame for that.
   */
  private boolean committedBefore(Held held) {
    if (held.searched || searches++ >= MOST_SEARCHES) {
      return !held.searched;
    }
    held.searched = true;
    for (int n = 0; n < settings.n(); n++) {
      ConsensusEngine instance = dqbft.dissemination(n);
      for (long s = dqbft.order().executed(n) + 1; s <= instance.highest(); s++) {
        if (instance.decision(s) instanceof Batch batch && holds(batch, held.request)) {
          set(held, State.COMMITTED);
          return true;
        }
      }
    }
    return false;
  }

  private static boolean holds(Batch batch, Request request) {
    for (Request r : batch.requests()) {
      if (r.client() == request.client() && r.timestamp() >= request.timestamp()) {
        return true;
      }
    }
    return false;
  }
}
