package io.destiny.core.kit;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Port;

/** An engine's jobs under way, each with what is done with its answer. */
public final class Jobs {
  /** Looks at what has changed meanwhile, and goes on. */
  @FunctionalInterface
  public interface Then {
    void answered(Result result, Port port);
  }

  private final LongMap<Then> waiting = new LongMap<>();

  /** Runs a job; returns its number. */
  public long compute(Work work, Port port, Then then) {
    long job = port.compute(work);
    waiting.put(job, then);
    return job;
  }

  /** A call of the trusted subsystem, by its number. */
  public void called(long job, Then then) {
    waiting.put(job, then);
  }

  /** Nobody waits for the answer any more. */
  public void cancel(long job, Port port) {
    if (waiting.remove(job) != null) {
      port.cancel(job);
    }
  }

  /** The answer to a job; false if it is none of these. */
  public boolean answered(long job, Result result, Port port) {
    Then then = waiting.remove(job);
    if (then == null) {
      return false;
    }
    then.answered(result, port);
    return true;
  }
}
