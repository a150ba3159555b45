package io.destiny.client;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Spreads submissions over free sessions; what finds none waits in a bounded queue. */
final class SessionPool {
  private final ClientLoop loop;
  private final int maxQueued;
  private final int size;
  private final AtomicInteger admitted = new AtomicInteger();
  private final Queue<Session> free = new ArrayDeque<>();
  private final Queue<Job> queue = new ArrayDeque<>();

  private record Job(List<byte[]> commands, CompletableFuture<Answer> future) {}

  SessionPool(ClientLoop loop, List<Session> sessions, int maxQueued) {
    this.loop = loop;
    this.maxQueued = maxQueued;
    this.size = sessions.size();
    free.addAll(sessions);
  }

  /** Called by any thread. */
  CompletableFuture<Answer> submit(List<byte[]> commands) {
    if (size == 0 || admitted.incrementAndGet() > size + maxQueued) {
      if (size > 0) {
        admitted.decrementAndGet();
      }
      return CompletableFuture.completedFuture(
          new Answer.Rejected(
              Answer.Rejection.QUEUE_FULL,
              size == 0 ? "the pool has no sessions" : maxQueued + " submissions wait already"));
    }
    CompletableFuture<Answer> future = new CompletableFuture<>();
    CompletableFuture<Answer> _ =
        future.whenComplete((answer, failure) -> admitted.decrementAndGet());
    Job job = new Job(commands, future);
    loop.execute(
        () -> {
          queue.add(job);
          assign();
        },
        future);
    return future;
  }

  /** Called by the client's thread when a session has become free. */
  void released(Session session) {
    free.add(session);
    assign();
  }

  private void assign() {
    while (!queue.isEmpty() && !free.isEmpty()) {
      Job job = queue.remove();
      if (!job.future.isDone()) {
        loop.submit(free.remove(), job.commands, job.future);
      }
    }
  }

  /** Called by the client's thread at its end. */
  void close(Answer answer) {
    for (Job job = queue.poll(); job != null; job = queue.poll()) {
      job.future.complete(answer);
    }
  }
}
