package io.destiny.sim.workload;

import io.destiny.core.app.SnapshotSink;
import io.destiny.core.app.SnapshotSource;
import io.destiny.core.app.StateMachine;
import io.destiny.core.model.Command;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A store of which hundreds of replicas share one memory: what is applied at a position is applied
 * once, the first time, and every other replica is held to have been given the very same commands.
 * Each replica keeps its position and the hash of its history, which is all of its snapshot.
 */
public final class SharedStore implements StateMachine {
  /** What all replicas of one world share. */
  private static final class Memory {
    final Map<Long, Applied> applied = new HashMap<>();
  }

  /** What was applied at a position, and the history after it. */
  private record Applied(
      Digest before, Digest commands, long timeMillis, Digest after, List<byte[]> results) {}

  /** The answer to every put. */
  private static final byte[] OK = {'o', 'k'};

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

  /** The last position applied. */
  public long position() {
    return position;
  }

  /** Equal iff the same commands were applied in the same order. */
  public Digest history() {
    return history;
  }

  /**
   * @throws IllegalStateException if another replica applied something else at this position, or
   *     came from another history
   */
  @Override
  public List<byte[]> apply(long at, long timeMillis, List<Command> commands) {
    Digest given = fingerprint(commands);
    Applied known = memory.applied.get(at);
    if (known == null) {
      Digest after =
          Digest.of(
              new Writer(128).digest(history).digest(given).u64(at).u64(timeMillis).toBytes());
      List<byte[]> results = Collections.nCopies(commands.size(), OK);
      known = new Applied(history, given, timeMillis, after, results);
      memory.applied.put(at, known);
    } else if (!known.before.equals(history)
        || !known.commands.equals(given)
        || known.timeMillis != timeMillis) {
      throw new IllegalStateException("two replicas apply different commands at " + at);
    }
    position = at;
    history = known.after;
    return known.results;
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
