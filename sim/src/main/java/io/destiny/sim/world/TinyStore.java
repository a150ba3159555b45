package io.destiny.sim.world;

import io.destiny.core.app.SnapshotSink;
import io.destiny.core.app.SnapshotSource;
import io.destiny.core.app.StateMachine;
import io.destiny.core.model.Command;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A small store for tests: {@code put:k=v}, {@code get:k}, {@code del:k}; anything else is echoed.
 * Its state includes a hash over all it was ever told, so that two stores are equal only if they
 * were told the same in the same order.
 */
public final class TinyStore implements StateMachine {
  /** Entries in a chunk: few, so that small tests have many chunks. */
  private static final int CHUNK_ENTRIES = 8;

  private final NavigableMap<String, String> entries = new TreeMap<>();
  private long position;
  private Digest history = Digest.of(new byte[0]);

  @Override
  public List<byte[]> apply(long place, long timeMillis, List<Command> commands) {
    position = place;
    List<byte[]> results = new ArrayList<>(commands.size());
    for (Command command : commands) {
      history =
          Digest.of(
              history.toBytes(),
              new Writer(32)
                  .u64(place)
                  .u64(timeMillis)
                  .u64(command.client())
                  .u64(command.timestamp())
                  .toBytes(),
              command.operation());
      String text = new String(command.operation(), StandardCharsets.UTF_8);
      results.add(apply(text).getBytes(StandardCharsets.UTF_8));
    }
    return results;
  }

  private String apply(String command) {
    if (command.startsWith("put:") && command.indexOf('=') > 0) {
      int equals = command.indexOf('=');
      String old = entries.put(command.substring(4, equals), command.substring(equals + 1));
      return old == null ? "new" : "was " + old;
    }
    if (command.startsWith("get:")) {
      return entries.getOrDefault(command.substring(4), "none");
    }
    if (command.startsWith("del:")) {
      String old = entries.remove(command.substring(4));
      return old == null ? "none" : "was " + old;
    }
    return command;
  }

  /** The position of the last batch applied. */
  public long position() {
    return position;
  }

  /** Equal iff the same commands were applied in the same order. */
  public Digest history() {
    return history;
  }

  @Override
  public SnapshotSource snapshot() {
    List<byte[]> chunks = new ArrayList<>();
    chunks.add(new Writer(40).u64(position).digest(history).toBytes());
    Writer w = new Writer(256);
    int held = 0;
    for (Map.Entry<String, String> e : entries.entrySet()) {
      w.bytes(e.getKey().getBytes(StandardCharsets.UTF_8));
      w.bytes(e.getValue().getBytes(StandardCharsets.UTF_8));
      if (++held == CHUNK_ENTRIES) {
        chunks.add(w.toBytes().clone());
        w = new Writer(256);
        held = 0;
      }
    }
    if (held > 0) {
      chunks.add(w.toBytes());
    }
    return new Cut(List.copyOf(chunks), chunks.stream().map(Digest::of).toList());
  }

  @Override
  public SnapshotSink restore() {
    return new Restoration();
  }

  private record Cut(List<byte[]> chunks, List<Digest> digests) implements SnapshotSource {
    @Override
    public byte[] chunk(int index) {
      return chunks.get(index);
    }
  }

  private final class Restoration implements SnapshotSink {
    private final NavigableMap<String, String> read = new TreeMap<>();
    private long place = -1;
    private Digest past = MISSING;

    @Override
    public void accept(byte[] chunk) {
      Reader r = new Reader(chunk);
      try {
        if (place < 0) {
          place = r.u64();
          past = r.digest();
        }
        while (r.remaining() > 0) {
          String key = new String(r.bytes(1 << 20), StandardCharsets.UTF_8);
          read.put(key, new String(r.bytes(1 << 20), StandardCharsets.UTF_8));
        }
      } catch (MalformedException e) {
        throw new IllegalArgumentException("no chunk of this store", e);
      }
    }

    @Override
    public void finish() {
      if (place < 0) {
        throw new IllegalArgumentException("a snapshot has at least one chunk");
      }
      entries.clear();
      entries.putAll(read);
      position = place;
      history = past;
    }
  }

  private static final Digest MISSING = Digest.of(new byte[0]);
}
