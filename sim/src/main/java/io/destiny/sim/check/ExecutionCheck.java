package io.destiny.sim.check;

import io.destiny.core.app.StateMachine;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.model.Command;
import io.destiny.sim.world.TraceListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Correct replicas apply the same commands at the same place, without going back, with the results
 * of a reference executor of its own (S5); no request takes effect twice (S7).
 */
public final class ExecutionCheck implements TraceListener {
  private record Call(long client, long timestamp) {}

  /** What was applied at a place, by whoever came first, and what the reference makes of it. */
  private record Place(long timeMillis, List<Command> commands, List<byte[]> results) {}

  /** Where a request took effect. */
  record Effected(long position, List<byte[]> results) {}

  private final Scope scope;
  private final Scope.Count s5;
  private final Scope.Count s7;
  private final StateMachine reference;
  private final Map<Long, Place> places = new HashMap<>();
  private final Map<Call, Effected> calls = new HashMap<>();
  private final Map<Integer, Long> next = new HashMap<>();

  /** By client, the highest timestamp that took effect. */
  private final Map<Long, Long> last = new HashMap<>();

  private long referenceAt;

  /**
   * @param reference an empty application that no replica has
   */
  public ExecutionCheck(Scope scope, StateMachine reference) {
    this.scope = scope;
    this.reference = reference;
    this.s5 = scope.count("S5");
    this.s7 = scope.count("S7");
  }

  @Override
  public void started(int replica) {
    next.remove(replica);
  }

  @Override
  public void released(int replica, long number, Effect effect) {
    if (!(effect instanceof Effect.Execute e) || !scope.correct(replica)) {
      return;
    }
    s5.checked++;
    Long last = next.put(replica, e.position());
    if (last != null && e.position() <= last) {
      throw new Violation("S5", "R%d applies %d after %d".formatted(replica, e.position(), last));
    }
    Place known = places.get(e.position());
    if (known == null) {
      first(replica, e);
    } else if (known.timeMillis != e.timeMillis() || !same(known.commands, e.commands())) {
      throw new Violation("S5", "R%d applies another batch at %d".formatted(replica, e.position()));
    }
  }

  /** The first to come to a place: all before it were applied by somebody. */
  private void first(int replica, Effect.Execute e) {
    if (e.position() <= referenceAt) {
      throw new Violation(
          "S5",
          "R%d applies something at %d, others went past it".formatted(replica, e.position()));
    }
    referenceAt = e.position();
    List<byte[]> results = reference.apply(e.position(), e.timeMillis(), e.commands());
    places.put(e.position(), new Place(e.timeMillis(), e.commands(), results));
    for (int i = 0; i < e.commands().size(); i++) {
      effected(e, i, results.get(i));
    }
  }

  private void effected(Effect.Execute e, int i, byte[] result) {
    Command c = e.commands().get(i);
    s7.checked++;
    last.merge(c.client(), c.timestamp(), Math::max);
    Effected known =
        calls.computeIfAbsent(
            new Call(c.client(), c.timestamp()),
            k -> new Effected(e.position(), new ArrayList<>()));
    boolean group =
        i > 0
            && e.commands().get(i - 1).client() == c.client()
            && e.commands().get(i - 1).timestamp() == c.timestamp();
    if (known.position != e.position() || (!known.results.isEmpty() && !group)) {
      throw new Violation(
          "S7",
          "request %x/%d takes effect at %d and at %d"
              .formatted(c.client(), c.timestamp(), known.position, e.position()));
    }
    known.results.add(result);
  }

  private static boolean same(List<Command> a, List<Command> b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      Command x = a.get(i);
      Command y = b.get(i);
      if (x.client() != y.client()
          || x.timestamp() != y.timestamp()
          || !Arrays.equals(x.operation(), y.operation())) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void input(int replica, Input input) {
    if (!scope.correct(replica)) {
      return;
    }
    if (input instanceof Input.Executed e) {
      results(replica, e);
    } else if (input instanceof Input.Snapshot(Input.SnapshotEvent.Installed installed)) {
      next.remove(replica);
    }
  }

  private void results(int replica, Input.Executed e) {
    Place place = places.get(e.position());
    if (place == null || !equal(place.results, e.results())) {
      throw new Violation(
          "S5", "R%d has other results at %d than the reference".formatted(replica, e.position()));
    }
  }

  private static boolean equal(List<byte[]> a, List<byte[]> b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (!Arrays.equals(a.get(i), b.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** The client's highest timestamp that took effect, -1: none did. */
  long last(long client) {
    return last.getOrDefault(client, -1L);
  }

  /** Where a request took effect and with which results; null if it never did. */
  @Nullable Effected effected(long client, long timestamp) {
    return calls.get(new Call(client, timestamp));
  }
}
