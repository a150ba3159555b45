package io.destiny.protocols.dqbft;

import io.destiny.core.crypto.Result;
import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Proposal;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An instance whose views, proposals and commits a test decides on; it writes down what is asked.
 */
final class PuppetEngine implements ConsensusEngine {
  final int instance;
  final int n;
  final int self;
  final int offset;
  final int width;
  final List<String> asked = new ArrayList<>();
  final TreeSet<Long> fetched = new TreeSet<>();
  final TreeMap<Long, Value> proposals = new TreeMap<>();
  final TreeMap<Long, Value> commits = new TreeMap<>();
  long view;
  boolean entered = true;
  long stable;

  /** What happens in a turn that a test makes. */
  Runnable script = () -> {};

  Runnable onReconsider = () -> {};

  private long next = 1;
  private @Nullable Port port;

  PuppetEngine(int instance, int offset, int width, int n, int self) {
    this.instance = instance;
    this.offset = offset;
    this.width = width;
    this.n = n;
    this.self = self;
  }

  Port port() {
    if (port == null) {
      throw new IllegalStateException("not started");
    }
    return port;
  }

  @Override
  public void start(List<LogRecord> records, Input.CounterValues counters, long low, Port p) {
    port = p;
    p.emit(new EngineEvent.ViewEntered(view, primary(), low, low, new byte[0]));
  }

  /** Enters a view that takes over proposals up to {@code max}. */
  void enter(long to, long max, byte[] note) {
    view = to;
    entered = true;
    next = max + 1;
    proposals.tailMap(max, false).clear();
    port().emit(new EngineEvent.ViewEntered(to, primary(), stable, max, note));
    proposals.forEach(
        (slot, value) -> {
          if (!commits.containsKey(slot)) {
            tell(slot, value);
          }
        });
  }

  private void tell(long slot, Value value) {
    port().emit(new EngineEvent.Proposed(new Proposal(view, slot, value, primary())));
  }

  /** A valid proposal of the present view arrives. */
  void proposed(long slot, Value value) {
    proposals.put(slot, value);
    tell(slot, value);
  }

  void committed(long slot, Value value) {
    commits.put(slot, value);
    port().emit(new EngineEvent.Committed(slot, value.digest()));
    port().emit(new EngineEvent.Decided(slot, value));
  }

  @Override
  public long view() {
    return view;
  }

  @Override
  public int primary() {
    return leader(view);
  }

  @Override
  public int leader(long v) {
    return (int) ((offset + v) % n);
  }

  @Override
  public boolean entered() {
    return entered;
  }

  @Override
  public boolean leading() {
    return entered && primary() == self;
  }

  @Override
  public OptionalLong propose(Value value, Port p) {
    if (!leading() || windowFull()) {
      return OptionalLong.empty();
    }
    long slot = next++;
    asked.add("propose " + slot + " " + value);
    proposed(slot, value);
    return OptionalLong.of(slot);
  }

  @Override
  public boolean windowFull() {
    return next > stable + width;
  }

  @Override
  public int inFlight() {
    return 0;
  }

  @Override
  public void onMessage(int from, Message message, Port p) {}

  @Override
  public void onTimer(TimerKind kind, long subject, Port p) {
    script.run();
  }

  @Override
  public void onComputed(long job, Result result, Port p) {}

  @Override
  public void reconsider(Port p) {
    onReconsider.run();
  }

  @Override
  public void suspect(Suspicion reason, long target, Port p) {
    asked.add("suspect " + reason + " " + target);
  }

  @Override
  public void show(long slot, int to, Port p) {
    asked.add("show " + slot + " to " + to);
  }

  @Override
  public void fetch(long slot, Port p) {
    fetched.add(slot);
  }

  @Override
  public void answerStatus(int to, Progress progress, Port p) {}

  @Override
  public long frontier() {
    long slot = stable;
    while (commits.containsKey(slot + 1)) {
      slot++;
    }
    return slot;
  }

  @Override
  public Progress progress() {
    return new Progress(view, true, stable, frontier(), highest(), new long[Progress.SPAN / 64]);
  }

  @Override
  public boolean shown(long slot) {
    return slot <= stable || proposals.containsKey(slot) || commits.containsKey(slot);
  }

  @Override
  public boolean committed(long slot) {
    return slot <= stable || commits.containsKey(slot);
  }

  @Override
  public @Nullable Value decision(long slot) {
    return commits.get(slot);
  }

  @Override
  public Held held(long slot) {
    boolean committed = commits.containsKey(slot);
    boolean proposed = proposals.containsKey(slot);
    return new Held(proposed, proposed || committed, committed, List.of());
  }

  @Override
  public int slots() {
    return 0;
  }

  @Override
  public long stable() {
    return stable;
  }

  @Override
  public long highest() {
    long proposal = proposals.isEmpty() ? 0 : proposals.lastKey();
    long commit = commits.isEmpty() ? 0 : commits.lastKey();
    return Math.max(stable, Math.max(proposal, commit));
  }

  @Override
  public void truncate(long stableSlot, Port p) {
    stable = Math.max(stable, stableSlot);
    proposals.headMap(stable, true).clear();
    commits.headMap(stable, true).clear();
    next = Math.max(next, stable + 1);
  }

  @Override
  public @Nullable Digest committedDigest(long slot) {
    Value value = commits.get(slot);
    return value == null ? null : value.digest();
  }
}
