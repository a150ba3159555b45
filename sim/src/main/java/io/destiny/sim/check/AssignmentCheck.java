package io.destiny.sim.check;

import io.destiny.core.machine.Effect;
import io.destiny.core.model.Assignment;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.TraceListener;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The assignment table in checkpoints (S15, 00-system-model §6): what it says of a client is what
 * that client asked for, versions only rise, and no client moves twice within 64 O-slots.
 */
public final class AssignmentCheck implements TraceListener {
  private static final int PART = 3;
  private static final long EVERY = 64;

  private record Asked(long client, long version, int home) {}

  private record Entry(long version, int home, long slot) {}

  private final Scope scope;
  private final Scope.Count s15;
  private final Set<Asked> asked = new HashSet<>();

  /** Each replica's table at the last checkpoint that it took. */
  private final Map<Integer, Map<Long, Entry>> last = new HashMap<>();

  private final Map<Integer, Long> lastSlot = new HashMap<>();

  public AssignmentCheck(Scope scope) {
    this.scope = scope;
    this.s15 = scope.count("S15");
  }

  @Override
  public void asked(ClientStub client, Assignment assignment) {
    asked(client.id(), assignment.version(), assignment.home());
  }

  void asked(long client, long version, int home) {
    asked.add(new Asked(client, version, home));
  }

  @Override
  public void released(int replica, long number, Effect effect) {
    if (!(effect instanceof Effect.TakeSnapshot t)
        || !scope.correct(replica)
        || t.parts().size() <= PART
        || t.slot() < lastSlot.getOrDefault(replica, 0L)) {
      return;
    }
    Map<Long, Entry> table = new TreeMap<>();
    try {
      boolean first = true;
      for (byte[] chunk : t.parts().get(PART)) {
        Reader r = new Reader(chunk);
        if (first) {
          r.u32();
          first = false;
        }
        while (r.remaining() > 0) {
          table.put(r.u64(), new Entry(r.u64(), r.u16(), r.u64()));
        }
      }
    } catch (MalformedException e) {
      throw new Violation("S15", "a checkpoint's assignments cannot be read");
    }
    Map<Long, Entry> before = last.getOrDefault(replica, Map.of());
    before.keySet().stream()
        .filter(client -> !table.containsKey(client))
        .forEach(client -> fail(replica, t.slot(), client, "is forgotten"));
    table.forEach((client, entry) -> judge(replica, t.slot(), client, before.get(client), entry));
    last.put(replica, table);
    lastSlot.put(replica, t.slot());
  }

  private void judge(int replica, long slot, long client, @Nullable Entry before, Entry now) {
    s15.checked++;
    if (!asked.contains(new Asked(client, now.version, now.home))) {
      fail(replica, slot, client, "was not asked for");
    }
    if (now.slot > slot) {
      fail(replica, slot, client, "is of a later slot");
    }
    if (before == null || before.equals(now)) {
      return;
    }
    if (now.version <= before.version) {
      fail(replica, slot, client, "went back to version " + now.version);
    }
    if (now.slot < before.slot + EVERY) {
      fail(replica, slot, client, "changed again after " + (now.slot - before.slot) + " slots");
    }
  }

  private static void fail(int replica, long slot, long client, String what) {
    throw new Violation(
        "S15",
        "R%d has checkpoint %d, in which the assignment of %x %s"
            .formatted(replica, slot, client, what));
  }
}
