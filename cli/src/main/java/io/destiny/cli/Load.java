package io.destiny.cli;

import io.destiny.client.Answer;
import io.destiny.client.DestinyClient;
import io.destiny.client.Session;
import io.destiny.server.KeyValueOperation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Closed-loop load: each of C sessions sends its next group when the last was answered, its proof
 * verified. Only what is answered between warm-up and end is counted.
 */
final class Load {
  /** Longest latency that is told apart: above the client's deadline. */
  private static final long MAX_MICROS = TimeUnit.MINUTES.toMicros(5);

  private static final int DIGITS = 3;
  private static final long SECOND = 1_000_000_000L;

  private final Shape shape;
  private final List<Session> sessions = new ArrayList<>();
  private final List<byte[]> commands = new ArrayList<>();
  private final Histogram latency = new ConcurrentHistogram(MAX_MICROS, DIGITS);
  private final Histogram recent = new ConcurrentHistogram(MAX_MICROS, DIGITS);
  private final AtomicInteger running = new AtomicInteger();
  private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

  // written by the client's thread only, read by the one that shows progress
  private volatile long from;
  private volatile long until;
  private volatile long committed;
  private volatile long answered;
  private volatile long errors;
  private volatile long lastSuccess;
  private volatile long longestGap;
  private volatile @Nullable String firstError;

  /** When something was done to the cluster, and when a request sent after that was answered. */
  private volatile long marked;

  private volatile long recovered;

  /**
   * @param clients C
   * @param group G, commands under one signature
   * @param payload bytes of a command, the key included
   * @param keys size of the key space
   */
  record Shape(int clients, int group, int payload, int keys, int warmUpSeconds, int seconds) {
    Shape {
      if (clients < 1 || group < 1 || keys < 1 || seconds < 1 || warmUpSeconds < 0) {
        throw Failure.usage("clients, group, keys and seconds are at least 1");
      }
      if (payload < SMALLEST_PAYLOAD || payload > LARGEST_PAYLOAD) {
        throw Failure.usage(
            "--payload is %d to %d bytes".formatted(SMALLEST_PAYLOAD, LARGEST_PAYLOAD));
      }
    }

    /** Room for kind, lengths and a key. */
    static final int SMALLEST_PAYLOAD = 32;

    static final int LARGEST_PAYLOAD = 256 << 10;
  }

  /**
   * What came out.
   *
   * @param committed commands answered in the measured time
   * @param answeredInAll requests answered from the first to the last
   * @param longestGapMillis longest time without an answer
   * @param recoveryMillis from the mark to the first answer to a request sent after it; -1 without
   *     one
   * @param latency of requests, microseconds
   */
  record Outcome(
      long committed,
      double seconds,
      long answeredInAll,
      long errors,
      @Nullable String firstError,
      double longestGapMillis,
      double recoveryMillis,
      Histogram latency) {
    double perSecond() {
      return committed / seconds;
    }
  }

  /**
   * How it goes.
   *
   * @param second seconds since the start, warm-up included
   */
  record Progress(int second, boolean warmingUp, long commandsPerSecond, double p50Millis) {}

  Load(DestinyClient client, int firstSession, Shape shape) {
    this.shape = shape;
    for (int i = 0; i < shape.clients; i++) {
      sessions.add(client.session(firstSession + i));
    }
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < shape.keys; i++) {
      byte[] key = "key-%08d".formatted(i).getBytes(StandardCharsets.US_ASCII);
      byte[] value = new byte[shape.payload - 1 - 4 - key.length - 4];
      random.nextBytes(value);
      commands.add(new KeyValueOperation.Put(key, value).encode());
    }
  }

  /** Runs to the end; {@code progress} is told once a second. */
  Outcome run(Consumer<Progress> progress) {
    long start = System.nanoTime();
    from = start + shape.warmUpSeconds * SECOND;
    until = from + shape.seconds * SECOND;
    lastSuccess = from;
    running.set(sessions.size());
    for (int i = 0; i < sessions.size(); i++) {
      new Loop(sessions.get(i), new SplittableRandom(i)).next();
    }
    long seen = 0;
    for (int second = 1; System.nanoTime() - until < 0; second++) {
      waitUntil(Math.min(start + second * SECOND, until));
      long all = answered;
      double p50 = recent.getValueAtPercentile(50) / 1000.0;
      recent.reset();
      boolean warmingUp = second <= shape.warmUpSeconds;
      progress.accept(new Progress(second, warmingUp, (all - seen) * shape.group, p50));
      seen = all;
    }
    ended.join(); // each request ends by the client's deadline
    noteGap(until);
    return new Outcome(
        committed,
        shape.seconds,
        answered,
        errors,
        firstError,
        longestGap / 1e6,
        recovered == 0 ? -1 : (recovered - marked) / 1e6,
        latency);
  }

  /** Something is about to be done to the cluster; said once. */
  void mark() {
    marked = System.nanoTime();
  }

  private void waitUntil(long time) {
    try {
      ended.get(Math.max(0, time - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (java.util.concurrent.TimeoutException e) {
      // the usual case: it goes on
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException("the load ended by an error", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      until = System.nanoTime();
    }
  }

  private void noteGap(long now) {
    longestGap = Math.max(longestGap, now - lastSuccess);
    lastSuccess = now;
  }

  /** One closed-loop client. */
  private final class Loop {
    private final Session session;
    private final SplittableRandom random;

    Loop(Session session, SplittableRandom random) {
      this.session = session;
      this.random = random;
    }

    void next() {
      List<byte[]> group = new ArrayList<>(shape.group);
      for (int i = 0; i < shape.group; i++) {
        group.add(commands.get(random.nextInt(commands.size())));
      }
      long sent = System.nanoTime();
      var _ = session.submit(group).thenAccept(answer -> answered(answer, sent));
    }

    private void answered(Answer answer, long sent) {
      long now = System.nanoTime();
      if (answer instanceof Answer.Success) {
        succeeded(now, sent);
      } else {
        failed(answer.describe());
      }
      boolean closed = answer instanceof Answer.Closed || answer instanceof Answer.Rejected;
      if (now - until < 0 && !closed) {
        next();
      } else if (running.decrementAndGet() == 0) {
        ended.complete(null);
      }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer: the client's thread
    private void succeeded(long now, long sent) {
      answered++;
      if (marked != 0 && recovered == 0 && sent - marked > 0) {
        recovered = now;
      }
      long micros = Math.min((now - sent) / 1000, MAX_MICROS);
      recent.recordValue(micros);
      if (now - from >= 0 && now - until < 0) {
        committed += shape.group;
        latency.recordValue(micros);
        noteGap(now);
      }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer: the client's thread
    private void failed(String why) {
      errors++;
      if (firstError == null) {
        firstError = why;
      }
    }
  }
}
