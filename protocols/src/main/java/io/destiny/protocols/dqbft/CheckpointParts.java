package io.destiny.protocols.dqbft;

import io.destiny.core.kit.AssignmentTable;
import io.destiny.core.kit.ClientTable;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Reconfiguration;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint's parts as {@link GlobalOrder#parts} writes them, read back.
 *
 * @param executed exec[·]
 * @param epoch the one that it was taken in
 * @param genesis where that epoch began
 * @param ending what ended that epoch, null if it goes on
 */
record CheckpointParts(
    ClientTable clients,
    AssignmentTable assignments,
    long[] executed,
    long epoch,
    long nextList,
    long position,
    long timeMillis,
    long commands,
    Digest history,
    Genesis genesis,
    @Nullable Reconfiguration ending) {

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
      long epoch = r.u32();
      return new CheckpointParts(
          ClientTable.of(parts.getFirst()),
          AssignmentTable.of(parts.get(3)),
          executed,
          epoch,
          r.u64(),
          r.u64(),
          r.u64(),
          r.u64(),
          r.digest(),
          Genesis.decode(r),
          ending(r.bytes(Integer.MAX_VALUE)));
    } catch (MalformedException e) {
      throw new IllegalArgumentException("not a checkpoint", e);
    }
  }

  private static @Nullable Reconfiguration ending(byte[] bytes) throws MalformedException {
    return bytes.length == 0 ? null : Reconfiguration.decode(bytes);
  }
}
