package io.destiny.protocols.pbft;

import io.destiny.core.engine.ConsensusEngine.Progress;
import io.destiny.core.engine.Port;
import io.destiny.core.kit.SlotWindow;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.protocols.threephase.ClaimSets;
import io.destiny.protocols.threephase.Evidence;
import io.destiny.protocols.threephase.SlotClaim;
import io.destiny.protocols.threephase.ThreePhaseEngine;
import io.destiny.protocols.threephase.ThreePhaseMessage;
import io.destiny.protocols.threephase.ThreePhaseSlot;
import io.destiny.protocols.threephase.ViewChange;
import io.destiny.protocols.threephase.Votes;
import io.destiny.protocols.threephase.Voting;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** PREPARE and COMMIT from all to all (pbft.md §3 rules 2 to 6). */
final class AllToAll implements Voting {
  /** The pSet entry. */
  private static final int PREPARED = 2;

  private static final int COMMITTED = 3;

  /** The votes for one sequence number. */
  private static final class Ballot {
    final Votes prepares = new Votes();
    final Votes commits = new Votes();

    /** Decisions claimed by others; they have no view. */
    final Votes claims = new Votes();

    /** Prepared here, in the view entered last. */
    boolean prepared;
  }

  private final ThreePhaseEngine engine;
  private final SlotWindow<Ballot> window;

  AllToAll(ThreePhaseEngine engine) {
    this.engine = engine;
    this.window = new SlotWindow<>(engine.width(), slot -> new Ballot());
  }

  private int self() {
    return engine.settings().self();
  }

  private boolean leads() {
    return engine.proposer() == self();
  }

  // ---- votes

  @Override
  public void onMessage(int from, ThreePhaseMessage message, Port port) {
    Ballot b = window.get(message.slot());
    switch (message) {
      case PbftMessage.Prepare m -> {
        if (from == engine.leader(m.view())) {
          port.drop(DropReason.WRONG_SENDER, from, m.kind());
        } else if (current(from, m, port)) {
          voted(from, m, b.prepares.add(from, m.view(), m.value()), port);
        }
      }
      case PbftMessage.Commit m -> {
        if (current(from, m, port)) {
          voted(from, m, b.commits.add(from, m.view(), m.value()), port);
        }
      }
      // "Committed here" (rule 6).
      case PbftMessage.Decided m -> voted(from, m, b.claims.add(from, 0, m.value()), port);
      default -> port.drop(DropReason.UNEXPECTED, from, message.kind());
    }
  }

  private boolean current(int from, PbftMessage m, Port port) {
    if (m.view() >= engine.installed()) {
      return true;
    }
    engine.lead(from, port);
    port.drop(DropReason.WRONG_VIEW, from, m.kind());
    return false;
  }

  private void voted(int from, PbftMessage m, boolean first, Port port) {
    if (!first) {
      port.drop(DropReason.DUPLICATE, from, m.kind());
      return;
    }
    ThreePhaseSlot s = engine.slot(m.slot());
    engine.advance(s, port);
    engine.heard(s, port);
  }

  @Override
  public void cast(ThreePhaseSlot s, Port port) {
    Digest value = s.proposal();
    if (value != null && !leads()) {
      long view = engine.installed();
      window.get(s.number()).prepares.add(self(), view, value);
      port.broadcast(new PbftMessage.Prepare(engine.instance(), view, s.number(), value));
    }
  }

  @Override
  public void count(ThreePhaseSlot s, Port port) {
    Ballot b = window.get(s.number());
    Digest value = s.proposal();
    if (value != null && s.accepted() && !b.prepared && engine.votes()) {
      prepare(s.number(), b, value, port);
    }
    if (s.committedDigest() == null) {
      commit(s, b, port);
    }
  }

