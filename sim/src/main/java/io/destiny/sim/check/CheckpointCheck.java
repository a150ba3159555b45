package io.destiny.sim.check;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.TraceListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checkpoints at one O-slot are equal byte for byte (S15, S20); a transferred one is one that was
 * taken, and not older than the own stable one (S16); a log is only cut where a checkpoint stands
 * that f+1 correct replicas have (S17); and whoever votes for one has it on its disk (S11).
 */
public final class CheckpointCheck implements TraceListener {
  /** A checkpoint as the first to take it has it. */
  private static final class Taken {
    final Set<Integer> holders = new HashSet<>();
    @Nullable Digest application;
    @Nullable Digest parts;
    long[] executed = {};
  }

  /** The chunks that one replica has fetched so far. */
  private static final class Installing {
    final List<List<byte[]>> parts = new ArrayList<>();

    List<byte[]> part(int number) {
      while (parts.size() <= number) {
        parts.add(new ArrayList<>());
      }
      return parts.get(number);
    }

    void add(int number, byte[] chunk) {
      part(number).add(chunk);
    }
  }

  private final Scope scope;
  private final Scope.Count s11;
  private final Scope.Count s15;
  private final Scope.Count s16;
  private final Scope.Count s17;
  private final Scope.Count s20;
  private final Map<Long, Taken> taken = new HashMap<>();
  private final Map<Integer, Long> stable = new HashMap<>();
  private final Map<Integer, Set<Long>> durable = new HashMap<>();
  private final Map<Integer, Installing> installs = new HashMap<>();

  public CheckpointCheck(Scope scope) {
    this.scope = scope;
    this.s11 = scope.count("S11");
    this.s15 = scope.count("S15");
    this.s16 = scope.count("S16");
    this.s17 = scope.count("S17");
    this.s20 = scope.count("S20");
  }

  private Taken at(long slot) {
    return taken.computeIfAbsent(slot, s -> new Taken());
  }

  @Override
  public void released(int replica, long number, Effect effect) {
    if (effect instanceof Effect.TakeSnapshot t && scope.correct(replica)) {
      s15.checked++;
      Taken known = at(t.slot());
      Digest digest = digest(t.parts());
      if (known.parts == null) {
        known.parts = digest;
        known.executed = executed(t.parts());
      } else if (!known.parts.equals(digest)) {
        throw new Violation(
            "S15", "R%d has another state at checkpoint %d".formatted(replica, t.slot()));
      }
      known.holders.add(replica);
    }
  }

  private static Digest digest(List<List<byte[]>> parts) {
    Writer w = new Writer(1024);
    for (List<byte[]> part : parts) {
      w.u32(part.size());
      part.forEach(w::bytes);
    }
    return Digest.of(w.toBytes());
  }

  /** exec[·], read here once more: each chunk of the second part is instance u16, slot u64. */
  private static long[] executed(List<List<byte[]>> parts) {
    if (parts.size() < 2) {
      return new long[0];
    }
    List<Long> slots = new ArrayList<>();
    for (byte[] chunk : parts.get(1)) {
      try {
        Reader r = new Reader(chunk);
        r.u16();
        slots.add(r.u64());
      } catch (MalformedException e) {
        throw new Violation("S15", "a checkpoint's executed slots cannot be read");
      }
    }
    return slots.stream().mapToLong(Long::longValue).toArray();
  }

  /** A vote for a checkpoint leaves when the snapshot could be handed out after a power failure. */
  @Override
  public void sent(int from, int to, Frame frame) {
    if (frame.kind().equals("CheckpointSig") && scope.correct(from)) {
      s11.checked++;
      if (!durable.getOrDefault(from, Set.of()).contains(frame.sequence())) {
        throw new Violation(
            "S11",
            "R%d votes for checkpoint %d, which is not durable there"
                .formatted(from, frame.sequence()));
      }
    }
  }

