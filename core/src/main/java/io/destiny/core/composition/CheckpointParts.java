package io.destiny.core.composition;

import io.destiny.core.kit.AssignmentTable;
import io.destiny.core.kit.ClientTable;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Reconfiguration;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The protocol's own parts of a checkpoint (dqbft.md §8): clients, exec[·], control, assignments.
 *
 * @param executed exec[·], one a replica
 * @param epoch the one that it was taken in
 * @param next the next slot of the ordering instance
 * @param genesis where that epoch began
 * @param ending what ended that epoch, null if it goes on
 */
public record CheckpointParts(
    ClientTable clients,
    AssignmentTable assignments,
    long[] executed,
    long epoch,
    long next,
    long position,
    long timeMillis,
    long commands,
    Digest history,
    Genesis genesis,
    @Nullable Reconfiguration ending) {

  /** As chunks. */
  public List<List<byte[]>> encode() {
    List<byte[]> slots = new ArrayList<>(executed.length);
    for (int n = 0; n < executed.length; n++) {
      slots.add(new Writer(16).u16(n).u64(executed[n]).toBytes());
    }
    Writer control =
        new Writer(80)
            .u32(epoch)
            .u64(next)
            .u64(position)
            .u64(timeMillis)
            .u64(commands)
            .digest(history);
    genesis.encode(control);
    control.bytes(ending == null ? new byte[0] : ending.encode());
    return List.of(clients.chunks(), slots, List.of(control.toBytes()), assignments.chunks());
  }

  /**
   * Reads the parts that follow the application's.
   *
   * @throws IllegalArgumentException if they are none; a certified root rules that out
   */
  public static CheckpointParts of(List<List<byte[]>> parts) {
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
