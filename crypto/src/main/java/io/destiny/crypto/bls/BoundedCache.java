package io.destiny.crypto.bls;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Keeps the values used last. Thread-safe; two threads may compute one value at the same time. */
final class BoundedCache<K, V> {
  private final int capacity;
  private final Function<K, @Nullable V> compute;
  private final LinkedHashMap<K, V> entries = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * @param compute answers null for what is not worth keeping
   */
  BoundedCache(int capacity, Function<K, @Nullable V> compute) {
    this.capacity = capacity;
    this.compute = compute;
  }

  @Nullable V get(K key) {
    synchronized (entries) {
      V known = entries.get(key);
      if (known != null) {
        return known;
      }
    }
    V value = compute.apply(key);
    if (value != null) {
      put(key, value);
    }
    return value;
  }

  private void put(K key, V value) {
    synchronized (entries) {
      entries.put(key, value);
      if (entries.size() > capacity) {
        Map.Entry<K, V> eldest = entries.firstEntry();
        entries.remove(eldest.getKey());
      }
    }
  }

  int size() {
    synchronized (entries) {
      return entries.size();
    }
  }
}
