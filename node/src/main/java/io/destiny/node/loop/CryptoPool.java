package io.destiny.node.loop;

import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.machine.Input;
import io.destiny.core.model.Request;
import io.destiny.node.metrics.NodeMetrics;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs cryptographic jobs on a few threads. What the agreement waits for (attestations, combining,
 * certificates) goes before the signatures of clients; certificates that wait together are checked
 * together; client signatures are split into parts, so that all threads share a large batch and a
 * part never holds up an urgent job for long.
 */
public final class CryptoPool {
  /** Client signatures a part: about half a millisecond. */
  private static final int PART = 16;

  /** Most certificates checked as one batch. */
  private static final int BATCH = 256;

  private final CryptoProvider crypto;
  private final Inbox inbox;
  private final Failure failure;
  private final NodeMetrics metrics;
  private final List<Thread> threads = new ArrayList<>();
  private final Map<Long, Job> jobs = new ConcurrentHashMap<>();

  // guarded by lock
  private final Object lock = new Object();
  private final ArrayDeque<Task> urgent = new ArrayDeque<>();
  private final ArrayDeque<Task> certificates = new ArrayDeque<>();
  private final ArrayDeque<Runnable> slow = new ArrayDeque<>();
  private boolean certificatesFirst;
  private boolean closed;

  /** A part of a job. */
  private record Task(Work work, Job job) {}

  /**
   * @param workers how many threads, at least 1
   */
  public CryptoPool(
      CryptoProvider crypto, Inbox inbox, NodeMetrics metrics, ThreadStarter starter, int workers) {
    this.crypto = crypto;
    this.inbox = inbox;
    this.metrics = metrics;
    this.failure = starter.failure();
    for (int i = 0; i < workers; i++) {
      threads.add(starter.thread("crypto-" + i, failure.guard(this::serve)));
    }
    metrics.watch("crypto_waiting", "Cryptographic jobs that wait", this::waiting);
  }

  public void start() {
    threads.forEach(Thread::start);
  }

  /** A job of the protocol: the conjunction of its parts, or the only part's result. */
  private final class Job {
    private final long number;
    private int open;
    private boolean over;

    Job(long number, int parts) {
      this.number = number;
      this.open = parts;
    }

    synchronized boolean over() {
      return over;
    }

    synchronized void cancel() {
      over = true;
    }

    /** Takes a part's result: the first that fails, or the last, answers the job. */
    void done(Result result) {
      synchronized (this) {
        boolean failed = result instanceof Result.Verdict(boolean valid) && !valid;
        open--;
        if (over || (open > 0 && !failed)) {
          return;
        }
        over = true;
      }
      if (jobs.remove(number, this)) {
        inbox.own(new Input.Computed(number, result));
      }
    }
  }

  /** Begins a job; its answer comes as {@link Input.Computed}. */
  void submit(long number, Work work) {
    metrics.job(work.getClass().getSimpleName());
    List<Work> parts = new ArrayList<>();
    split(work, parts);
    Job job = new Job(number, Math.max(1, parts.size()));
    jobs.put(number, job);
    if (parts.isEmpty()) {
      job.done(new Result.Verdict(true));
      return;
    }
    synchronized (lock) {
      for (Work part : parts) {
        enqueue(new Task(part, job));
      }
      lock.notifyAll();
    }
  }

  private static void split(Work work, List<Work> parts) {
    switch (work) {
      case Work.All all -> all.parts().forEach(part -> split(part, parts));
      case Work.VerifyRequests verify -> {
        List<Request> requests = verify.requests();
        for (int i = 0; i < requests.size(); i += PART) {
          int end = Math.min(requests.size(), i + PART);
          parts.add(new Work.VerifyRequests(requests.subList(i, end)));
        }
      }
      default -> parts.add(work);
    }
  }

  private void enqueue(Task task) {
    switch (task.work) {
      case Work.VerifyCertificate c -> certificates.add(task);
      case Work.VerifyRequests r -> slow.add(() -> runAll(List.of(task)));
      default -> urgent.add(task);
    }
  }

  /** Forgets a job: if it has not begun it never will. */
  void cancel(long number) {
    Job job = jobs.remove(number);
    if (job != null) {
      job.cancel();
    }
  }

  /**
   * Checks each request's signature by itself, after all urgent work, and tells which are valid.
   *
   * @param verdicts called by a thread of the pool; one verdict for each request
   */
  public void verifyEach(List<Request> requests, Consumer<List<Result>> verdicts) {
    metrics.job("ClientRequests");
    List<Work> works = new ArrayList<>(requests.size());
    for (Request request : requests) {
      works.add(new Work.VerifyRequests(List.of(request)));
    }
    synchronized (lock) {
      slow.add(() -> verdicts.accept(crypto.runAll(works)));
      lock.notifyAll();
    }
  }

  private void serve() throws InterruptedException {
    Runnable next = next();
    while (next != null) {
      next.run();
      next = next();
    }
  }

  private @Nullable Runnable next() throws InterruptedException {
    synchronized (lock) {
      while (!closed && urgent.isEmpty() && certificates.isEmpty() && slow.isEmpty()) {
        lock.wait();
      }
      if (closed) {
        return null;
      }
      // the two urgent kinds take turns, so that neither waits for ever
      certificatesFirst = !certificatesFirst;
      if (!certificates.isEmpty() && (certificatesFirst || urgent.isEmpty())) {
        List<Task> batch = new ArrayList<>();
        while (!certificates.isEmpty() && batch.size() < BATCH) {
          batch.add(certificates.poll());
        }
        return () -> runAll(batch);
      }
      Task task = urgent.poll();
      return task != null ? () -> runAll(List.of(task)) : slow.poll();
    }
  }

  private void runAll(List<Task> tasks) {
    List<Task> wanted = tasks.stream().filter(task -> !task.job.over()).toList();
    if (wanted.size() == 1) {
      Task only = wanted.getFirst();
      only.job.done(crypto.run(only.work));
    } else if (!wanted.isEmpty()) {
      List<Result> results = crypto.runAll(wanted.stream().map(Task::work).toList());
      for (int i = 0; i < results.size(); i++) {
        wanted.get(i).job.done(results.get(i));
      }
    }
  }

  private int waiting() {
    synchronized (lock) {
      return urgent.size() + certificates.size() + slow.size();
    }
  }

  /** Ends the threads; what has not begun is given up. */
  public void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
    threads.forEach(ThreadStarter::join);
  }
}
