package io.destiny.protocols.hybrid;

import io.destiny.core.engine.Port;
import io.destiny.core.machine.TimerKind;

/**
 * T_nv (hybster.md §5 rule 9): how long a replica that has left waits for the NEW-VIEW, twice as
 * long after each that did not come.
 */
final class NewViewTimer {
  /** T_nv doubles up to this. */
  private static final long LONGEST = 60_000_000_000L;

  private final HybridHost host;
  private int fails;
  private boolean waiting;

  NewViewTimer(HybridHost host) {
    this.host = host;
  }

  boolean waiting() {
    return waiting;
  }

  /** Q replicas want the view: the wait begins, unless it has. */
  void begin(Port port) {
    if (!waiting) {
      waiting = true;
      start(port);
    }
  }

  /** It expired. */
  void again(Port port) {
    fails++;
    start(port);
  }

  /** Another view is waited for, or none. */
  void stop(Port port) {
    waiting = false;
    port.stopTimer(TimerKind.NEW_VIEW, 0);
  }

  /** The view that was entered works: the next wait is a short one. */
  void works() {
    fails = 0;
  }

  private void start(Port port) {
    port.startTimer(TimerKind.NEW_VIEW, 0, delay());
  }

  private long delay() {
    long delay = host.settings().tuning().viewTimeout() << Math.min(fails, 20);
    return Math.min(delay, Math.max(LONGEST, host.settings().tuning().viewTimeout()));
  }
}
