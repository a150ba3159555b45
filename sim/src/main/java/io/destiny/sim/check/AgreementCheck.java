package io.destiny.sim.check;

import io.destiny.core.machine.Effect;
import io.destiny.sim.world.TraceListener;
import java.util.HashMap;
import java.util.Map;

/**
 * What is executed at a place is the same slot everywhere, and a slot has one place (S1, S2, S4).
 * Reads what replicas note when they execute.
 */
public final class AgreementCheck implements TraceListener {
  private record Slot(int instance, long slot) {}

  private record Ordered(Slot slot, int commands, int first) {}

  private final Map<Long, Ordered> byPosition = new HashMap<>();
  private final Map<Slot, Long> bySlot = new HashMap<>();
  private final Map<Integer, Map<Integer, Long>> last = new HashMap<>();

  @Override
  public void started(int replica) {
    last.remove(replica);
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    if (effect instanceof Effect.Note(Effect.Event.Ordered e)) {
      Slot slot = new Slot(e.instance(), e.slot());
      Ordered known =
          byPosition.putIfAbsent(e.position(), new Ordered(slot, e.commands(), replica));
      if (known != null && (!known.slot.equals(slot) || known.commands != e.commands())) {
        throw new Violation(
            "agreement",
            "R%d has %s with %d commands at place %d, R%d has %s with %d"
                .formatted(
                    replica,
                    slot,
                    e.commands(),
                    e.position(),
                    known.first,
                    known.slot,
                    known.commands));
      }
      Long place = bySlot.putIfAbsent(slot, e.position());
      if (place != null && place != e.position()) {
        throw new Violation(
            "agreement", "%s stands at %d and at %d".formatted(slot, place, e.position()));
      }
      inOrder(replica, slot);
    }
  }

  /** In one life a replica executes an instance's slots in increasing order, each once. */
  private void inOrder(int replica, Slot slot) {
    Map<Integer, Long> slots = last.computeIfAbsent(replica, r -> new HashMap<>());
    Long before = slots.put(slot.instance, slot.slot);
    if (before != null && before >= slot.slot) {
      throw new Violation(
          "order", "R%d executes %s after slot %d".formatted(replica, slot, before));
    }
  }
}
