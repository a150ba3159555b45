package io.destiny.node.loop;

import io.destiny.core.machine.Input;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * The loop's input queues: one for the replica's own (answers to its effects, of which there are
 * never more than it asked for, so that none is ever dropped) and one for others', bounded by each
 * source's {@link Quota}. Many producers, one consumer.
 */
public final class Inbox {
  private static final int CHUNK = 1024;

  private final MpscUnboundedAtomicArrayQueue<Input> own =
      new MpscUnboundedAtomicArrayQueue<>(CHUNK);
  private final MpscUnboundedAtomicArrayQueue<Outside> outside =
      new MpscUnboundedAtomicArrayQueue<>(CHUNK);
  private volatile @Nullable Thread parked;

  /** Somebody called {@link #wake} since the last pause: also who has no input to show for it. */
  private volatile boolean woken;

  /** An input from a peer or client, counted in its quota until the loop takes it. */
  record Outside(Input input, Quota quota, int bytes) {}

  /** Queues an answer to one of the replica's own effects. */
  public void own(Input input) {
    own.offer(input);
    wake();
  }

  /** Queues a peer's or client's input that was counted in {@code quota} with {@code bytes}. */
  public void outside(Input input, Quota quota, int bytes) {
    outside.offer(new Outside(input, quota, bytes));
    wake();
  }

  /** Ends the loop's pause, if it makes one. */
  public void wake() {
    woken = true;
    Thread thread = parked;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }

  @Nullable Input takeOwn() {
    return own.relaxedPoll();
  }

  @Nullable Outside takeOutside() {
    return outside.relaxedPoll();
  }

  /** Waits for an input, at most {@code nanos}. Only the loop calls it. */
  void await(long nanos, boolean takesOutside) {
    parked = Thread.currentThread();
    // looked at again after the flag was set: a producer either sees the flag or is seen here
    if (!woken && own.isEmpty() && (!takesOutside || outside.isEmpty())) {
      LockSupport.parkNanos(this, nanos);
    }
    parked = null;
    woken = false;
  }

  /** Inputs of others that wait. */
  public int waiting() {
    return outside.size();
  }
}
