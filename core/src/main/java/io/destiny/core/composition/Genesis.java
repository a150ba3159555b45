package io.destiny.core.composition;

import io.destiny.core.machine.Settings;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.Arrays;

/**
 * Where an epoch begins (dqbft.md §8): the base of view 0 in every instance, proven by nothing but
 * that all of this epoch began there.
 *
 * @param slot the O-slot of the epoch's first checkpoint; 0 in the first epoch
 * @param executed exec[·] there
 */
public record Genesis(long slot, long[] executed) {
  /** Of the first epoch; and of a replica that entered a later one without state. */
  public static Genesis none(Settings settings) {
    return new Genesis(0, new long[settings.n()]);
  }

  /** The low watermark of an instance at the beginning; O is N. */
  public long low(int instance) {
    return instance < executed.length ? executed[instance] : slot;
  }

  void encode(Writer w) {
    w.u64(slot).u16(executed.length);
    for (long e : executed) {
      w.u64(e);
    }
  }

  static Genesis decode(Reader r) throws MalformedException {
    long slot = r.u64();
    long[] executed = new long[r.u16()];
    for (int n = 0; n < executed.length; n++) {
      executed[n] = r.u64();
    }
    return new Genesis(slot, executed);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Genesis g && g.slot == slot && Arrays.equals(g.executed, executed);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(slot) + Arrays.hashCode(executed);
  }
}
