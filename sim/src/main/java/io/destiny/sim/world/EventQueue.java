package io.destiny.sim.world;

import java.util.Comparator;
import java.util.PriorityQueue;

/** What will happen, by (time, order of insertion), and the virtual clock. */
final class EventQueue {
  private record Event(long time, long number, Runnable action) {}

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::time).thenComparingLong(Event::number));
  private long now;
  private long inserted;

  long now() {
    return now;
  }

  /** Schedules {@code action} in {@code delay} ≥ 0 nanoseconds. */
  void in(long delay, Runnable action) {
    events.add(new Event(now + Math.max(0, delay), inserted++, action));
  }

  /** Whether anything is left that happens not later than {@code time}. */
  boolean due(long time) {
    Event next = events.peek();
    return next != null && next.time <= time;
  }

  boolean isEmpty() {
    return events.isEmpty();
  }

  /** Moves the clock to the next event and runs it; there must be one. */
  void runNext() {
    Event next = events.remove();
    now = next.time;
    next.action.run();
  }

  /** Moves the clock forward; nothing may be due before. */
  void moveTo(long time) {
    now = Math.max(now, time);
  }
}
