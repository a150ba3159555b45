package io.destiny.cli;

import io.destiny.client.Answer;
import io.destiny.client.DestinyClient;
import io.destiny.client.Session;
import io.destiny.core.model.Homes;
import io.destiny.core.statement.MalformedException;
import io.destiny.server.KeyValueOperation;
import io.destiny.server.KeyValueOperation.CompareAndSet;
import io.destiny.server.KeyValueOperation.Get;
import io.destiny.server.KeyValueOperation.Put;
import io.destiny.server.KeyValueResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sessions of every home that read and write, one operation at a time each, until they are told to
 * stop. Half of what a session does is a chain of compare-and-set on a key of its own, which breaks
 * at the first acknowledged step that is lost; the other half is on a few keys that all share.
 */
final class CrashLoad {
  private static final int SHARED_KEYS = 6;
  private static final long POLL_NANOS = 5_000_000;

  private final String name;
  private final List<Loop> loops = new ArrayList<>();
  private final RegisterHistory history = new RegisterHistory();
  private final List<Answered> answered = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private final CountDownLatch running;
  private volatile boolean stopping;

  /** One acknowledged operation, with times as of System.nanoTime. */
  record Answered(int home, long begun, long ended) {}

  /**
   * @param name begins all keys
   * @param each sessions a home
   */
  CrashLoad(DestinyClient client, String name, int replicas, int each) {
    this(client, name, List.of(replicas), each);
  }

  /**
   * The same for a cluster whose size changes.
   *
   * @param sizes for each of which there are enough sessions of every home
   */
  static CrashLoad forSizes(DestinyClient client, String name, List<Integer> sizes, int each) {
    return new CrashLoad(client, name, sizes, each);
  }

  private CrashLoad(DestinyClient client, String name, List<Integer> sizes, int each) {
    this.name = name;
    int[][] have = sizes.stream().map(int[]::new).toArray(int[][]::new);
    int missing = sizes.stream().mapToInt(n -> n * each).sum();
    for (int number = 0; missing > 0; number++) {
      Session session = client.session(number);
      int filled = 0;
      for (int[] homes : have) {
        int home = Homes.of(session.client(), homes.length);
        if (homes[home] < each) {
          homes[home]++;
          filled++;
        }
      }
      if (filled > 0) {
        missing -= filled;
        loops.add(new Loop(session));
      }
    }
    this.running = new CountDownLatch(loops.size());
  }

  void start() {
    loops.forEach(Loop::next);
  }

  RegisterHistory history() {
    return history;
  }

  private List<String> failures() {
    synchronized (answered) {
      return List.copyOf(failures);
    }
  }

  List<Answered> answered() {
    synchronized (answered) {
      return List.copyOf(answered);
    }
  }

  /** Waits until so many operations of each home have begun after {@code since} and succeeded. */
  void awaitOfEachHome(int replicas, int count, long since) throws InterruptedException {
    for (int home = 0; home < replicas; home++) {
      while (begunAfter(home, since) < count) {
        if (!failures().isEmpty()) {
          throw new IllegalStateException("a request failed: " + failures());
        }
        LockSupport.parkNanos(POLL_NANOS);
        if (Thread.interrupted()) {
          throw new InterruptedException("the load does not go on");
        }
      }
    }
  }

  private int begunAfter(int home, long since) {
    int count = 0;
    synchronized (answered) {
      // In the order in which they ended.
      for (int i = answered.size() - 1; i >= 0 && answered.get(i).ended - since > 0; i--) {
        Answered a = answered.get(i);
        count += a.home == home && a.begun - since > 0 ? 1 : 0;
      }
    }
    return count;
  }

  /** Lets what is under way end, and reads every key once more. */
  void finish(Session reader) throws InterruptedException {
    stopping = true;
    running.await();
    if (!failures().isEmpty()) {
      throw new IllegalStateException("a request failed: " + failures());
    }
    for (Loop loop : loops) {
      read(reader, loop.ownKey).join();
    }
    for (int i = 0; i < SHARED_KEYS; i++) {
      read(reader, shared(i)).join();
    }
  }

  private String shared(int i) {
    return name + "-shared-" + i;
  }

  private CompletableFuture<?> read(Session session, String key) {
    RegisterHistory.Call call = history.get(key);
    return submit(session, new Get(bytes(key)), result -> call.found(found(result)));
  }

  private CompletableFuture<?> submit(
      Session session, KeyValueOperation operation, Consumer<KeyValueResult> then) {
    long begun = System.nanoTime();
    return session
        .submit(List.of(operation.encode()))
        .thenAccept(answer -> take(session, answer, begun, then));
  }

  private void take(Session session, Answer answer, long begun, Consumer<KeyValueResult> then) {
    if (!(answer instanceof Answer.Success success)) {
      throw new IllegalStateException(answer.describe());
    }
    try {
      then.accept(KeyValueResult.decode(success.results().getFirst()));
    } catch (MalformedException e) {
      throw new IllegalStateException("no result of the store", e);
    }
    synchronized (answered) {
      answered.add(new Answered(session.firstHome(), begun, System.nanoTime()));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static @Nullable String found(KeyValueResult result) {
    return switch (result) {
      case KeyValueResult.Found f -> new String(f.value(), StandardCharsets.UTF_8);
      case KeyValueResult.Absent a -> null;
      case KeyValueResult.Different d ->
          d.actual() == null ? null : new String(d.actual(), StandardCharsets.UTF_8);
      default -> throw new IllegalStateException("not what a read is answered: " + result);
    };
  }

  private final class Loop {
    private final Session session;
    private final String ownKey;
    private final SplittableRandom random;
    private int step;
    private @Nullable String own;
    private @Nullable String seen;

    Loop(Session session) {
      this.session = session;
      this.ownKey = name + "-own-" + session.number();
      this.random = new SplittableRandom(session.number());
    }

    void next() {
      if (stopping) {
        running.countDown();
        return;
      }
      step++;
      String value = session.number() + "." + step;
      if (step % 2 == 0) {
        swap(ownKey, own, value, () -> own = value);
        return;
      }
      String key = shared(random.nextInt(SHARED_KEYS));
      switch (random.nextInt(4)) {
        case 0 -> {
          RegisterHistory.Call call = history.get(key);
          then(
              new Get(bytes(key)),
              result -> {
                seen = found(result);
                call.found(seen);
              });
        }
        case 1 -> swap(key, seen, value, () -> seen = value);
        default -> {
          RegisterHistory.Call call = history.put(key, value);
          then(new Put(bytes(key), bytes(value)), result -> call.done());
        }
      }
    }

    private void swap(String key, @Nullable String expected, String value, Runnable done) {
      RegisterHistory.Call call = history.swap(key, expected, value);
      byte[] from = expected == null ? null : bytes(expected);
      then(
          new CompareAndSet(bytes(key), from, bytes(value)),
          result -> {
            if (result instanceof KeyValueResult.Done) {
              call.swapped();
              done.run();
            } else {
              call.different(found(result));
            }
          });
    }

    private void then(KeyValueOperation operation, Consumer<KeyValueResult> take) {
      var _ = submit(session, operation, take).whenComplete((done, error) -> ended(error));
    }

    private void ended(@Nullable Throwable error) {
      if (error != null) {
        synchronized (answered) {
          failures.add(error.toString());
        }
        running.countDown();
      } else {
        next();
      }
    }
  }
}
