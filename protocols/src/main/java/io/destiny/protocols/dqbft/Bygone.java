package io.destiny.protocols.dqbft;

import io.destiny.core.crypto.Result;
import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An instance that nobody runs any more: it decided so much, and decides nothing else. */
final class Bygone implements ConsensusEngine {
  private final long low;
  private final Function<Port, NavigableMap<Long, Value>> source;
  private NavigableMap<Long, Value> decided = new TreeMap<>();

  /**
   * @param low everything up to here is in the checkpoint
   * @param source asked once, at the start
   */
  Bygone(long low, Function<Port, NavigableMap<Long, Value>> source) {
    this.low = low;
    this.source = source;
  }

  @Override
  public void start(
      List<LogRecord> records, Input.CounterValues counters, long stableSlot, Port port) {
    decided = source.apply(port);
    decided.forEach((slot, value) -> port.emit(new EngineEvent.Decided(slot, value)));
  }

  @Override
  public @Nullable Value decision(long slot) {
    return decided.get(slot);
  }

  @Override
  public boolean committed(long slot) {
    return decided.containsKey(slot);
  }

  @Override
  public @Nullable Digest committedDigest(long slot) {
    Value value = decided.get(slot);
    return value == null ? null : value.digest();
  }

  @Override
  public boolean shown(long slot) {
    return committed(slot);
  }

  @Override
  public Held held(long slot) {
    boolean there = committed(slot);
    return new Held(there, there, there, List.of());
  }

  @Override
  public long frontier() {
    long frontier = low;
    while (decided.containsKey(frontier + 1)) {
      frontier++;
    }
    return frontier;
  }

  @Override
  public Progress progress() {
    return new Progress(0, false, low, frontier(), highest(), new long[Progress.SPAN >>> 6]);
  }

  @Override
  public int slots() {
    return decided.size();
  }

  @Override
  public long stable() {
    return low;
  }

  @Override
  public long highest() {
    return decided.isEmpty() ? low : decided.lastKey();
  }

  // ---- there are no views, and nobody to talk to

  @Override
  public long view() {
    return 0;
  }

  @Override
  public int leader(long view) {
    return 0;
  }

  @Override
  public boolean entered() {
    return false;
  }

  @Override
  public boolean leading() {
    return false;
  }

  @Override
  public OptionalLong propose(Value value, Port port) {
    return OptionalLong.empty();
  }

  @Override
  public boolean windowFull() {
    return true;
  }

  @Override
  public int inFlight() {
    return 0;
  }

  @Override
  public void onMessage(int from, Message message, Port port) {}

  @Override
  public void onTimer(TimerKind kind, long subject, Port port) {}

  @Override
  public void onComputed(long job, Result result, Port port) {}

  @Override
  public void reconsider(Port port) {}

  @Override
  public void suspect(Suspicion reason, long target, Port port) {}

  @Override
  public void show(long slot, int to, Port port) {}

  @Override
  public void fetch(long slot, Port port) {}

  @Override
  public void answerStatus(int to, Progress progress, Port port) {}

  @Override
  public void truncate(long stableSlot, Port port) {}
}
