package io.destiny.protocols.linearhybster;

import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.ConsensusEngine.Progress;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.kit.CollectorOrder;
import io.destiny.core.kit.FallBack;
import io.destiny.core.kit.SlotWindow;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.protocols.hybrid.ordering.CommitCertificate;
import io.destiny.protocols.hybrid.ordering.OrderingEngine;
import io.destiny.protocols.hybrid.ordering.OrderingMessage;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Header;
import io.destiny.protocols.hybrid.ordering.OrderingSlot;
import io.destiny.protocols.hybrid.ordering.Votes;
import io.destiny.protocols.linearhybster.LinearHybsterMessage.Commit;
import io.destiny.protocols.linearhybster.LinearHybsterMessage.CommitSig;
import java.util.List;

/** Both sides of collecting votes (linear-hybster.md §5 rules 4 to 6, and §6). */
final class CommitCollector implements Votes {
  private final OrderingEngine engine;
  private final SlotWindow<CollectedSlot> window;

  /** C(inst, v). */
  private final CollectorOrder order;

  /** Whoever delivered last instead of the first collector, or -1. */
  private int preferred = -1;

  /** Bit i: the first collector missed the i-th last slot. */
  private long missed;

  CommitCollector(OrderingEngine engine) {
    this.engine = engine;
    this.window = new SlotWindow<>(engine.width(), slot -> new CollectedSlot());
    this.order = new CollectorOrder(engine.settings(), engine.instance());
  }

  private CollectedSlot of(OrderingSlot s) {
    return window.get(s.slot());
  }

  private int first() {
    return engine.proposer();
  }

  /** Another view has other collectors. */
  @Override
  public void entered() {
    window.forEach(CollectedSlot::beginView);
    preferred = -1;
    missed = 0;
  }

  private int[] collectors() {
    return order.of(engine.installed(), engine.proposer());
  }

  private boolean isCollector(int replica) {
    return order.has(engine.installed(), engine.proposer(), replica);
  }

  // ---- the voter's side

  /**
   * Sends this replica's share to the first collector, and to the one that had to stand in for it.
   */
  @Override
  public void vote(OrderingSlot s, Port port) {
    Header own = s.own();
    if (own != null) {
      Share share = new Share(engine.settings().self(), own.share());
      of(s).shares.add(engine.statements().of(s, own.view(), own.value()), share);
    }
    send(s, first(), port);
    if (preferred >= 0) {
      send(s, preferred, port);
    }
    voted(s, port);
  }

  /** T_col runs. */
  @Override
  public void voted(OrderingSlot s, Port port) {
    if (!s.committed()) {
      CollectedSlot c = of(s);
      c.voted = true;
      c.collecting |= first() == engine.settings().self();
      c.waitingSince = port.now();
      port.startTimer(TimerKind.COLLECTOR, s.slot(), engine.settings().tuning().collectorDelay());
      count(s, port);
    }
  }

  private void send(OrderingSlot s, int to, Port port) {
    Header own = s.own();
    if (own != null && to != engine.settings().self()) {
      Share share = new Share(engine.settings().self(), own.share());
      port.send(to, new CommitSig(engine.instance(), own.view(), s.slot(), own.value(), share));
    }
  }

  /** Rule 6: the stored share, never a new one, to the next collectors. */
  @Override
  public void onTimer(long slot, Port port) {
    OrderingSlot s = engine.slot(slot);
    CollectedSlot c = window.peek(slot);
    if (s == null || c == null || s.committed() || s.own() == null || !c.voted) {
      return;
    }
    FallBack fallBack = c.fallBack;
    if (fallBack == null) {
      fallBack = new FallBack(first(), this::collectors);
      c.fallBack = fallBack;
    }
    for (int to : fallBack.next()) {
      c.collecting |= to == engine.settings().self();
      send(s, to, port);
    }
    engine.ask(slot, port);
    count(s, port);
    port.startTimer(
        TimerKind.COLLECTOR, slot, fallBack.delay(engine.settings().tuning().collectorDelay()));
    if (engine.entered()
        && port.now() - c.waitingSince > engine.settings().tuning().viewTimeout()) {
      engine.suspects(Suspicion.PROGRESS, port);
    }
  }

  /**
   * A peer that collects and lacks a slot gets this replica's stored vote again, if the vote should
   * have led to a commit by now.
   */
  @Override
  public void answerStatus(int to, Progress progress, Port port) {
    if (progress.view() != engine.installed() || !isCollector(to)) {
      return;
    }
    long from = Math.max(progress.frontier(), window.low()) + 1;
    int sent = 0;
    for (long n = from; n <= engine.highest() && sent < OrderingEngine.MOST_ANSWERS; n++) {
      OrderingSlot s = engine.slot(n);
      if (s != null && s.own() != null && !s.committed() && late(n, port)) {
        send(s, to, port);
        sent++;
      }
    }
  }

  private boolean late(long slot, Port port) {
    CollectedSlot c = window.peek(slot);
    long since = c == null ? 0 : c.waitingSince;
    return port.now() - since >= engine.settings().tuning().collectorDelay();
  }

  // ---- the collector's side

  @Override
  public void onMessage(int from, OrderingMessage m, Port port) {
    if (m instanceof CommitSig c) {
      onCommitSig(from, c, port);
    } else {
      port.drop(DropReason.UNEXPECTED, from, m.kind());
    }
  }

