package io.destiny.protocols.threephase;

import io.destiny.core.engine.ConsensusEngine.Progress;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holes: asking for what is missing, and answering those who ask (pbft.md §4 rule 9, §3 rule 6,
 * sbft.md §4 rule 11). A decision is fetched from as many peers as must agree on one where no proof
 * shows it; its payload by its digest from one at a time.
 */
final class Repair {
  /** Most messages in answer to one STATUS. */
  private static final int MOST_ANSWERS = 64;

  /** Most payloads asked for in one round. */
  private static final int MOST_ASKED = 64;

  /** Bytes that one peer may ask for within T_fetch. */
  private static final long BYTES_A_PEER = 32 << 20;

  private final ThreePhaseEngine engine;

  /** Empty until somebody asks. */
  private long[] spent = {};

  private long budgetSince;
  private boolean running;

  /** The composer, or a vote, names slots up to here. */
  private long wanted;

  /** The last slot asked for; when all up to it are decided the next are asked for at once. */
  private long asked;

  Repair(ThreePhaseEngine engine) {
    this.engine = engine;
  }

  // ---- asking

  private long lastWanted() {
    return Math.min(Math.max(engine.highest(), wanted), engine.window.high());
  }

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

  /** Starts T_fetch if there is a hole; what is merely late arrives before it ends. */
  void look(Port port) {
    if (running) {
      return;
    }
    for (long n = engine.frontier() + 1; n <= lastWanted(); n++) {
      if (missing(n)) {
        running = true;
        port.startTimer(TimerKind.FETCH, 0, engine.settings.tuning().fetchDelay());
        return;
      }
    }
  }

  /** The composer needs this slot. */
  void want(long slot, Port port) {
    wanted = Math.max(wanted, slot);
    look(port);
  }

  void onTimer(Port port) {
    running = false;
    askHoles(port);
    // Whoever still wants a slot says so again; a peer's word is good for one round.
    wanted = 0;
    look(port);
  }

  private void askHoles(Port port) {
    long first = engine.frontier() + 1;
    long last = Math.min(lastWanted(), first + 63);
    long mask = 0;
    int payloads = 0;
    for (long n = first; n <= last; n++) {
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
  }

  /** So many random peers, the primary not among them. */
  private List<Integer> some(int count, Port port) {
    int n = engine.settings.n();
    int start = port.random().nextInt(n);
    List<Integer> peers = new ArrayList<>();
    for (int i = 0; i < n && peers.size() < count; i++) {
      int peer = (start + i) % n;
      if (peer != engine.settings.self() && peer != engine.proposer()) {
        peers.add(peer);
      }
    }
    return peers;
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

  /** A slot was decided: a replica that catches up goes on without waiting for T_fetch. */
  void arrived(long slot, Port port) {
    if (asked != 0 && slot <= asked && engine.frontier() >= asked) {
      asked = 0;
      askHoles(port);
    }
  }

  // ---- answering

  private boolean affords(int from, Port port) {
    if (spent.length == 0) {
      spent = new long[engine.settings.n()];
    }
    if (port.now() - budgetSince > engine.settings.tuning().fetchDelay()) {
      budgetSince = port.now();
      Arrays.fill(spent, 0);
    }
    return spent[from] <= BYTES_A_PEER;
  }

  void onFetch(int from, ThreePhaseMessage.Fetch m, Port port) {
    if (m.view() < engine.installed()) {
      engine.views.lead(from, port);
    }
    for (long rest = m.mask(); rest != 0; rest &= rest - 1) {
      ThreePhaseSlot s = engine.window.peek(m.slot() + Long.numberOfTrailingZeros(rest));
      if (s != null && !affords(from, port)) {
        engine.drop(DropReason.FULL, from, m.kind(), port);
        return;
      }
      if (s != null) {
        spent[from] += show(s, from, port);
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
    if (!affords(from, port)) {
      engine.drop(DropReason.FULL, from, m.kind(), port);
      return;
    }
    ThreePhaseMessage.Payload answer =
        new ThreePhaseMessage.Payload(engine.instance, m.slot(), value);
    spent[from] += answer.wireSize();
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
      want(progress.highest(), port);
    }
  }
}
