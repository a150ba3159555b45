package io.destiny.sim.check;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.model.Command;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.Writer;
import io.destiny.sim.world.TraceListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All replicas apply the same commands at the same place, with the same results, without gaps (S5),
 * and no request takes effect twice (S7). Equal checkpoints have equal states (S15).
 */
public final class ExecutionCheck implements TraceListener {
  private record Call(long client, long timestamp) {}

  private record Part(long slot, int part) {}

  private final Map<Long, Digest> batches = new HashMap<>();
  private final Map<Long, List<Command>> commands = new HashMap<>();
  private final Map<Long, Digest> results = new HashMap<>();
  private final Map<Call, Long> calls = new HashMap<>();
  private final Map<Call, List<byte[]>> outcomes = new HashMap<>();
  private final Map<Long, Digest> snapshots = new TreeMap<>();
  private final Map<Part, Digest> parts = new HashMap<>();
  private final Map<Integer, Long> next = new HashMap<>();

  @Override
  public void started(int replica) {
    next.remove(replica);
  }

  @Override
  public void released(int replica, long number, Effect effect) {
    if (effect instanceof Effect.Execute e) {
      contiguous(replica, e.position());
      Digest digest = digest(e);
      Digest known = batches.putIfAbsent(e.position(), digest);
      if (known != null && !known.equals(digest)) {
        throw new Violation(
            "order", "R%d applies another batch at %d".formatted(replica, e.position()));
      }
      if (known == null) {
        commands.put(e.position(), e.commands());
        once(e);
      }
    } else if (effect instanceof Effect.TakeSnapshot t) {
      for (int part = 0; part < t.parts().size(); part++) {
        samePart(replica, t.slot(), part + 1, t.parts().get(part));
      }
    }
  }

  private void samePart(int replica, long slot, int part, List<byte[]> chunks) {
    Writer w = new Writer(256);
    chunks.forEach(w::bytes);
    Digest digest = Digest.of(w.toBytes());
    Digest known = parts.putIfAbsent(new Part(slot, part), digest);
    if (known != null && !known.equals(digest)) {
      throw new Violation(
          "state",
          "R%d has another part %d of the state at checkpoint %d".formatted(replica, part, slot));
    }
  }

  private void contiguous(int replica, long position) {
    Long last = next.put(replica, position);
    if (last != null && position <= last) {
      throw new Violation("order", "R%d applies %d after %d".formatted(replica, position, last));
    }
  }

  private void once(Effect.Execute e) {
    for (Command c : e.commands()) {
      Long before = calls.putIfAbsent(new Call(c.client(), c.timestamp()), e.position());
      if (before != null && before != e.position()) {
        throw new Violation(
            "once",
            "request %x/%d takes effect at %d and at %d"
                .formatted(c.client(), c.timestamp(), before, e.position()));
      }
    }
  }

  private static Digest digest(Effect.Execute e) {
    Writer w = new Writer(256).u64(e.timeMillis()).u32(e.commands().size());
    e.commands().forEach(c -> w.u64(c.client()).u64(c.timestamp()).bytes(c.operation()));
    return Digest.of(w.toBytes());
  }

  @Override
  public void input(int replica, Input input) {
    switch (input) {
      case Input.Executed e -> executed(replica, e);
      case Input.Snapshot(Input.SnapshotEvent.Taken taken) -> taken(replica, taken);
      case Input.Snapshot(Input.SnapshotEvent.Installed installed) -> next.remove(replica);
      default -> {}
    }
  }

  private void executed(int replica, Input.Executed e) {
    Writer w = new Writer(256);
    e.results().forEach(w::bytes);
    Digest digest = Digest.of(w.toBytes());
    Digest known = results.putIfAbsent(e.position(), digest);
    if (known != null && !known.equals(digest)) {
      throw new Violation(
          "results", "R%d has other results at %d".formatted(replica, e.position()));
    }
    List<Command> batch = commands.get(e.position());
    if (known == null && batch != null) {
      for (int i = 0; i < batch.size(); i++) {
        Command c = batch.get(i);
        outcomes
            .computeIfAbsent(new Call(c.client(), c.timestamp()), k -> new ArrayList<>())
            .add(e.results().get(i));
      }
    }
  }

  private void taken(int replica, Input.SnapshotEvent.Taken taken) {
    Writer w = new Writer(256);
    taken.application().forEach(w::digest);
    Digest digest = Digest.of(w.toBytes());
    Digest known = snapshots.putIfAbsent(taken.slot(), digest);
    if (known != null && !known.equals(digest)) {
      throw new Violation(
          "state", "R%d has another state at checkpoint %d".formatted(replica, taken.slot()));
    }
  }

  /** The results of a request's commands where it took effect; null if it never did. */
  @Nullable List<byte[]> outcome(long client, long timestamp) {
    return outcomes.get(new Call(client, timestamp));
  }

  /** Places at which something was applied by any replica. */
  public int places() {
    return batches.size();
  }
}
