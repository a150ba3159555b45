package io.destiny.core.kit;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A map from numbers, such as slots or jobs, without an object an entry: two arrays with linear
 * probing. Nothing can depend on the order in it: keys are only handed out sorted. Small while
 * empty: a replica has several for each of its N+1 instances.
 *
 * @param <V> what is kept
 */
public final class LongMap<V> {
  private static final int SMALLEST = 4;

  /** A power of two, or empty before the first entry. */
  private long[] keys = {};

  private @Nullable Object[] values = {};
  private int size;

  public int size() {
    return size;
  }

  public boolean isEmpty() {
    return size == 0;
  }

  /** Keys follow each other, so they are spread. */
  private static int home(long key, int mask) {
    long h = key * 0x9E3779B97F4A7C15L;
    return (int) (h >>> 40) & mask;
  }

  /** Where the key is, or the free place where it would be; the arrays are not empty. */
  private int find(long key) {
    int mask = keys.length - 1;
    int i = home(key, mask);
    while (values[i] != null && keys[i] != key) {
      i = (i + 1) & mask;
    }
    return i;
  }

  @SuppressWarnings("unchecked") // only put() writes values
  private @Nullable V at(int i) {
    return (V) values[i];
  }

  public @Nullable V get(long key) {
    return size == 0 ? null : at(find(key));
  }

  public boolean contains(long key) {
    return get(key) != null;
  }

  /** Sets the value of a key. */
  public void put(long key, V value) {
    // three quarters full at most
    if (4 * size >= 3 * keys.length) {
      grow();
    }
    int i = find(key);
    if (values[i] == null) {
      size++;
    }
    keys[i] = key;
    values[i] = value;
  }

  private void grow() {
    long[] oldKeys = keys;
    @Nullable Object[] oldValues = values;
    keys = new long[Math.max(SMALLEST, 2 * oldKeys.length)];
    values = new Object[keys.length];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldValues[i] != null) {
        int to = find(oldKeys[i]);
        keys[to] = oldKeys[i];
        values[to] = oldValues[i];
      }
    }
  }

  /** Takes an entry away; returns its value, null if there was none. */
  public @Nullable V remove(long key) {
    if (size == 0) {
      return null;
    }
    int i = find(key);
    V value = at(i);
    if (value != null) {
      close(i);
    }
    return value;
  }

  /** Empties a place and moves up those behind it that probed past it. */
  private void close(int place) {
    int mask = keys.length - 1;
    int hole = place;
    int i = (hole + 1) & mask;
    while (values[i] != null) {
      int distance = (i - home(keys[i], mask)) & mask;
      if (distance >= ((i - hole) & mask)) {
        keys[hole] = keys[i];
        values[hole] = values[i];
        hole = i;
      }
      i = (i + 1) & mask;
    }
    values[hole] = null;
    size--;
  }

  /** The keys that are not greater than {@code most}, in ascending order. */
  public long[] keysUpTo(long most) {
    long[] found = new long[size];
    int count = 0;
    for (int i = 0; i < keys.length; i++) {
      if (values[i] != null && keys[i] <= most) {
        found[count++] = keys[i];
      }
    }
    long[] sorted = Arrays.copyOf(found, count);
    Arrays.sort(sorted);
    return sorted;
  }

  public void clear() {
    keys = new long[0];
    values = new Object[0];
    size = 0;
  }
}
