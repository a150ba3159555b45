package io.destiny.protocols.hybster;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.ConsensusEngine.Progress;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.kit.SlotWindow;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.protocols.hybrid.ordering.CommitCertificate;
import io.destiny.protocols.hybrid.ordering.OrderingEngine;
import io.destiny.protocols.hybrid.ordering.OrderingMessage;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Header;
import io.destiny.protocols.hybrid.ordering.OrderingSlot;
import io.destiny.protocols.hybrid.ordering.Votes;
import io.destiny.protocols.hybster.HybsterMessage.Commit;
import io.destiny.protocols.hybster.HybsterMessage.CommitSig;
import io.destiny.protocols.hybster.HybsterMessage.Vote;
import java.util.ArrayList;
import java.util.List;

/**
 * Votes from all to all (hybster.md §3 rules 2 to 4). No vote is checked before Q are there: then
 * as many as are needed in one job, and each by itself only if that fails.
 */
final class AllToAll implements Votes {
  /** Most doublings of T_col. */
  private static final int MOST_DOUBLINGS = 4;

  private final OrderingEngine engine;
  private final SlotWindow<Ballot> window;

  AllToAll(OrderingEngine engine) {
    this.engine = engine;
    int n = engine.settings().n();
    this.window = new SlotWindow<>(engine.width(), slot -> new Ballot(n));
  }

  // ---- this replica's votes

  @Override
  public void proposed(OrderingSlot s) {
    Header header = s.header();
    if (header != null && !s.committed()) {
      Vote leaders = new Vote(engine.leader(header.view()), header.attestation());
      window.get(s.slot()).addValid(leaders, header.view(), header.value());
    }
  }

  @Override
  public void vote(OrderingSlot s, Port port) {
    Header own = s.own();
    if (own != null && !s.committed()) {
      CommitSig vote = sig(own);
      window.get(s.slot()).addValid(vote.vote(), own.view(), own.value());
      if (engine.proposer() != engine.settings().self()) {
        port.broadcast(vote);
      }
    }
    voted(s, port);
  }

  private CommitSig sig(Header own) {
    Vote vote = new Vote(engine.settings().self(), own.attestation());
    return new CommitSig(engine.instance(), own.view(), own.slot(), own.value(), vote);
  }

  /** T_col runs. */
  @Override
  public void voted(OrderingSlot s, Port port) {
    if (!s.committed()) {
      Ballot b = window.get(s.slot());
      b.voted = true;
      b.waitingSince = port.now();
      b.expiries = 0;
      port.startTimer(TimerKind.COLLECTOR, s.slot(), engine.settings().tuning().collectorDelay());
      count(s, port);
    }
  }

  /** The slot should be committed by now: peers may know; in the end its leader is to blame. */
  @Override
  public void onTimer(long slot, Port port) {
    OrderingSlot s = engine.slot(slot);
    Ballot b = window.peek(slot);
    if (s == null || b == null || s.committed() || s.own() == null || !b.voted) {
      return;
    }
    engine.ask(slot, port);
    b.expiries = Math.min(b.expiries + 1, MOST_DOUBLINGS);
    long delay = engine.settings().tuning().collectorDelay() << b.expiries;
    long waited = port.now() - b.waitingSince;
    long left = engine.settings().tuning().viewTimeout() - waited;
    port.startTimer(TimerKind.COLLECTOR, slot, left < 0 ? delay : Math.min(delay, left + 1));
    if (engine.entered() && left < 0) {
      engine.suspects(Suspicion.PROGRESS, port);
    }
  }

  /** The stored vote, never a new one, for what the peer lacks and should have by now. */
  @Override
  public void answerStatus(int to, Progress progress, Port port) {
    if (progress.view() != engine.installed() || engine.proposer() == engine.settings().self()) {
      return;
    }
    int sent = 0;
    long from = Math.max(progress.frontier(), window.low()) + 1;
    for (long n = from; n <= engine.highest() && sent < OrderingEngine.MOST_ANSWERS; n++) {
      OrderingSlot s = engine.slot(n);
      Header own = s == null ? null : s.own();
      boolean lacks = n > progress.highest() || progress.lacks(n);
      if (s != null && own != null && !s.committed() && lacks && late(n, port)) {
        port.send(to, sig(own));
        sent++;
      }
    }
  }

  private boolean late(long slot, Port port) {
    Ballot b = window.peek(slot);
    return b != null
        && b.voted
        && port.now() - b.waitingSince >= engine.settings().tuning().collectorDelay();
  }

  // ---- votes of others

  @Override
  public void onMessage(int from, OrderingMessage m, Port port) {
    if (m instanceof CommitSig c) {
      onCommitSig(from, c, port);
    } else {
      port.drop(DropReason.UNEXPECTED, from, m.kind());
    }
  }

