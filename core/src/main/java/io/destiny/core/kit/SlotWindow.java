package io.destiny.core.kit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The slots of (h, h+W] of one instance: created lazily, in a ring that grows on demand and never
 * beyond W.
 *
 * @param <T> the state of a slot
 */
public final class SlotWindow<T> {
  private final int width;
  private final LongFunction<T> factory;
  private final List<@Nullable T> ring = new ArrayList<>();
  private long low;
  private int touched;

  /**
   * @param width W
   * @param factory makes the state of a slot that is touched for the first time
   */
  public SlotWindow(int width, LongFunction<T> factory) {
    this.width = width;
    this.factory = factory;
  }

  /** h. */
  public long low() {
    return low;
  }

  /** h+W, the highest slot that exists. */
  public long high() {
    return low + width;
  }

  public boolean contains(long slot) {
    return slot > low && slot <= high();
  }

  /** Slots that have a state. */
  public int touched() {
    return touched;
  }

  private int index(long slot) {
    return (int) ((slot - 1) % width);
  }

  /** The slot's state, null if it was never touched or lies outside the window. */
  public @Nullable T peek(long slot) {
    if (!contains(slot)) {
      return null;
    }
    int i = index(slot);
    return i < ring.size() ? ring.get(i) : null;
  }

  /**
   * The slot's state, made if need be.
   *
   * @throws IllegalArgumentException outside the window
   */
  public T get(long slot) {
    if (!contains(slot)) {
      throw new IllegalArgumentException(
          "slot " + slot + " is outside (" + low + ", " + high() + "]");
    }
    int i = index(slot);
    while (ring.size() <= i) {
      ring.add(null);
    }
    T state = ring.get(i);
    if (state == null) {
      touched++;
      state = factory.apply(slot);
      ring.set(i, state);
    }
    return state;
  }

  /** Each slot that has a state, in order. */
  public void forEach(Consumer<T> what) {
    for (long slot = low + 1; slot <= high(); slot++) {
      T state = peek(slot);
      if (state != null) {
        what.accept(state);
      }
    }
  }

  /**
   * Moves h up to {@code slot} and forgets everything at or below; does nothing if it is not above
   * h.
   */
  public void advance(long slot) {
    if (slot - low >= width) {
      ring.clear();
      touched = 0;
      low = slot;
    }
    while (low < slot) {
      low++;
      int i = index(low);
      if (i < ring.size() && ring.set(i, null) != null) {
        touched--;
      }
    }
  }
}
