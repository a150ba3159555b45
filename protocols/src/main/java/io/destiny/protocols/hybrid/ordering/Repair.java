package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.engine.ConsensusEngine.Progress;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Value;
import io.destiny.core.kit.FetchBudget;
import io.destiny.core.kit.Fetching;
import io.destiny.core.machine.DropReason;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Fetch;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Forward;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Header;
import org.jspecify.annotations.Nullable;

/**
 * Holes: asking for what is missing, and answering those who ask (hybster.md rule 2,
 * 00-system-model §8).
 */
final class Repair implements Fetching.Holes {
  private final OrderingEngine engine;
  private final FetchBudget budget;

  Repair(OrderingEngine engine) {
    this.engine = engine;
    this.budget = new FetchBudget(engine.settings);
  }

  // ---- asking

  private boolean missing(long slot) {
    OrderingSlot s = engine.window.peek(slot);
    if (s == null) {
      return true;
    }
    if (s.decided) {
      // Committed slots need no vote, but the votes above need their proposals.
      return s.header == null && slot > engine.held.end() && slot < engine.highest();
    }
    return s.value == null && s.candidate == null;
  }

  /**
   * The first slot that may be missing. A decided slot without its proposal is a hole too: a
   * replica that learned a commit alone could never vote above it, nor show why its counter stands
   * where it does.
   */
  private long first() {
    return Math.min(engine.frontier(), engine.held.end()) + 1;
  }

  @Override
  public boolean any(long last) {
    return mask(first(), last) != 0;
  }

  /** Bit i: slot first+i is missing here. */
  private long mask(long first, long last) {
    long mask = 0;
    for (long n = first; n <= Math.min(last, first + 63); n++) {
      if (missing(n)) {
        mask |= 1L << (n - first);
      }
    }
    return mask;
  }

  /** The last slot of a mask. */
  private static long last(long first, long mask) {
    return first + 63 - Long.numberOfLeadingZeros(mask);
  }

  @Override
  public long ask(long last, Port port) {
    long first = first();
    long mask = mask(first, last);
    if (mask == 0) {
      return 0;
    }
    Fetch fetch = new Fetch(engine.instance, engine.installed(), first, mask);
    if (engine.proposer() != engine.settings.self()) {
      port.send(engine.proposer(), fetch);
    }
    sendToTwo(fetch, port);
    return last(first, mask);
  }

  /** Asks two random peers for one slot. */
  void askFor(long slot, Port port) {
    sendToTwo(new Fetch(engine.instance, engine.installed(), slot, 1), port);
  }

  private void sendToTwo(Fetch fetch, Port port) {
    for (int peer : engine.fetching.some(2, engine.proposer(), port)) {
      port.send(peer, fetch);
    }
  }

  // ---- answering

  void onFetch(int from, Fetch m, Port port) {
    for (long rest = m.mask(); rest != 0; rest &= rest - 1) {
      long slot = m.slot() + Long.numberOfTrailingZeros(rest);
      OrderingSlot s = engine.window.peek(slot);
      if (s == null) {
        continue;
      }
      if (!budget.affords(from, port)) {
        port.drop(DropReason.FULL, from, m.kind());
        return;
      }
      answer(from, s, port);
    }
  }

  private void answer(int to, OrderingSlot s, Port port) {
    CommitCertificate commit = s.commit;
    if (commit != null) {
      port.send(to, commit);
      budget.spend(to, commit.wireSize());
    }
    Header header = s.header;
    Value value = s.valid ? s.value : null;
    if (header != null && value != null && !value.digest().equals(header.value())) {
      // A later view committed another value than this one's proposal.
      forward(to, header, null, port);
      header = null;
    }
    if (header == null && commit != null && value != null) {
      // The commit vouches for the payload; there is no proposal certificate to show.
      header = Header.uncertified(commit.view(), s.slot, commit.value(), engine.form);
    }
    if (header != null) {
      forward(to, header, value, port);
    }
  }

  private void forward(int to, Header header, @Nullable Value value, Port port) {
    Forward forward = new Forward(engine.instance, header, value);
    port.send(to, forward);
    budget.spend(to, forward.wireSize());
  }

  /**
   * STATUS from a peer: send the commits that it lacks; ask for what it has and this replica lacks.
   */
  void answerStatus(int to, Progress progress, Port port) {
    int sent = 0;
    long from = Math.max(progress.frontier(), engine.window.low()) + 1;
    for (long n = from; n <= engine.highest() && sent < OrderingEngine.MOST_ANSWERS; n++) {
      OrderingSlot s = engine.window.peek(n);
      if (s != null && s.commit != null && (n > progress.highest() || progress.lacks(n))) {
        port.send(to, s.commit);
        sent++;
      }
    }
    if (progress.highest() > engine.highest()) {
      engine.fetching.name(progress.highest());
      long first = engine.frontier() + 1;
      long mask = mask(first, engine.fetching.last());
      if (mask != 0) {
        engine.fetching.asked(last(first, mask));
        port.send(to, new Fetch(engine.instance, engine.installed(), first, mask));
        engine.fetching.look(port);
      }
    }
  }

  /** The commits that a complainer lacks (hybster.md §5 rule 8). */
  void sendCommits(int to, long committed, Port port) {
    int sent = 0;
    long from = Math.max(committed, engine.window.low()) + 1;
    for (long n = from; n <= engine.highest() && sent < OrderingEngine.MOST_ANSWERS; n++) {
      OrderingSlot s = engine.window.peek(n);
      if (s != null && s.commit != null) {
        port.send(to, s.commit);
        sent++;
      }
    }
  }
}
