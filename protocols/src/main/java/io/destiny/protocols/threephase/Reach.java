package io.destiny.protocols.threephase;

import io.destiny.core.kit.SlotWindow;

/** How far the slots above the low watermark have come. */
final class Reach {
  private final SlotWindow<ThreePhaseSlot> window;

  /** Every slot up to here is decided. */
  private long frontier;

  /** The highest slot with a valid proposal or a commitment. */
  private long highest;

  Reach(SlotWindow<ThreePhaseSlot> window) {
    this.window = window;
  }

  long frontier() {
    return frontier;
  }

  long highest() {
    return highest;
  }

  /** Something is held of this slot. */
  void touch(long slot) {
    highest = Math.max(highest, slot);
  }

  /** The slots are another view's now, or those that the log shows. */
  void find() {
    highest = window.low();
    for (long n = window.low() + 1; n <= window.high(); n++) {
      ThreePhaseSlot s = window.peek(n);
      if (s != null && (s.proposal != null || s.committed != null)) {
        highest = n;
      }
    }
    extend();
  }

  void extend() {
    frontier = Math.max(frontier, window.low());
    ThreePhaseSlot s = window.peek(frontier + 1);
    while (s != null && s.decision != null) {
      frontier++;
      s = window.peek(frontier + 1);
    }
  }
}