  /** Rule 3: of the view entered last, or kept for one that others have entered first. */
  private void onCommitSig(int from, CommitSig m, Port port) {
    if (m.vote().replica() != from) {
      port.drop(DropReason.WRONG_SENDER, from, m.kind());
      return;
    }
    if (m.view() >= Counters.VIEW_LIMIT || m.slot() >= Counters.SLOT_LIMIT) {
      port.drop(DropReason.INVALID, from, m.kind());
      return;
    }
    if (m.view() < engine.installed()) {
      engine.lead(from, port);
      port.drop(DropReason.WRONG_VIEW, from, m.kind());
      return;
    }
    OrderingSlot s = engine.touch(m.slot());
    Ballot b = window.get(m.slot());
    if (m.view() > engine.installed()) {
      b.keepEarly(m.vote(), m.view(), m.value());
    } else if (s.committed()) {
      // The quorum was faster: every commit leaves some behind.
      return;
    } else if (b.add(m.vote(), m.view(), m.value())) {
      if (s.header() == null) {
        // Rule 4: votes without the proposal; it is asked for unless it comes in time.
        engine.fetch(m.slot(), port);
      }
      count(s, b, m.value(), port);
    } else {
      port.drop(DropReason.DUPLICATE, from, m.kind());
    }
  }

  @Override
  public void count(OrderingSlot s, Port port) {
    Header header = s.header();
    Ballot b = window.peek(s.slot());
    if (header != null && b != null) {
      count(s, b, header.value(), port);
    }
  }

  private void count(OrderingSlot s, Ballot b, Digest value, Port port) {
    int quorum = engine.settings().rule().quorum();
    if (s.committed() || b.checks > 0 || b.count(value) < quorum) {
      return;
    }
    List<Vote> valid = b.valid(value);
    if (valid.size() >= quorum) {
      b.clear();
      List<Vote> votes = List.copyOf(valid.subList(0, quorum));
      Commit commit = new Commit(engine.instance(), engine.installed(), s.slot(), value, votes);
      engine.committed(s, commit, port);
      return;
    }
    List<Ballot.Cast> unchecked = b.unchecked(value, engine.blacklist(), s.slot());
    check(s, b, value, unchecked.subList(0, quorum - valid.size()), port);
  }

  private void check(OrderingSlot s, Ballot b, Digest value, List<Ballot.Cast> casts, Port port) {
    long view = engine.installed();
    TrustedCall.Independent call = engine.statements().call(s, view, value);
    List<Work> works = new ArrayList<>(casts.size());
    for (Ballot.Cast cast : casts) {
      works.add(new Work.VerifyAttestation(cast.vote.replica(), call, cast.vote.attestation()));
    }
    b.checks = 1;
    List<Ballot.Cast> checked = List.copyOf(casts);
    engine
        .jobs()
        .compute(
            works.size() == 1 ? works.getFirst() : new Work.All(works),
            port,
            (result, turn) -> {
              boolean current = engine.slot(s.slot()) == s && view == engine.installed();
              if (current && !s.committed()) {
                checked(s, b, value, checked, ((Result.Verdict) result).valid(), turn);
              }
            });
  }

  private void checked(
      OrderingSlot s, Ballot b, Digest value, List<Ballot.Cast> casts, boolean valid, Port port) {
    b.checks--;
    if (valid) {
      casts.forEach(b::accept);
    } else if (casts.size() == 1) {
      int replica = casts.getFirst().vote.replica();
      b.reject(casts.getFirst());
      engine.blacklist().strike(replica, s.slot());
      port.drop(DropReason.BAD_SIGNATURE, replica, "CommitSig");
    } else {
      // One of them is bad: each by itself.
      int pending = b.checks;
      for (Ballot.Cast cast : casts) {
        check(s, b, value, List.of(cast), port);
      }
      b.checks = pending + casts.size();
      return;
    }
    count(s, b, value, port);
  }

  // ---- views and windows

  @Override
  public void delivered(OrderingSlot s, int from, Port port) {
    // Nobody owed it.
  }

  @Override
  public void repeated(OrderingSlot s, CommitCertificate commit, int from, Port port) {
    // Nobody owed it.
  }

  @Override
  public void entered() {
    window.forEach(b -> b.enter(engine.installed()));
  }

  @Override
  public void advance(long low) {
    window.advance(low);
  }

  @Override
  public List<Integer> voters(OrderingSlot s) {
    Header header = s.header();
    Ballot b = window.peek(s.slot());
    return header == null || b == null ? List.of() : b.voters(header.value());
  }
}