  @Override
  public void input(int replica, Input input) {
    if (input instanceof Input.Started s) {
      // Also what became durable in an earlier life and nobody was told of.
      Set<Long> there = durable.computeIfAbsent(replica, r -> new HashSet<>());
      s.earlier().forEach(saved -> there.add(saved.slot()));
      Input.SavedCheckpoint newest = s.checkpoint();
      if (newest != null) {
        there.add(newest.slot());
      }
    }
    if (!(input instanceof Input.Snapshot(Input.SnapshotEvent event)) || !scope.correct(replica)) {
      return;
    }
    if (event instanceof Input.SnapshotEvent.Taken t) {
      Writer w = new Writer(256);
      t.application().forEach(w::digest);
      Digest digest = Digest.of(w.toBytes());
      Taken known = at(t.slot());
      s20.checked++;
      if (known.application == null) {
        known.application = digest;
      } else if (!known.application.equals(digest)) {
        throw new Violation(
            "S20", "R%d has other bytes at checkpoint %d".formatted(replica, t.slot()));
      }
    } else if (event instanceof Input.SnapshotEvent.Durable d) {
      durable.computeIfAbsent(replica, r -> new HashSet<>()).add(d.slot());
    } else if (event instanceof Input.SnapshotEvent.Installed i) {
      installed(replica, i.slot());
    }
  }

  /** What is installed is what was taken there, chunk by chunk. */
  private void installing(int replica, long slot) {
    Installing all = installs.remove(replica);
    Taken known = taken.get(slot);
    if (all == null || known == null || known.parts == null || known.application == null) {
      return;
    }
    s16.checked++;
    Writer w = new Writer(256);
    all.part(0).forEach(chunk -> w.digest(Digest.of(chunk)));
    List<List<byte[]>> rest = new ArrayList<>();
    for (int p = 1; p < all.parts.size(); p++) {
      rest.add(all.part(p));
    }
    if (!Digest.of(w.toBytes()).equals(known.application) || !digest(rest).equals(known.parts)) {
      throw new Violation(
          "S16", "R%d installs something else than checkpoint %d".formatted(replica, slot));
    }
  }

  private void installed(int replica, long slot) {
    durable.computeIfAbsent(replica, r -> new HashSet<>()).add(slot);
    s16.checked++;
    if (at(slot).holders.isEmpty()) {
      throw new Violation(
          "S16", "R%d installs checkpoint %d, which nobody took".formatted(replica, slot));
    }
    if (slot < stable.getOrDefault(replica, 0L)) {
      throw new Violation(
          "S16",
          "R%d installs checkpoint %d below its stable one, %d"
              .formatted(replica, slot, stable.get(replica)));
    }
    at(slot).holders.add(replica);
  }

  /** What it held as stable is gone with its disk. */
  @Override
  public void wiped(int replica) {
    stable.remove(replica);
    durable.remove(replica);
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    if (!scope.correct(replica)) {
      return;
    }
    Installing installing = installs.get(replica);
    switch (effect) {
      case Effect.BeginInstall b -> installs.put(replica, new Installing());
      case Effect.InstallChunk c when installing != null -> installing.add(c.part(), c.chunk());
      case Effect.FinishInstall f when installing != null -> installing(replica, f.slot());
      default -> {}
    }
    if (effect instanceof Effect.Forget f) {
      s17.checked++;
      if (f.upTo() > 0 && !covered(f.instance(), f.upTo())) {
        throw new Violation(
            "S17",
            "R%d cuts the log of %s at %d, where no checkpoint of f+1 replicas stands"
                .formatted(replica, Instances.name(f.instance()), f.upTo()));
      }
    } else if (effect instanceof Effect.Note(Effect.Event.Gauge g)
        && g.name().equals("checkpoint_stable")) {
      stable.merge(replica, g.value(), Math::max);
    }
  }

  private boolean covered(int instance, long upTo) {
    if (Instances.orders(instance)) {
      return held(taken.get(upTo));
    }
    return taken.values().stream()
        .anyMatch(t -> held(t) && instance < t.executed.length && t.executed[instance] == upTo);
  }

  /** Byzantine replicas may be among those that vouch, so that f fewer correct ones hold it. */
  private boolean held(@Nullable Taken t) {
    int faulty = 0;
    for (int i = 0; i < scope.n(); i++) {
      faulty += scope.correct(i) ? 0 : 1;
    }
    return t != null && t.holders.size() >= Math.max(1, scope.weak() - faulty);
  }

  /** For people who read a failing test. */
  @Override
  public String toString() {
    return "checkpoints at " + Arrays.toString(taken.keySet().stream().sorted().toArray());
  }
}
