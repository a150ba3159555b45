package io.destiny.sim.world;

import io.destiny.core.machine.Input;
import io.destiny.core.machine.TimerKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A replica's running timers. */
final class Timers {
  private record Running(long deadline, long number) {}

  private final Life life;
  private final Map<TimerKey, Running> running = new HashMap<>();
  private long started;

  Timers(Life life) {
    this.life = life;
  }

  void start(TimerKey key, long delay) {
    if (delay < 0) {
      throw new WorldFailure("a timer starts with a negative delay: " + key, null);
    }
    long number = ++started;
    running.put(key, new Running(life.world().now() + delay, number));
    life.in(
        delay,
        () -> {
          Running now = running.get(key);
          if (now != null && now.number == number) {
            fire(key);
          }
        });
  }

  void stop(TimerKey key) {
    running.remove(key);
  }

  /** Fires a running timer now; false if it does not run. */
  boolean fire(TimerKey key) {
    @Nullable Running timer = running.remove(key);
    if (timer == null) {
      return false;
    }
    life.turn(new Input.Fired(key));
    return true;
  }

  /** The running timers, next first. */
  List<TimerKey> list() {
    List<Map.Entry<TimerKey, Running>> entries = new ArrayList<>(running.entrySet());
    entries.sort(
        (a, b) -> {
          int c = Long.compare(a.getValue().deadline, b.getValue().deadline);
          return c != 0 ? c : Long.compare(a.getValue().number, b.getValue().number);
        });
    return entries.stream().map(Map.Entry::getKey).toList();
  }
}
