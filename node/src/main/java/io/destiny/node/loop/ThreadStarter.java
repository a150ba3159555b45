package io.destiny.node.loop;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Makes the threads of one replica, named after it.
 *
 * @param replica its number
 * @param failure told when one of them ends by an error
 */
public record ThreadStarter(int replica, Failure failure) {
  private static final long PATIENCE_SECONDS = 10;
  private static final long IDLE_SECONDS = 30;

  /** A thread that is not started yet. */
  public Thread thread(String role, Runnable work) {
    return Thread.ofPlatform().daemon().name(name(role)).unstarted(work);
  }

  private String name(String role) {
    return "replica-" + replica + "-" + role;
  }

  /** Makes daemon threads with the role in their names. */
  public ThreadFactory factory(String role) {
    return Thread.ofPlatform().daemon().name(name(role) + "-", 0).factory();
  }

  /** One thread that carries out tasks in order. */
  public ExecutorService lane(String role) {
    return Executors.newSingleThreadExecutor(factory(role));
  }

  /**
   * A few threads that end when they are idle. Tasks that come after it was closed are dropped; the
   * caller bounds how many there are.
   */
  public ExecutorService pool(String role, int most) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            most,
            most,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            factory(role),
            new ThreadPoolExecutor.DiscardPolicy());
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** Waits for the thread's end, unless it is the caller's own. */
  static void join(Thread thread) {
    if (thread == Thread.currentThread()) {
      return;
    }
    try {
      thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets what was submitted finish, then ends the executor. */
  public static void close(ExecutorService executor) {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
