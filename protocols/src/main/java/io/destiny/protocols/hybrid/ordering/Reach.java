package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.kit.SlotWindow;

/** How far the slots above the low watermark have come. */
final class Reach {
  private final SlotWindow<OrderingSlot> window;

  /** A certified proposal of this view is held for every slot of (h, held]. */
  private long held;

  /** Every slot up to here is decided. */
  private long frontier;

  /** The highest slot that something is held of. */
  private long highest;

  Reach(SlotWindow<OrderingSlot> window) {
    this.window = window;
  }

  long held() {
    return held;
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
  void restart() {
    highest = window.low();
    held = window.low();
  }

  /** Finds the highest slot after {@link #restart}. */
  void find() {
    for (long n = window.low() + 1; n <= window.high(); n++) {
      OrderingSlot s = window.peek(n);
      if (s != null && (s.header != null || s.committed() || s.signing)) {
        highest = n;
      }
    }
  }

  void extendHeld() {
    held = Math.max(held, window.low());
    OrderingSlot s = window.peek(held + 1);
    while (s != null && s.header != null) {
      held++;
      s = window.peek(held + 1);
    }
  }

  void extendFrontier() {
    frontier = Math.max(frontier, window.low());
    OrderingSlot s = window.peek(frontier + 1);
    while (s != null && s.decided) {
      frontier++;
      s = window.peek(frontier + 1);
    }
  }
}
