package io.destiny.client;

import io.destiny.core.model.Homes;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One client id: it has at most one request outstanding. Thread-safe. */
public final class Session {
  private final ClientLoop loop;
  private final long client;
  private final boolean pooled;
  private final AtomicBoolean busy = new AtomicBoolean();

  /** The last home asked for, -1: none. If that was without effect, it passes requests on. */
  private volatile int askedFor = -1;

  private int repeated;
  private @Nullable Exchange asking;

  Session(ClientLoop loop, long client, boolean pooled) {
    this.loop = loop;
    this.client = client;
    this.pooled = pooled;
  }

  /** Principal in the upper 32 bits, session in the lower. */
  public long client() {
    return client;
  }

  /** The session's number, the lower half of the client id. */
  public int number() {
    return (int) client;
  }

  /** The replica that proposes this session's requests in the present epoch. */
  public int home() {
    int asked = askedFor;
    return asked >= 0 && asked < loop.replicas() ? asked : firstHome();
  }

  /** Its home in the present epoch as long as it has not asked for another one. */
  public int firstHome() {
    return Homes.of(client, loop.replicas());
  }

  /** Another home was asked for. Called by the client's thread. */
  void asked(int home, Exchange request) {
    askedFor = home;
    repeated = 0;
    if (asking != null) {
      asking.future.cancel(false);
    }
    asking = request;
  }

  /**
   * A request is over. Called by the client's thread.
   *
   * @param again whether it had to be sent again
   * @return how many in a row had to be
   */
  int over(boolean again) {
    repeated = again ? repeated + 1 : 0;
    return repeated;
  }

  /**
   * Sends the commands as one request: one signature, one place in the order, one proof.
   *
   * <p>The future completes on the client's own thread, always with an {@link Answer}: a callback
   * that takes long belongs on another executor.
   *
   * @param commands 1 to 65535, together within the cluster's limit; not to be modified
   */
  public CompletableFuture<Answer> submit(List<byte[]> commands) {
    if (!busy.compareAndSet(false, true)) {
      return CompletableFuture.completedFuture(
          new Answer.Rejected(
              Answer.Rejection.SESSION_IN_USE,
              "session " + number() + " has a request outstanding"));
    }
    CompletableFuture<Answer> future = new CompletableFuture<>();
    loop.submit(this, commands, future);
    return future;
  }

  boolean pooled() {
    return pooled;
  }

  void release() {
    busy.set(false);
  }
}