  /** Prepared: the primary's proposal and Q-1 backups, this one included (rule 3). */
  private void prepare(long slot, Ballot b, Digest value, Port port) {
    long view = engine.installed();
    if (b.prepares.count(view, value) < engine.settings().rule().quorum() - 1) {
      return;
    }
    b.prepared = true;
    SlotClaim claim = new SlotClaim(slot, value, view);
    engine.history().prepare(claim);
    port.persist(
        List.of(
            new LogRecord(
                engine.instance(), slot, PREPARED, 0, 40, w -> w.digest(value).u32(view))));
    b.commits.add(self(), view, value);
    port.broadcast(new PbftMessage.Commit(engine.instance(), view, slot, value));
  }

  /**
   * Committed: Q COMMITs of one view, so that f+1 correct replicas have prepared it, or f+1 claims,
   * one of them true.
   */
  private void commit(ThreePhaseSlot s, Ballot b, Port port) {
    Digest agreed = b.commits.agreed(engine.settings().rule().quorum());
    Digest value = agreed == null ? b.claims.agreed(engine.settings().rule().weak()) : agreed;
    if (value != null) {
      port.persistLazily(
          List.of(
              new LogRecord(
                  engine.instance(), s.number(), COMMITTED, 0, 32, w -> w.digest(value))));
      engine.committed(s, value, port);
    }
  }

  @Override
  public void committed(ThreePhaseSlot slot, Port port) {}

  /** Votes for the new view that came early stay. */
  @Override
  public void entered(List<ViewChange> set, Port port) {
    window.forEach(
        b -> {
          b.prepares.forgetBelow(engine.installed());
          b.commits.forgetBelow(engine.installed());
          b.prepared = false;
        });
  }

  @Override
  public void advance(long low) {
    window.advance(low);
  }

  @Override
  public void onTimer(TimerKind kind, long slot, Port port) {}

  @Override
  public Evidence evidence(long low, long high) {
    return ClaimSets.of(engine.history(), low, high);
  }

  // ---- repair

  /** Commits are MACed, hence not transferable: it is a claim. */
  @Override
  public int show(ThreePhaseSlot s, int to, Port port) {
    Digest value = s.committedDigest();
    if (value == null) {
      return 0;
    }
    PbftMessage message = new PbftMessage.Decided(engine.instance(), s.number(), value);
    port.send(to, message);
    return message.wireSize();
  }

  @Override
  public int resend(ThreePhaseSlot s, int to, Progress progress, Port port) {
    Digest value = s.proposal();
    long view = engine.installed();
    if (value != null && !leads()) {
      port.send(to, new PbftMessage.Prepare(engine.instance(), view, s.number(), value));
    }
    if (value != null && window.get(s.number()).prepared) {
      port.send(to, new PbftMessage.Commit(engine.instance(), view, s.number(), value));
    }
    return 2;
  }

  @Override
  public List<Integer> voters(ThreePhaseSlot s, Digest value) {
    return window.get(s.number()).commits.senders(value);
  }

  @Override
  public List<Integer> holders(ThreePhaseSlot s, Digest value) {
    Ballot b = window.get(s.number());
    List<Integer> all = new ArrayList<>(b.prepares.senders(value));
    all.addAll(b.claims.senders(value));
    all.addAll(b.commits.senders(value));
    return all;
  }

  // ---- restart

  @Override
  public @Nullable Digest restore(LogRecord record) throws MalformedException {
    Reader r = new Reader(record.body());
    Digest value = r.digest();
    if (record.kind() == COMMITTED) {
      return value;
    }
    SlotClaim claim = new SlotClaim(record.slot(), value, r.u32());
    engine.history().prepare(claim);
    window.get(record.slot()).prepared = claim.view() == engine.installed();
    return null;
  }

  @Override
  public void resume(ThreePhaseSlot s, Port port) {
    Digest value = s.proposal();
    Ballot b = window.get(s.number());
    if (value != null && !leads()) {
      b.prepares.add(self(), engine.installed(), value);
    }
    if (value != null && b.prepared) {
      b.commits.add(self(), engine.installed(), value);
    }
  }
}
