package io.destiny.protocols.dqbft;

import io.destiny.core.kit.ClientTable;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import java.util.List;

/**
 * A checkpoint's parts as {@link GlobalOrder#parts} writes them, read back.
 *
 * @param executed exec[·]
 */
record CheckpointParts(
    ClientTable clients,
    long[] executed,
    long nextList,
    long position,
    long timeMillis,
    long commands,
    Digest history) {

  /**
   * Reads the parts that follow the application's.
   *
   * @throws IllegalArgumentException if they are none; a certified root rules that out
   */
  static CheckpointParts of(List<List<byte[]>> parts) {
    try {
      long[] executed = new long[parts.get(1).size()];
      for (byte[] chunk : parts.get(1)) {
        Reader r = new Reader(chunk);
        executed[r.u16()] = r.u64();
      }
      Reader r = new Reader(parts.get(2).getFirst());
      r.u32();
      return new CheckpointParts(
          ClientTable.of(parts.getFirst()),
          executed,
          r.u64(),
          r.u64(),
          r.u64(),
          r.u64(),
          r.digest());
    } catch (MalformedException e) {
      throw new IllegalArgumentException("not a checkpoint", e);
    }
  }
}
