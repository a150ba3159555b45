package io.destiny.sim.check;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.sim.world.TraceListener;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * At each slot of an instance one digest is ever committed by correct replicas, over all views and
 * restarts (S1 for D-instances, S2 for the O-instance and other pillars); executed slots of an
 * instance are contiguous and increasing, once each, and committed first (S4); a place in the order
 * has the same slot everywhere (S5).
 */
public final class AgreementCheck implements TraceListener {
  /** The oracle of agreement in D-instances; S2 is that of the order. */
  public static final String OWNED = "S1";

  private record Ordered(int instance, long slot, int commands, int first) {}

  /** The digests committed in one instance, by slot. */
  private static final class Committed {
    @Nullable Digest[] digests = new Digest[64];

    @Nullable Digest put(long slot, Digest digest) {
      int i = Math.toIntExact(slot);
      if (i >= digests.length) {
        digests = Arrays.copyOf(digests, Math.max(i + 1, 2 * digests.length));
      }
      Digest known = digests[i];
      if (known == null) {
        digests[i] = digest;
      }
      return known;
    }

    boolean has(long slot) {
      return slot < digests.length && digests[(int) slot] != null;
    }
  }

  private final Scope scope;
  private final Scope.Count s1;
  private final Scope.Count s2;
  private final Scope.Count s4;
  private final Scope.Count s5;
  private final Map<Integer, Committed> committed = new HashMap<>();
  private final Map<Long, Ordered> byPosition = new HashMap<>();
  private final Map<Integer, Map<Long, Long>> bySlot = new HashMap<>();

  /** Per replica and instance, the last slot executed in this life. */
  private final Map<Integer, Map<Integer, Long>> last = new HashMap<>();

  public AgreementCheck(Scope scope) {
    this.scope = scope;
    this.s1 = scope.count(OWNED);
    this.s2 = scope.count("S2");
    this.s4 = scope.count("S4");
    this.s5 = scope.count("S5");
  }

  @Override
  public void started(int replica) {
    last.remove(replica);
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    if (!(effect instanceof Effect.Note(Effect.Event event)) || !scope.correct(replica)) {
      return;
    }
    if (event instanceof Effect.Event.Committed c) {
      committed(replica, c);
    } else if (event instanceof Effect.Event.Ordered o) {
      ordered(replica, o);
    }
  }

  private void committed(int replica, Effect.Event.Committed c) {
    boolean order = Instances.orders(c.instance());
    (order ? s2 : s1).checked++;
    Digest known =
        committed.computeIfAbsent(c.instance(), i -> new Committed()).put(c.slot(), c.value());
    if (known != null && !known.equals(c.value())) {
      throw new Violation(
          order ? "S2" : OWNED,
          "R%d commits %s at slot %d of %s, another correct replica %s"
              .formatted(replica, c.value(), c.slot(), Instances.name(c.instance()), known));
    }
  }

  private void ordered(int replica, Effect.Event.Ordered e) {
    s5.checked++;
    Ordered known = byPosition.get(e.position());
    if (known == null) {
      byPosition.put(e.position(), new Ordered(e.instance(), e.slot(), e.commands(), replica));
    } else if (known.instance != e.instance()
        || known.slot != e.slot()
        || known.commands != e.commands()) {
      throw new Violation(
          "S5",
          "R%d has slot %d of D%d with %d commands at place %d, R%d has slot %d of D%d with %d"
              .formatted(
                  replica,
                  e.slot(),
                  e.instance(),
                  e.commands(),
                  e.position(),
                  known.first,
                  known.slot,
                  known.instance,
                  known.commands));
    }
    Long place =
        bySlot
            .computeIfAbsent(e.instance(), i -> new HashMap<>())
            .putIfAbsent(e.slot(), e.position());
    s4.checked++;
    if (place != null && place != e.position()) {
      throw new Violation(
          "S4",
          "slot %d of D%d stands at %d and at %d"
              .formatted(e.slot(), e.instance(), place, e.position()));
    }
    contiguous(replica, e);
  }

  /** In one life a replica executes an instance's slots one after the other, after they commit. */
  private void contiguous(int replica, Effect.Event.Ordered e) {
    Long before = last.computeIfAbsent(replica, r -> new HashMap<>()).put(e.instance(), e.slot());
    if (before != null && before + 1 != e.slot()) {
      throw new Violation(
          "S4",
          "R%d executes slot %d of D%d after %d"
              .formatted(replica, e.slot(), e.instance(), before));
    }
    Committed c = committed.get(e.instance());
    if (c == null || !c.has(e.slot())) {
      throw new Violation(
          "S4",
          "R%d executes slot %d of D%d, which no correct replica committed"
              .formatted(replica, e.slot(), e.instance()));
    }
  }

  /** State transfer skips slots; what it brought is judged by S15 and S16. */
  @Override
  public void input(int replica, Input input) {
    if (input instanceof Input.Snapshot(Input.SnapshotEvent.Installed i)) {
      last.remove(replica);
    }
  }
}
