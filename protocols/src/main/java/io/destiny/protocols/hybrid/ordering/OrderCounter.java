package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.trusted.Counters;

/** An instance's ORDER counter, as far as this replica knows it. */
final class OrderCounter {
  /** As far as it was answered. */
  private long value;

  /** Calls that were not answered. */
  private int calls;

  /** The trusted subsystem does not sign: an observer (trusted-subsystem.md §7 R1). */
  private boolean mute;

  /**
   * What the trusted subsystem shows after a start.
   *
   * @param read its value; below 0: there is none
   */
  void start(long read) {
    mute = read < 0;
    value = Math.max(0, read);
  }

  boolean mute() {
    return mute;
  }

  void silence() {
    mute = true;
  }

  long value() {
    return value;
  }

  /** It is known to have come this far. */
  void counted(long to) {
    value = Math.max(value, to);
  }

  void called() {
    calls++;
  }

  void answered() {
    calls--;
  }

  boolean idle() {
    return calls == 0;
  }

  /** The last slot it has signed in a view; 0 if it stands in another. */
  long spoken(long view) {
    return Counters.view(value) == view ? Counters.slot(value) : 0;
  }

  /** Whether a call for this slot can only give again what it gave before. */
  boolean passed(long view, long slot) {
    return Counters.encode(view, slot) <= value;
  }
}
