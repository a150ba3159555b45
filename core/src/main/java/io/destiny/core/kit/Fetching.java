package io.destiny.core.kit;

import io.destiny.core.engine.Port;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKind;
import java.util.ArrayList;
import java.util.List;

/**
 * When the holes of an instance are asked for (00-system-model §8): T_fetch after the first is
 * found, since what is merely late arrives before, and again while there are any. Which slots are
 * holes and whom to ask is the engine's to say.
 */
public final class Fetching {
  /** What an engine misses. */
  public interface Holes {
    /** Whether there is something to ask for up to {@code last}. */
    boolean any(long last);

    /** Asks for it; the last slot asked for, 0 if there was nothing to ask. */
    long ask(long last, Port port);
  }

  private final Settings settings;
  private final SlotWindow<?> window;
  private final Reach<?> reach;
  private final Holes holes;
  private boolean running;

  /** The composer, a vote or a peer names slots up to here. */
  private long wanted;

  /** The last slot asked for; when all up to it are decided the next are asked for at once. */
  private long asked;

  public Fetching(Settings settings, SlotWindow<?> window, Reach<?> reach, Holes holes) {
    this.settings = settings;
    this.window = window;
    this.reach = reach;
    this.holes = holes;
  }

  /** The last slot that may be a hole. */
  public long last() {
    return Math.min(Math.max(reach.highest(), wanted), window.high());
  }

  /** Starts T_fetch if there is a hole. */
  public void look(Port port) {
    if (!running && holes.any(last())) {
      running = true;
      port.startTimer(TimerKind.FETCH, 0, settings.tuning().fetchDelay());
    }
  }

  /** Somebody needs this slot. */
  public void want(long slot, Port port) {
    name(slot);
    look(port);
  }

  /** There is something up to this slot, as a peer says. */
  public void name(long slot) {
    wanted = Math.max(wanted, slot);
  }

  /** T_fetch. */
  public void onTimer(Port port) {
    running = false;
    ask(port);
    // Whoever still wants a slot says so again; a peer's word is good for one round.
    wanted = 0;
    look(port);
  }

  private void ask(Port port) {
    asked(holes.ask(last(), port));
  }

  /** Slots up to this one were asked for; 0: none were. */
  public void asked(long slot) {
    asked = slot == 0 ? asked : slot;
  }

  /** A slot was decided: a replica that catches up goes on without waiting for T_fetch. */
  public void arrived(long slot, Port port) {
    if (asked != 0 && slot <= asked && reach.frontier() >= asked) {
      asked = 0;
      ask(port);
    }
  }

  /** So many random peers, and {@code besides} not among them. */
  public List<Integer> some(int count, int besides, Port port) {
    int n = settings.n();
    int start = port.random().nextInt(n);
    List<Integer> peers = new ArrayList<>();
    for (int i = 0; i < n && peers.size() < count; i++) {
      int peer = (start + i) % n;
      if (peer != settings.self() && peer != besides) {
        peers.add(peer);
      }
    }
    return peers;
  }
}
