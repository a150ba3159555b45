package io.destiny.node;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Step;
import io.destiny.node.toy.Eventually;
import io.destiny.node.toy.ToyCluster;
import io.destiny.node.toy.ToyMessage;
import io.destiny.node.toy.ToyProtocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Messages a second from one node's loop to another's, a window at a time, and the heap of idle
 * nodes. Started by hand; not a test.
 */
final class LinkRate {
  private LinkRate() {}

  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory("rate");
    run(folder.resolve("small"), 226, 256, false, 1_000_000);
    run(folder.resolve("large"), 100_000, 16, true, 20_000);
    roundTrips(folder.resolve("trips"), 20_000, false);
    roundTrips(folder.resolve("durable"), 5_000, true);
    idle(folder.resolve("idle"));
  }

  /** Sends windows of messages; the listener acknowledges each window. */
  private static void run(Path folder, int bytes, int window, boolean bulk, int total)
      throws IOException {
    byte[] body = new byte[bytes];
    AtomicLong received = new AtomicLong();
    ToyProtocol sender =
        ToyProtocol.forgetful(
            (input, step) -> {
              if (input instanceof Input.Received && received.get() < total) {
                for (int i = 0; i < window; i++) {
                  step.emit(new Effect.Send(1, new ToyMessage("m", i, body, bulk)));
                }
              }
            });
    ToyProtocol listener =
        ToyProtocol.forgetful(
            (input, step) -> {
              boolean begins = input instanceof Input.Started;
              if (input instanceof Input.Received && received.incrementAndGet() % window != 0) {
                return;
              }
              if (begins || input instanceof Input.Received) {
                // two windows are under way at a time
                step.emit(new Effect.Send(0, ToyMessage.small("next", 0)));
                if (begins) {
                  step.emit(new Effect.Send(0, ToyMessage.small("next", 0)));
                }
              }
            });
    ToyCluster cluster = new ToyCluster(folder, 2);
    try (ToyReplica a = ToyReplica.start(cluster, 0, sender);
        ToyReplica b = ToyReplica.start(cluster, 1, listener)) {
      Eventually.until("warm-up", () -> received.get() > total / 4);
      long before = received.get();
      long start = System.nanoTime();
      Eventually.until("all", () -> received.get() >= total);
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          "%d B: %.0f messages/s, %.0f MB/s%n",
          bytes,
          (received.get() - before) / seconds,
          (received.get() - before) * (double) bytes / seconds / 1e6);
      if (a.node.stopped().isDone() || b.node.stopped().isDone()) {
        throw new IllegalStateException("a node stopped");
      }
    }
  }

  /** One message to and fro; durable: each is persisted before it is answered. */
  private static void roundTrips(Path folder, int total, boolean durable) throws IOException {
    AtomicLong trips = new AtomicLong();
    byte[] record = new byte[200];
    java.util.function.BiConsumer<Input, Step> echo =
        (input, step) -> {
          if (input instanceof Input.Received(int from, var message)) {
            if (durable) {
              var entry =
                  new io.destiny.core.machine.LogRecord(0, message.sequence() + 1, 1, 0, record);
              step.emit(new Effect.Persist(java.util.List.of(entry), false));
            }
            if (trips.incrementAndGet() < total) {
              step.emit(new Effect.Send(from, ToyMessage.small("trip", message.sequence() + 1)));
            }
          }
        };
    ToyCluster cluster = new ToyCluster(folder, 2);
    try (ToyReplica a = ToyReplica.start(cluster, 0, ToyProtocol.forgetful(echo));
        ToyReplica b =
            ToyReplica.start(
                cluster,
                1,
                ToyProtocol.forgetful(
                    (input, step) -> {
                      if (input instanceof Input.Started) {
                        step.emit(new Effect.Send(0, ToyMessage.small("trip", 0)));
                      }
                      echo.accept(input, step);
                    }))) {
      Eventually.until("warm-up", () -> trips.get() > total / 4);
      long before = trips.get();
      long start = System.nanoTime();
      Eventually.until("all", () -> trips.get() >= total);
      double micros = (System.nanoTime() - start) / 1e3 / (trips.get() - before);
      System.out.printf("one way%s: %.0f us%n", durable ? ", synced" : "", micros);
      if (a.node.stopped().isDone() || b.node.stopped().isDone()) {
        throw new IllegalStateException("a node stopped");
      }
    }
  }

  private static void idle(Path folder) throws IOException {
    ToyCluster cluster = new ToyCluster(folder, 3);
    try (ToyReplica a = ToyReplica.start(cluster, 0, ToyProtocol.silent());
        ToyReplica b = ToyReplica.start(cluster, 1, ToyProtocol.silent());
        ToyReplica c = ToyReplica.start(cluster, 2, ToyProtocol.silent())) {
      Eventually.until("links", () -> a.node.connectedPeers() + b.node.connectedPeers() == 4);
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      System.out.printf(
          "three idle nodes: %d MB of heap, %d threads, connected %d%n",
          (runtime.totalMemory() - runtime.freeMemory()) >> 20,
          Thread.activeCount(),
          c.node.connectedPeers());
    }
  }
}
