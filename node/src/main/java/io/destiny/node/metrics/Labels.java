package io.destiny.node.metrics;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps the number of different values of a metric's label bounded. */
final class Labels {
  private static final String OTHER = "other";

  private final Set<String> known = ConcurrentHashMap.newKeySet();
  private final int most;

  Labels(int most) {
    this.most = most;
  }

  /** The value, or {@code other} once there are too many. */
  String bounded(String value) {
    if (known.contains(value)) {
      return value;
    }
    if (known.size() >= most) {
      return OTHER;
    }
    known.add(value);
    return value;
  }
}
