package io.destiny.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What clients asked a key-value store and were told, and whether some order explains it, key by
 * key. Lowe's just-in-time linearization: going through the history by time, all states are kept in
 * which the key can be, and an operation takes effect only when it, or one after it, has to.
 *
 * <p>Written apart from the replicas and from the simulator's check. Thread-safe.
 */
final class RegisterHistory {
  /** States of one key at a time, beyond which the search is given up. */
  private static final int MOST_STATES = 200_000;

  enum Kind {
    PUT,
    GET,
    SWAP
  }

  /** One operation; what is not answered may have taken effect at any time after its begin. */
  static final class Operation {
    private final Kind kind;
    private final @Nullable String expected;
    private final @Nullable String value;
    private boolean answered;
    private boolean swapped;
    private @Nullable String read;

    private Operation(Kind kind, @Nullable String expected, @Nullable String value) {
      this.kind = kind;
      this.expected = expected;
      this.value = value;
    }

    /** Whether a key that holds {@code state} can give the answer that was given. */
    private boolean explains(@Nullable String state) {
      if (!answered) {
        return true;
      }
      return switch (kind) {
        case PUT -> true;
        case GET -> equal(state, read);
        case SWAP -> swapped ? equal(state, expected) : fails(state);
      };
    }

    private boolean fails(@Nullable String state) {
      return !equal(state, expected) && equal(state, read);
    }

    private @Nullable String after(@Nullable String state) {
      return switch (kind) {
        case PUT -> value;
        case GET -> state;
        case SWAP -> equal(state, expected) ? value : state;
      };
    }

    @Override
    public String toString() {
      String answer =
          !answered ? "unknown" : kind == Kind.PUT || swapped ? "done" : String.valueOf(read);
      return "%s %s %s: %s".formatted(kind, expected, value, answer);
    }
  }

  private record Event(int operation, boolean begin) {}

  private static final class Key {
    final List<Operation> operations = new ArrayList<>();
    final List<Event> events = new ArrayList<>();
  }

  /**
   * @param early what has taken effect and was not answered by now
   */
  private record State(@Nullable String value, Set<Integer> early) {}

  /** A call under way. */
  final class Call {
    private final Key key;
    private final int number;

    private Call(Key key, int number) {
      this.key = key;
      this.number = number;
    }

    /** PUT was answered. */
    void done() {
      end(true, null);
    }

    /** GET was answered; null: no such key. */
    void found(@Nullable String value) {
      end(false, value);
    }

    /** SWAP was answered: it took effect. */
    void swapped() {
      end(true, null);
    }

    /** SWAP was answered: it found {@code actual} instead. */
    void different(@Nullable String actual) {
      end(false, actual);
    }

    private void end(boolean done, @Nullable String read) {
      synchronized (RegisterHistory.this) {
        Operation o = key.operations.get(number);
        o.answered = true;
        o.swapped = done && o.kind == Kind.SWAP;
        o.read = read;
        key.events.add(new Event(number, false));
      }
    }
  }

  private final Map<String, Key> keys = new TreeMap<>();

  /** PUT begins: to be called before it is sent. */
  Call put(String key, String value) {
    return begin(key, new Operation(Kind.PUT, null, value));
  }

  /** GET begins: to be called before it is sent. */
  Call get(String key) {
    return begin(key, new Operation(Kind.GET, null, null));
  }

  /** Compare-and-set begins: to be called before it is sent. */
  Call swap(String key, @Nullable String expected, String value) {
    return begin(key, new Operation(Kind.SWAP, expected, value));
  }

  private synchronized Call begin(String name, Operation operation) {
    Key key = keys.computeIfAbsent(name, k -> new Key());
    key.operations.add(operation);
    int number = key.operations.size() - 1;
    key.events.add(new Event(number, true));
    return new Call(key, number);
  }

  /** How many operations were answered. */
  synchronized int answered() {
    int answered = 0;
    for (Key key : keys.values()) {
      answered += (int) key.operations.stream().filter(o -> o.answered).count();
    }
    return answered;
  }

  /**
   * Why no order explains the history, or null if one does.
   *
   * @throws IllegalStateException if the search takes too long
   */
  synchronized @Nullable String fault() {
    for (Map.Entry<String, Key> e : keys.entrySet()) {
      Operation inexplicable = judge(e.getValue());
      if (inexplicable != null) {
        return "key %s: no order explains %s".formatted(e.getKey(), inexplicable);
      }
    }
    return null;
  }

  private static @Nullable Operation judge(Key key) {
    Set<State> states = Set.of(new State(null, Set.of()));
    Set<Integer> open = new TreeSet<>();
    for (Event event : key.events) {
      if (event.begin) {
        open.add(event.operation);
        continue;
      }
      states = ended(key.operations, open, states, event.operation);
      open.remove(event.operation);
      if (states.isEmpty()) {
        return key.operations.get(event.operation);
      }
    }
    return null;
  }

  /** The states in which {@code last} has taken effect, from those before it was answered. */
  private static Set<State> ended(
      List<Operation> operations, Set<Integer> open, Set<State> states, int last) {
    Set<State> after = new HashSet<>();
    Set<State> seen = new HashSet<>(states);
    List<State> work = new ArrayList<>(states);
    while (!work.isEmpty()) {
      State state = work.removeLast();
      if (state.early.contains(last)) {
        Set<Integer> early = new TreeSet<>(state.early);
        early.remove(last);
        after.add(new State(state.value, early));
        continue;
      }
      for (int i : open) {
        Operation o = operations.get(i);
        if (!state.early.contains(i) && o.explains(state.value)) {
          Set<Integer> early = new TreeSet<>(state.early);
          early.add(i);
          State next = new State(o.after(state.value), early);
          if (seen.add(next)) {
            work.add(next);
          }
        }
      }
      if (seen.size() > MOST_STATES) {
        throw new IllegalStateException("too many operations at a time for one key");
      }
    }
    return after;
  }

  private static boolean equal(@Nullable String a, @Nullable String b) {
    return a == null ? b == null : a.equals(b);
  }
}
