package io.destiny.core.kit;

/**
 * The slots that this replica proposes in as the leader: which is next, and which are in flight.
 */
public final class OwnSlots {
  private final SlotWindow<?> window;

  /** Taken, and neither committed nor forgotten. */
  private final LongMap<Boolean> inFlight = new LongMap<>();

  private long next = 1;

  public OwnSlots(SlotWindow<?> window) {
    this.window = window;
  }

  /** Begins a view: nothing is in flight, and this slot is the next. */
  public void start(long first) {
    next = first;
    inFlight.clear();
  }

  /** Nothing is proposed below this slot any more, and what was is forgotten. */
  public void skipTo(long slot) {
    next = Math.max(next, slot);
    if (!inFlight.isEmpty()) {
      for (long old : inFlight.keysUpTo(slot - 1)) {
        inFlight.remove(old);
      }
    }
  }

  /** Whether the next slot has no place in the window. */
  public boolean full() {
    return next > window.high();
  }

  public int inFlight() {
    return inFlight.size();
  }

  /** Takes the next slot. */
  public long takeNext() {
    long slot = next++;
    take(slot);
    return slot;
  }

  /** A slot is this replica's, and not committed. */
  public void take(long slot) {
    inFlight.put(slot, true);
  }

  /** Whether this replica has proposed it, and it is not committed yet. */
  public boolean has(long slot) {
    return inFlight.contains(slot);
  }

  /** A slot is committed. */
  public void release(long slot) {
    inFlight.remove(slot);
  }
}
