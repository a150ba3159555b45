package io.destiny.sim.check;

import java.util.Arrays;
import java.util.List;

/** The results of a request as clients get them (00-system-model §6), read here once more. */
final class Told {
  private static final int STALE = 1;
  private static final int NOT_KEPT = 2;

  private Told() {}

  /** A request below its client's last. */
  static boolean stale(byte[] outcome) {
    return outcome.length == 1 && outcome[0] == STALE;
  }

  /** A request that took effect, with results too long to be kept. */
  static boolean notKept(byte[] outcome) {
    return outcome.length == 1 && outcome[0] == NOT_KEPT;
  }

  /** Whether these are the results: status 0, count u16, then each with its length u32. */
  static boolean is(byte[] outcome, List<byte[]> results) {
    int at = 3;
    if (outcome.length < at || outcome[0] != 0 || number(outcome, 1, 2) != results.size()) {
      return false;
    }
    for (byte[] result : results) {
      int end = at + 4 + result.length;
      if (end > outcome.length
          || number(outcome, at, 4) != result.length
          || !Arrays.equals(outcome, at + 4, end, result, 0, result.length)) {
        return false;
      }
      at = end;
    }
    return at == outcome.length;
  }

  private static long number(byte[] bytes, int at, int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value = (value << 8) | (bytes[at + i] & 0xff);
    }
    return value;
  }
}
