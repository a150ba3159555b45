package io.destiny.protocols.threephase;

import io.destiny.core.engine.ConsensusEngine.Progress;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Value;
import io.destiny.core.kit.FetchBudget;
import io.destiny.core.kit.Fetching;
import io.destiny.core.machine.DropReason;
import io.destiny.core.model.Digest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holes: asking for what is missing, and answering those who ask (pbft.md §4 rule 9, §3 rule 6,
 * sbft.md §4 rule 11). A decision is fetched from as many peers as must agree on one where no proof
 * shows it; its payload by its digest from one at a time.
 */
final class Repair implements Fetching.Holes {
  /** Most messages in answer to one STATUS. */
  private static final int MOST_ANSWERS = 64;

  /** Most payloads asked for in one round. */
  private static final int MOST_ASKED = 64;

  private final ThreePhaseEngine engine;
  private final FetchBudget budget;

  Repair(ThreePhaseEngine engine) {
    this.engine = engine;
    this.budget = new FetchBudget(engine.settings);
  }

  // ---- asking

  /** Neither a proposal nor a commitment is held. */
  private boolean unknown(long slot) {
    ThreePhaseSlot s = engine.window.peek(slot);
    return s == null || (s.committed == null && s.proposal == null && s.candidate == null);
  }

  /** The digest of a payload that is missing. */
  private static @Nullable Digest payload(ThreePhaseSlot s) {
    if (s.committed != null) {
      return s.decision == null ? s.committed : null;
    }
    return s.proposal != null && s.value == null && !s.checking ? s.proposal : null;
  }

  private boolean missing(long slot) {
    ThreePhaseSlot s = engine.window.peek(slot);
    return unknown(slot) || (s != null && payload(s) != null);
  }

  @Override
  public boolean any(long last) {
    for (long n = engine.frontier() + 1; n <= last; n++) {
      if (missing(n)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public long ask(long last, Port port) {
    long first = engine.frontier() + 1;
    long asked = 0;
    long mask = 0;
    int payloads = 0;
    for (long n = first; n <= Math.min(last, first + 63); n++) {
      ThreePhaseSlot s = engine.window.peek(n);
      Digest payload = s == null ? null : payload(s);
      if (unknown(n) || (s != null && s.committed == null && s.header == null && !s.reproposed)) {
        mask |= 1L << (n - first);
        asked = n;
      }
      if (s != null && payload != null && payloads++ < MOST_ASKED) {
        askFor(s, payload, port);
        asked = n;
      }
    }
    if (mask != 0) {
      ThreePhaseMessage.Fetch fetch =
          new ThreePhaseMessage.Fetch(engine.instance, engine.installed(), first, mask);
      // One more than must agree on a decision, and the primary.
      for (int peer : some(engine.settings.rule().weak() + 1, port)) {
        port.send(peer, fetch);
      }
      if (engine.proposer() != engine.settings.self()) {
        port.send(engine.proposer(), fetch);
      }
    }
    return asked;
  }

  private List<Integer> some(int count, Port port) {
    return engine.fetching.some(count, engine.proposer(), port);
  }

  /** One of those who have voted for it or claim it, or, every other time, anybody. */
  private void askFor(ThreePhaseSlot s, Digest digest, Port port) {
    List<Integer> holders = new ArrayList<>(engine.voting.holders(s, digest));
    holders.removeIf(peer -> peer == engine.settings.self());
    if (holders.isEmpty() || port.random().nextBoolean()) {
      // The few whose votes are here may all be down.
      holders.addAll(some(engine.settings.n(), port));
      if (engine.proposer() != engine.settings.self()) {
        holders.add(engine.proposer());
      }
    }
    if (!holders.isEmpty()) {
      int to = holders.get(port.random().nextInt(holders.size()));
      port.send(to, new ThreePhaseMessage.Ask(engine.instance, 0, s.slot, digest));
    }
  }

  // ---- answering

  void onFetch(int from, ThreePhaseMessage.Fetch m, Port port) {
    if (m.view() < engine.installed()) {
      engine.views.lead(from, port);
    }
    for (long rest = m.mask(); rest != 0; rest &= rest - 1) {
      ThreePhaseSlot s = engine.window.peek(m.slot() + Long.numberOfTrailingZeros(rest));
      if (s != null && !budget.affords(from, port)) {
        port.drop(DropReason.FULL, from, m.kind());
        return;
      }
      if (s != null) {
        budget.spend(from, show(s, from, port));
      }
    }
  }

  /** That it is committed, and its proposal's header; how many bytes that was. */
  int show(ThreePhaseSlot s, int to, Port port) {
    int bytes = engine.voting.show(s, to, port);
    if (s.header != null) {
      bytes += send(to, new ThreePhaseMessage.Forward(engine.instance, s.header), port);
    }
    return bytes;
  }

  private static int send(int to, ThreePhaseMessage message, Port port) {
    port.send(to, message);
    return message.wireSize();
  }

  /** Ask for a payload. */
  void onAsk(int from, ThreePhaseMessage.Ask m, Port port) {
    Value value = engine.payload(m.slot(), m.wanted());
    if (value == null || m.wanted().equals(engine.noop.digest())) {
      return;
    }
    if (!budget.affords(from, port)) {
      port.drop(DropReason.FULL, from, m.kind());
      return;
    }
    ThreePhaseMessage.Payload answer =
        new ThreePhaseMessage.Payload(engine.instance, m.slot(), value);
    budget.spend(from, answer.wireSize());
    port.send(from, answer);
  }

  /** STATUS from a peer: what it lacks of what is held here, and the own votes. */
  void answerStatus(int to, Progress progress, Port port) {
    int sent = 0;
    // Votes once cast stay true when their view is left, here or there; those that lost them may
    // have no other way to decide.
    boolean together =
        progress.view() == engine.installed()
            || (!progress.entered() && progress.view() > engine.installed());
    long from = Math.max(progress.frontier(), engine.window.low()) + 1;
    for (long n = from; n <= engine.highest() && sent < MOST_ANSWERS; n++) {
      ThreePhaseSlot s = engine.window.peek(n);
      if (s == null || !(n > progress.highest() || progress.lacks(n))) {
        continue;
      }
      if (engine.voting.show(s, to, port) > 0) {
        sent++;
      }
      if (together && s.proposal != null) {
        if (progress.entered() && s.header != null) {
          port.send(to, new ThreePhaseMessage.Forward(engine.instance, s.header));
        }
        sent += s.voted ? 1 + engine.voting.resend(s, to, progress, port) : 0;
      }
    }
    if (progress.highest() > engine.highest()) {
      engine.fetching.want(progress.highest(), port);
    }
  }
}
