package io.destiny.core.machine;

/**
 * Names a timer. Starting one that runs restarts it.
 *
 * @param instance the instance it belongs to
 * @param kind what it is for
 * @param subject the slot, view or client it watches, 0 where there is none
 */
public record TimerKey(int instance, TimerKind kind, long subject) {
  // Written out, since a driver looks timers up for each message.
  @Override
  public boolean equals(Object o) {
    return o instanceof TimerKey k
        && k.subject == subject
        && k.instance == instance
        && k.kind == kind;
  }

  /** Spread well, since subjects of one instance follow each other; the same in every run. */
  @Override
  public int hashCode() {
    long h = (subject * 31 + kind.name().hashCode()) * 0x9E3779B97F4A7C15L + instance;
    return (int) (((h ^ (h >>> 29)) * 0xBF58476D1CE4E5B9L) >>> 32);
  }
}
