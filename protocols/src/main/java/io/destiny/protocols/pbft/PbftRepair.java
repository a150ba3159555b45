package io.destiny.protocols.pbft;

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
 * Holes: asking for what is missing, and answering those who ask (pbft.md §4 rule 9, §3 rule 6).
 * Commits are MACed, hence not transferable: a decision is fetched as f+1 equal claims, its payload
 * by its digest from one at a time.
 */
final class PbftRepair {
  /** Most messages in answer to one STATUS. */
  private static final int MOST_ANSWERS = 64;

  /** Most payloads asked for in one round. */
  private static final int MOST_ASKED = 64;

  /** Bytes that one peer may ask for within T_fetch. */
  private static final long BYTES_A_PEER = 32 << 20;

  private final PbftEngine engine;

  /** Empty until somebody asks. */
  private long[] spent = {};

  private long budgetSince;
  private boolean running;

  /** The composer, or a vote, names slots up to here. */
  private long wanted;

  /** The last slot asked for; when all up to it are decided the next are asked for at once. */
  private long asked;

  PbftRepair(PbftEngine engine) {
    this.engine = engine;
  }

  // ---- asking

  private long lastWanted() {
    return Math.min(Math.max(engine.highest(), wanted), engine.window.high());
  }

  /** Neither a proposal nor a commitment is held. */
  private boolean unknown(long slot) {
    PbftSlot s = engine.window.peek(slot);
    return s == null || (s.committed == null && s.proposal == null && s.candidate == null);
  }

  /** The digest of a payload that is missing. */
  private static @Nullable Digest payload(PbftSlot s) {
    if (s.committed != null) {
      return s.decision == null ? s.committed : null;
    }
    return s.proposal != null && s.value == null && !s.checking ? s.proposal : null;
  }

  private boolean missing(long slot) {
    PbftSlot s = engine.window.peek(slot);
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

  /** Somebody votes for a slot of which nothing else is known. */
  void heard(long slot, Port port) {
    want(slot, port);
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
      PbftSlot s = engine.window.peek(n);
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
      PbftMessage.Fetch fetch =
          new PbftMessage.Fetch(engine.instance, engine.installed(), first, mask);
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

  /** One of those who have voted for it or claim it, or anybody. */
  private void askFor(PbftSlot s, Digest digest, Port port) {
    List<Integer> holders = new ArrayList<>(s.prepares.senders(digest));
    holders.addAll(s.claims.senders(digest));
    holders.addAll(s.commits.senders(digest));
    holders.removeIf(peer -> peer == engine.settings.self());
    if (holders.isEmpty()) {
      holders.addAll(some(engine.settings.n(), port));
      if (engine.proposer() != engine.settings.self()) {
        holders.add(engine.proposer());
      }
    }
    if (!holders.isEmpty()) {
      int to = holders.get(port.random().nextInt(holders.size()));
      port.send(to, new PbftMessage.Ask(engine.instance, 0, s.slot, digest));
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

  void onFetch(int from, PbftMessage.Fetch m, Port port) {
    if (m.view() < engine.installed()) {
      engine.views.lead(from, port);
    }
    for (long rest = m.mask(); rest != 0; rest &= rest - 1) {
      PbftSlot s = engine.window.peek(m.slot() + Long.numberOfTrailingZeros(rest));
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
  int show(PbftSlot s, int to, Port port) {
    int bytes = 0;
    if (s.committed != null) {
      bytes += send(to, new PbftMessage.Decided(engine.instance, s.slot, s.committed), port);
    }
    if (s.header != null) {
      bytes += send(to, new PbftMessage.Forward(engine.instance, s.header), port);
    }
    return bytes;
  }

  private static int send(int to, PbftMessage message, Port port) {
    port.send(to, message);
    return message.wireSize();
  }

  /** Ask for a payload. */
  void onAsk(int from, PbftMessage.Ask m, Port port) {
    Value value = engine.payload(m.slot(), m.wanted());
    if (value == null || m.wanted().equals(engine.noop.digest())) {
      return;
    }
    if (!affords(from, port)) {
      engine.drop(DropReason.FULL, from, m.kind(), port);
      return;
    }
    PbftMessage.Payload answer = new PbftMessage.Payload(engine.instance, m.slot(), value);
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
      PbftSlot s = engine.window.peek(n);
      if (s == null || !(n > progress.highest() || progress.lacks(n))) {
        continue;
      }
      if (s.committed != null) {
        port.send(to, new PbftMessage.Decided(engine.instance, n, s.committed));
        sent++;
      }
      if (together && s.proposal != null) {
        if (progress.entered() && s.header != null) {
          port.send(to, new PbftMessage.Forward(engine.instance, s.header));
        }
        sent += resend(to, s, port);
      }
    }
    if (progress.highest() > engine.highest()) {
      want(progress.highest(), port);
    }
  }

  /** The own votes, to a peer that collects them. */
  private int resend(int to, PbftSlot s, Port port) {
    Digest digest = s.proposal;
    if (digest == null || !s.voted) {
      return 0;
    }
    long view = engine.installed();
    if (engine.proposer() != engine.settings.self()) {
      port.send(to, new PbftMessage.Prepare(engine.instance, view, s.slot, digest));
    }
    if (s.prepared) {
      port.send(to, new PbftMessage.Commit(engine.instance, view, s.slot, digest));
    }
    return 3;
  }
}
