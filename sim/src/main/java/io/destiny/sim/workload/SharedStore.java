package io.destiny.sim.workload;

import io.destiny.core.app.SnapshotSink;
import io.destiny.core.app.SnapshotSource;
import io.destiny.core.app.StateMachine;
import io.destiny.core.model.Command;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store of which hundreds of replicas share one memory: what is applied to a history is applied
 * once, the first time, and every other replica that has that history and is given those commands
 * gets the same. A replica that is given others goes its own way and spoils nobody else's. Each
 * keeps its position and the hash of its history, which is all of its snapshot. A result depends on
 * its command and on all that was applied before.
 */
public final class SharedStore implements StateMachine {
  /** What all replicas of one world share: the last of those that were applied at a position. */
  private static final class Memory {
    final Map<Long, Applied> applied = new HashMap<>();
  }

  /**
   * What was applied at a position, and the history after it.
   *
   * @param other what else was applied there, to another history or with other commands
   */
  private record Applied(
      Digest before,
      Digest commands,
      long timeMillis,
      Digest after,
      List<byte[]> results,
      @Nullable Applied other) {
    boolean is(Digest history, Digest given, long time) {
      return before.equals(history) && commands.equals(given) && timeMillis == time;
    }
  }

  private final Memory memory;
  private long position;
  private Digest history = new Digest(0, 0, 0, 0);

  private SharedStore(Memory memory) {
    this.memory = memory;
  }

  /** Makes the stores of one world. */
  public static Supplier<StateMachine> world() {
    Memory memory = new Memory();
    return () -> new SharedStore(memory);
  }

  /** A store that shares its memory with none. */
  public static SharedStore alone() {
    return new SharedStore(new Memory());
  }

  /** The last position applied. */
  public long position() {
    return position;
  }

  /** Equal iff the same commands were applied in the same order. */
  public Digest history() {
    return history;
  }

  @Override
  public List<byte[]> apply(long at, long timeMillis, List<Command> commands) {
    Digest given = fingerprint(commands);
    Applied known = memory.applied.get(at);
    while (known != null && !known.is(history, given, timeMillis)) {
      known = known.other;
    }
    if (known == null) {
      Digest after =
          Digest.of(
              new Writer(128).digest(history).digest(given).u64(at).u64(timeMillis).toBytes());
      List<byte[]> results = results(after, commands);
      known = new Applied(history, given, timeMillis, after, results, memory.applied.get(at));
      memory.applied.put(at, known);
    }
    position = at;
    history = known.after;
    return known.results;
  }

  /** Two bytes each, so that a reply is as long as an "ok". */
  private static List<byte[]> results(Digest after, List<Command> commands) {
    List<byte[]> results = new ArrayList<>(commands.size());
    int state = after.hashCode();
    for (Command c : commands) {
      state = 31 * state + Arrays.hashCode(c.operation());
      state *= 0x9E3779B9;
      results.add(new byte[] {(byte) (state >>> 24), (byte) (state >>> 16)});
    }
    return results;
  }

  /** Over who sent what: a request's commands are known by its client and timestamp. */
  private static Digest fingerprint(List<Command> commands) {
    long a = commands.size();
    long b = 0x9E3779B97F4A7C15L;
    for (Command c : commands) {
      a = (a ^ c.client()) * 0x9E3779B97F4A7C15L + c.timestamp();
      b = Long.rotateLeft(b + c.timestamp(), 31) * 0xC2B2AE3D27D4EB4FL + c.operation().length;
    }
    return new Digest(a, b, 0, 0);
  }

  @Override
  public SnapshotSource snapshot() {
    byte[] chunk = new Writer(40).u64(position).digest(history).toBytes();
    return new Cut(chunk, List.of(Digest.of(chunk)));
  }

  private record Cut(byte[] only, List<Digest> digests) implements SnapshotSource {
    @Override
    public byte[] chunk(int index) {
      return only;
    }
  }

  @Override
  public SnapshotSink restore() {
    return new SnapshotSink() {
      private byte[] read = {};

      @Override
      public void accept(byte[] chunk) {
        read = chunk;
      }

      @Override
      public void finish() {
        try {
          Reader r = new Reader(read);
          position = r.u64();
          history = r.digest();
        } catch (MalformedException e) {
          throw new IllegalArgumentException("no chunk of this store", e);
        }
      }
    };
  }
}
