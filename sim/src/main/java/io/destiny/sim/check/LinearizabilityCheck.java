package io.destiny.sim.check;

import io.destiny.core.model.Request;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.TraceListener;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The complete history of all clients is linearizable, key by key (S9): the search of Wing and Gong
 * with Lowe's memory, blind to where the replicas say a request took effect. A request without an
 * answer may have taken effect at any time after it was signed, or never. Knows the commands of the
 * small store.
 */
public final class LinearizabilityCheck implements TraceListener {
  /** States visited for one key; a search that needs more is given up, and that is counted. */
  private static final int MOST_STATES = 20_000;

  private static final long NEVER = Long.MAX_VALUE;

  private enum Kind {
    PUT,
    GET,
    DELETE
  }

  private static final class Operation {
    final Kind kind;
    final @Nullable String value;
    final long begun;
    long ended = NEVER;
    @Nullable String result;

    Operation(Kind kind, @Nullable String value, long begun) {
      this.kind = kind;
      this.value = value;
      this.begun = begun;
    }

    /** What the key holds after it. */
    @Nullable String after(@Nullable String before) {
      return kind == Kind.GET ? before : value;
    }

    /** What a store that holds {@code before} answers. */
    String answer(@Nullable String before) {
      return switch (kind) {
        case PUT -> before == null ? "new" : "was " + before;
        case GET -> before == null ? "none" : before;
        case DELETE -> before == null ? "none" : "was " + before;
      };
    }
  }

  private record Call(long client, long timestamp) {}

  private record State(BitSet done, @Nullable String value) {}

  private final Scope.Count s9;
  private final Scope.Count givenUp;
  private final Map<String, List<Operation>> keys = new HashMap<>();
  private final Map<Call, List<@Nullable Operation>> open = new HashMap<>();

  public LinearizabilityCheck(Scope scope) {
    this.s9 = scope.count("S9");
    this.givenUp = scope.count("S9 given up");
  }

  @Override
  public void issued(ClientStub client, Request request) {
    issued(request, client.now());
  }

  void issued(Request request, long now) {
    List<@Nullable Operation> operations = new ArrayList<>();
    for (byte[] command : request.commands()) {
      operations.add(parse(new String(command, StandardCharsets.UTF_8), now));
    }
    open.put(new Call(request.client(), request.timestamp()), operations);
  }

  private @Nullable Operation parse(String text, long now) {
    int colon = text.indexOf(':');
    int equals = text.indexOf('=');
    String kind = colon < 0 ? "" : text.substring(0, colon);
    String rest = text.substring(colon + 1);
    Operation o =
        switch (kind) {
          case "put" ->
              equals > 0 ? new Operation(Kind.PUT, text.substring(equals + 1), now) : null;
          case "get" -> new Operation(Kind.GET, null, now);
          case "del" -> new Operation(Kind.DELETE, null, now);
          default -> null;
        };
    if (o != null) {
      String key = o.kind == Kind.PUT ? text.substring(colon + 1, equals) : rest;
      keys.computeIfAbsent(key, k -> new ArrayList<>()).add(o);
    }
    return o;
  }

  @Override
  public void accepted(ClientStub client, ClientStub.Accepted answer) {
    answered(answer.request(), answer.results(), answer.at());
  }

  void answered(Request request, List<byte[]> results, long now) {
    List<@Nullable Operation> operations =
        open.remove(new Call(request.client(), request.timestamp()));
    if (operations == null || operations.size() != results.size()) {
      // STALE tells nothing of whether it took effect.
      return;
    }
    for (int i = 0; i < operations.size(); i++) {
      Operation o = operations.get(i);
      if (o != null) {
        o.ended = now;
        o.result = new String(results.get(i), StandardCharsets.UTF_8);
      }
    }
  }

  /**
   * Judges all keys.
   *
   * @throws Violation naming S9 if there is no order of a key's operations that explains the
   *     answers
   */
  void finish() {
    keys.forEach(
        (key, operations) -> {
          Search search = new Search(operations);
          if (search.possible(new BitSet(), null)) {
            s9.checked++;
          } else if (search.states.size() < MOST_STATES) {
            throw new Violation(
                "S9",
                "no order explains what clients were told about %s in %d operations"
                    .formatted(key, operations.size()));
          } else {
            givenUp.checked++;
          }
        });
  }

  private static final class Search {
    /** By their ends: what ended first comes first most of the time. */
    private final List<Operation> operations = new ArrayList<>();

    private final Set<State> states = new HashSet<>();

    Search(List<Operation> all) {
      for (Operation o : all) {
        // A read that nobody was answered tells nothing and changes nothing.
        if (o.kind != Kind.GET || o.result != null) {
          operations.add(o);
        }
      }
      operations.sort(Comparator.comparingLong(o -> o.ended));
    }

    /** Whether what is not done yet can follow, in some order. */
    boolean possible(BitSet done, @Nullable String value) {
      long first = read(done, value);
      if (first == NEVER) {
        return true;
      }
      if (states.size() >= MOST_STATES || !states.add(new State(done, value))) {
        return false;
      }
      for (int i = 0; i < operations.size(); i++) {
        Operation o = operations.get(i);
        // It may come next if nothing that is not done had ended before it began.
        boolean next = !done.get(i) && o.begun <= first;
        if (next && (o.result == null || o.result.equals(o.answer(value)))) {
          BitSet more = (BitSet) done.clone();
          more.set(i);
          if (possible(more, o.after(value))) {
            return true;
          }
        }
      }
      return false;
    }

    /**
     * Does all reads that may come next and see the value: done now, they hinder nothing. The first
     * end of what is not done then.
     */
    private long read(BitSet done, @Nullable String value) {
      while (true) {
        int at = done.nextClearBit(0);
        long first = at < operations.size() ? operations.get(at).ended : NEVER;
        boolean any = false;
        for (int i = at; i < operations.size(); i++) {
          Operation o = operations.get(i);
          if (!done.get(i)
              && o.kind == Kind.GET
              && o.begun <= first
              && o.answer(value).equals(o.result)) {
            done.set(i);
            any = true;
          }
        }
        if (!any) {
          return first;
        }
      }
    }
  }
}
