package io.destiny.node.toy;

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

/** Keeps every command as a line; a chunk holds two of them. A line "poison" is not restored. */
public final class ToyMachine implements StateMachine {
  private final List<String> lines = new ArrayList<>();

  public synchronized List<String> lines() {
    return List.copyOf(lines);
  }

  @Override
  public synchronized List<byte[]> apply(long position, long timeMillis, List<Command> commands) {
    List<byte[]> results = new ArrayList<>();
    for (Command command : commands) {
      lines.add(new String(command.operation(), StandardCharsets.UTF_8));
      results.add(("line " + lines.size()).getBytes(StandardCharsets.UTF_8));
    }
    return results;
  }

  @Override
  public synchronized SnapshotSource snapshot() {
    List<byte[]> chunks = new ArrayList<>();
    for (int i = 0; i < lines.size(); i += 2) {
      List<String> some = lines.subList(i, Math.min(i + 2, lines.size()));
      Writer w = new Writer(64).u8(some.size());
      some.forEach(line -> w.bytes(line.getBytes(StandardCharsets.UTF_8)));
      chunks.add(w.toBytes());
    }
    return new Cut(List.copyOf(chunks));
  }

  private record Cut(List<byte[]> chunks) implements SnapshotSource {
    @Override
    public List<Digest> digests() {
      return chunks.stream().map(chunk -> Digest.of(chunk)).toList();
    }

    @Override
    public byte[] chunk(int index) {
      return chunks.get(index);
    }
  }

  @Override
  public SnapshotSink restore() {
    return new Restore();
  }

  private final class Restore implements SnapshotSink {
    private final List<String> restored = new ArrayList<>();

    @Override
    public void accept(byte[] chunk) {
      try {
        Reader r = new Reader(chunk);
        int count = r.u8();
        for (int i = 0; i < count; i++) {
          restored.add(new String(r.bytes(1024), StandardCharsets.UTF_8));
        }
        r.end();
      } catch (MalformedException e) {
        throw new IllegalArgumentException(e);
      }
      if (restored.contains("poison")) {
        throw new IllegalArgumentException("poison");
      }
    }

    @Override
    public void finish() {
      synchronized (ToyMachine.this) {
        lines.clear();
        lines.addAll(restored);
      }
    }
  }
}
