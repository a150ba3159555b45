package io.destiny.core.kit;

import io.destiny.core.engine.Port;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKind;

/**
 * T_nv (hybster.md §5 rule 9, pbft.md §5 rule 12): how long a replica that has left a view waits
 * for the NEW-VIEW once a quorum wants it, twice as long after each that did not come.
 */
public final class NewViewTimer {
  /** T_nv doubles up to this. */
  private static final long LONGEST = 60_000_000_000L;

  private final Settings settings;
  private int fails;
  private boolean waiting;

  public NewViewTimer(Settings settings) {
    this.settings = settings;
  }

  /** A quorum wants the view or a later one: the wait begins, unless it has. */
  public void begin(Port port) {
    if (!waiting) {
      waiting = true;
      long base = settings.tuning().viewTimeout();
      long delay = Math.min(base << Math.min(fails, 20), Math.max(LONGEST, base));
      port.startTimer(TimerKind.NEW_VIEW, 0, delay);
    }
  }

  /** It expired: false if nothing was waited for. */
  public boolean expired() {
    boolean was = waiting;
    waiting = false;
    fails += was ? 1 : 0;
    return was;
  }

  /** Another view is waited for, or none. */
  public void stop(Port port) {
    waiting = false;
    port.stopTimer(TimerKind.NEW_VIEW, 0);
  }

  /** The view that was entered works: the next wait is a short one. */
  public void works() {
    fails = 0;
  }
}
