package io.destiny.sim.world;

import io.destiny.core.machine.Input;
import io.destiny.core.machine.TimerKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A replica's running timers. Most are stopped long before they would fire, and most have one of a
 * few delays: those of one delay end in the order in which they started, so that only the first of
 * them needs an event of the world.
 */
final class Timers {
  private static final class Running {
    final TimerKey key;
    final long deadline;
    final long number;
    boolean stopped;

    Running(TimerKey key, long deadline, long number) {
      this.key = key;
      this.deadline = deadline;
      this.number = number;
    }
  }

  /** The timers of one delay, those that were stopped included until they come to the front. */
  private final class Lane {
    final long delay;
    final ArrayDeque<Running> waiting = new ArrayDeque<>();

    /** The world has an event for this lane. */
    boolean scheduled;

    Lane(long delay) {
      this.delay = delay;
    }

    /** The first that runs, null if none does. */
    @Nullable Running first() {
      Running first = waiting.peekFirst();
      while (first != null && first.stopped) {
        waiting.removeFirst();
        first = waiting.peekFirst();
      }
      return first;
    }

    void schedule() {
      Running first = first();
      if (first == null) {
        lanes.remove(delay);
      } else if (!scheduled) {
        scheduled = true;
        life.world().at(first.deadline, first.number, life, this::due);
      }
    }

    private void due() {
      scheduled = false;
      Running first = first();
      if (first != null && first.deadline <= life.world().now()) {
        waiting.removeFirst();
        // The next one is known before the protocol starts more.
        schedule();
        fire(first.key);
      } else {
        schedule();
      }
    }
  }

  private final Life life;
  private final Map<TimerKey, Running> running = new HashMap<>();
  private final Map<Long, Lane> lanes = new HashMap<>();

  Timers(Life life) {
    this.life = life;
  }

  void start(TimerKey key, long delay) {
    if (delay < 0) {
      throw new WorldFailure("a timer starts with a negative delay: " + key, null);
    }
    Running timer = new Running(key, life.world().now() + delay, life.world().reserve());
    Running before = running.put(key, timer);
    if (before != null) {
      before.stopped = true;
    }
    Lane lane = lanes.computeIfAbsent(delay, Lane::new);
    lane.waiting.addLast(timer);
    lane.schedule();
  }

  void stop(TimerKey key) {
    Running timer = running.remove(key);
    if (timer != null) {
      timer.stopped = true;
    }
  }

  /** Fires a running timer now; false if it does not run. */
  boolean fire(TimerKey key) {
    Running timer = running.remove(key);
    if (timer == null) {
      return false;
    }
    timer.stopped = true;
    life.turn(new Input.Fired(key));
    return true;
  }

  /** The running timers, next first. */
  List<TimerKey> list() {
    List<Running> all = new ArrayList<>(running.values());
    all.sort(Comparator.comparingLong((Running r) -> r.deadline).thenComparingLong(r -> r.number));
    return all.stream().map(r -> r.key).toList();
  }
}
