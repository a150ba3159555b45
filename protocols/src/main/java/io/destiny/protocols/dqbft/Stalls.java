package io.destiny.protocols.dqbft;

import io.destiny.core.machine.Settings;
import java.util.Arrays;

/**
 * Which D-instances hold up the execution of all. T_dis bounds a single wait; a coordinator that
 * lets every ordered slot wait a little less stops everybody just as well, and its wait is no one
 * else's fault: so one whose ordered slots wait too often is complained about (our choice, beside
 * dqbft.md §6 rule 13).
 */
final class Stalls {
  /** Of the last 64 executed slots of an instance. */
  private static final int MOST_LATE = 16;

  private final Settings settings;

  /** Per instance, bit i: execution waited for the i-th last slot. */
  private final long[] late;

  /** What execution waits for, and since when; -1: nothing. */
  private int instance = -1;

  private long slot;
  private long since;

  Stalls(Settings settings) {
    this.settings = settings;
    this.late = new long[settings.n()];
  }

  /** Execution has come to an ordered slot that is not disseminated here. */
  void blocked(int n, long at, long now) {
    if (n != instance || at != slot) {
      instance = n;
      slot = at;
      since = now;
    }
  }

  /** A slot is executed. */
  void executed(int n, long at, long now) {
    boolean waited = n == instance && at == slot;
    late[n] = late[n] << 1 | (waited && now - since > settings.tuning().fetchDelay() / 2 ? 1 : 0);
    if (waited) {
      instance = -1;
    }
  }

  /** Another leader, another chance. */
  void entered(int n) {
    late[n] = 0;
  }

  /** A state was transferred: what this replica missed says nothing about others. */
  void forget() {
    Arrays.fill(late, 0);
    instance = -1;
  }

  boolean tooOften(int n) {
    return Long.bitCount(late[n]) > MOST_LATE;
  }
}
