package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.engine.ConsensusEngine.Progress;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.TimerKind;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Fetch;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Forward;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Header;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Holes: asking for what is missing, and answering those who ask (hybster.md rule 2,
 * 00-system-model §8).
 */
final class Repair {
  /** Payload bytes that one peer may ask for within T_fetch. */
  private static final long BYTES_A_PEER = 32 << 20;

  private final OrderingEngine engine;

  /** Empty until somebody asks. */
  private long[] spent = {};

  private long budgetSince;
  private boolean running;
  private long wanted;

  /**
   * The last slot of the mask asked for; when all before it are decided the next are asked for at
   * once.
   */
  private long asked;

  Repair(OrderingEngine engine) {
    this.engine = engine;
  }

  // ---- asking

  private boolean missing(long slot) {
    OrderingSlot s = engine.window.peek(slot);
    if (s == null) {
      return true;
    }
    if (s.decided) {
      // Committed slots need no vote, but the votes above need their proposals.
      return s.header == null && slot > engine.reach.held() && slot < engine.highest();
    }
    return s.value == null && s.candidate == null;
  }

  private long lastWanted() {
    return Math.min(Math.max(engine.highest(), wanted), engine.window.high());
  }

  /**
   * The first slot that may be missing. A decided slot without its proposal is a hole too: a
   * replica that learned a commit alone could never vote above it, nor show why its counter stands
   * where it does.
   */
  private long first() {
    return Math.min(engine.frontier(), engine.reach.held()) + 1;
  }

  /** Starts T_fetch if there is a hole; proposals that are merely late arrive before it ends. */
  void look(Port port) {
    if (!running && mask(first()) != 0) {
      running = true;
      port.startTimer(TimerKind.FETCH, 0, engine.settings.tuning().fetchDelay());
    }
  }

  /** Bit i: slot first+i is missing here. */
  private long mask(long first) {
    long mask = 0;
    long last = Math.min(lastWanted(), first + 63);
    for (long n = first; n <= last; n++) {
      if (missing(n)) {
        mask |= 1L << (n - first);
      }
    }
    return mask;
  }

  /** The composer needs this slot. */
  void want(long slot, Port port) {
    wanted = Math.max(wanted, slot);
    look(port);
  }

  void onTimer(Port port) {
    running = false;
    askHoles(port);
    // Whoever still wants a slot says so again; a peer's claim is good for one round.
    wanted = 0;
    look(port);
  }

  private void askHoles(Port port) {
    long first = first();
    long mask = mask(first);
    if (mask == 0) {
      return;
    }
    asked = first + 63 - Long.numberOfLeadingZeros(mask);
    Fetch fetch = new Fetch(engine.instance, engine.installed(), first, mask);
    if (engine.proposer() != engine.settings.self()) {
      port.send(engine.proposer(), fetch);
    }
    sendToTwo(fetch, port);
  }

  /** Asks two random peers for one slot. */
  void ask(long slot, Port port) {
    sendToTwo(new Fetch(engine.instance, engine.installed(), slot, 1), port);
  }

  private void sendToTwo(Fetch fetch, Port port) {
    int n = engine.settings.n();
    int self = engine.settings.self();
    int start = port.random().nextInt(n);
    int sent = 0;
    for (int i = 0; i < n && sent < 2; i++) {
      int peer = (start + i) % n;
      if (peer != self && peer != engine.proposer()) {
        port.send(peer, fetch);
        sent++;
      }
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

  void onFetch(int from, Fetch m, Port port) {
    if (port.now() - budgetSince > engine.settings.tuning().fetchDelay()) {
      budgetSince = port.now();
      Arrays.fill(spent, 0);
    }
    if (spent.length == 0) {
      spent = new long[engine.settings.n()];
    }
    for (long rest = m.mask(); rest != 0; rest &= rest - 1) {
      long slot = m.slot() + Long.numberOfTrailingZeros(rest);
      OrderingSlot s = engine.window.peek(slot);
      if (s == null) {
        continue;
      }
      if (spent[from] > BYTES_A_PEER) {
        engine.drop(DropReason.FULL, from, m.kind(), port);
        return;
      }
      answer(from, s, port);
    }
  }

  private void answer(int to, OrderingSlot s, Port port) {
    CommitCertificate commit = s.commit;
    if (commit != null) {
      port.send(to, commit);
      spent[to] += commit.wireSize();
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
    spent[to] += forward.wireSize();
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
      wanted = Math.max(wanted, progress.highest());
      long first = engine.frontier() + 1;
      long mask = mask(first);
      if (mask != 0) {
        asked = first + 63 - Long.numberOfLeadingZeros(mask);
        port.send(to, new Fetch(engine.instance, engine.installed(), first, mask));
        look(port);
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