  @Override
  public void proposed(OrderingSlot s) {
    Header header = s.header();
    if (header != null) {
      Share share = new Share(engine.leader(header.view()), header.share());
      of(s).shares.add(engine.statements().of(s, header.view(), header.value()), share);
    }
  }

  @Override
  public List<Integer> voters(OrderingSlot s) {
    Header header = s.header();
    CollectedSlot c = window.peek(s.slot());
    return header == null || c == null
        ? List.of()
        : c.shares.signers(engine.statements().of(s, header.view(), header.value()));
  }

  @Override
  public void advance(long low) {
    window.advance(low);
  }

  /** Rule 4. */
  private void onCommitSig(int from, CommitSig m, Port port) {
    if (m.share().signer() != from) {
      port.drop(DropReason.WRONG_SENDER, from, m.kind());
      return;
    }
    if (m.view() != engine.installed()) {
      if (m.view() < engine.view()) {
        engine.lead(from, port);
      }
      port.drop(DropReason.WRONG_VIEW, from, m.kind());
      return;
    }
    OrderingSlot s = engine.touch(m.slot());
    CollectedSlot c = of(s);
    boolean first = c.shares.add(engine.statements().of(s, m.view(), m.value()), m.share());
    CommitCertificate commit = s.commit();
    if (commit != null) {
      // A vote that comes late has the commit on its way already; one that is repeated missed it.
      if (!first || !c.announced) {
        port.send(from, commit);
      }
    } else if (first) {
      c.collecting = true;
      count(s, port);
    } else {
      port.drop(DropReason.DUPLICATE, from, m.kind());
    }
  }

  /**
   * §6: no share is checked before an aggregate failed; work is per slot, so that none blocks
   * another.
   */
  @Override
  public void count(OrderingSlot s, Port port) {
    Header header = s.header();
    CollectedSlot c = window.peek(s.slot());
    if (header == null || c == null || !c.collecting || s.committed() || c.combining) {
      return;
    }
    Digest statement = engine.statements().of(s, header.view(), header.value());
    if (c.shares.count(statement) >= engine.settings().rule().quorum()) {
      c.combining = true;
      List<Share> shares = c.shares.on(statement, engine.blacklist(), s.slot());
      byte[] signed = engine.statements().shared(s, header.view(), header.value());
      engine
          .jobs()
          .compute(
              new Work.Combine(KeyPurpose.ORDERING, signed, shares),
              port,
              (result, turn) -> {
                if (engine.slot(s.slot()) == s && header.view() == engine.installed()) {
                  combined(s, result, turn);
                }
              });
    }
  }

  /** The aggregate is made, or bad shares were found. */
  private void combined(OrderingSlot s, Result result, Port port) {
    CollectedSlot c = of(s);
    c.combining = false;
    Header header = s.header();
    CommitCertificate known = s.commit();
    if (header == null || known != null) {
      if (known != null && first() == engine.settings().self() && !c.announced) {
        // Another collector was faster by a little: all see that this one does its part.
        c.announced = true;
        port.broadcast(known);
      }
      return;
    }
    switch (result) {
      case Result.Combined made -> {
        Commit commit =
            new Commit(
                engine.instance(), header.view(), s.slot(), header.value(), made.certificate());
        c.announced = true;
        port.broadcast(commit);
        engine.committed(s, commit, port);
      }
      case Result.BadShares bad -> {
        for (int signer : bad.signers()) {
          c.shares.reject(signer);
          engine.blacklist().strike(signer, s.slot());
          port.drop(DropReason.BAD_SIGNATURE, signer, "CommitSig");
        }
        count(s, port);
      }
      default -> throw new IllegalStateException("not an answer to a combination");
    }
  }

  @Override
  public void repeated(OrderingSlot s, CommitCertificate m, int from, Port port) {
    if (from != first()) {
      return;
    }
    if (s.committed()) {
      if (m.view() == engine.installed()) {
        delivers(of(s), port);
      }
    } else if (m.value().equals(s.checking())) {
      // On its heels: another's copy is being checked already.
      of(s).firstDelivers = true;
    }
  }

  @Override
  public void delivered(OrderingSlot s, int from, Port port) {
    CollectedSlot c = of(s);
    boolean first = from == first() || c.firstDelivers;
    if (first) {
      preferred = -1;
    } else if (isCollector(from)) {
      preferred = from;
    }
    if (!c.voted) {
      // Without this replica's vote the first collector owed it nothing: a peer has helped out.
      return;
    }
    // Whoever stood in is asked at once from now on, so that its speed excuses nobody: the first
    // collector has missed the slot unless it delivers as well.
    c.missedAt = first ? 0 : port.now();
    missed = missed << 1 | (first ? 0 : 1);
    if (Long.bitCount(missed) > 32) {
      missed = 0;
      engine.suspects(Suspicion.COLLECTOR, port);
    }
  }

  /**
   * The first collector has the commit as well, only later than another: votes that came late, for
   * example while lists waited at the gates, are not its fault (dqbft.md M13).
   */
  private void delivers(CollectedSlot c, Port port) {
    if (c.missedAt != 0 && port.now() - c.missedAt <= engine.settings().tuning().collectorDelay()) {
      missed &= missed - 1;
    }
    c.missedAt = 0;
  }
}
