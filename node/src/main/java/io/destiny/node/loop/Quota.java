package io.destiny.node.loop;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** How much one source may have waiting for the loop. Thread-safe. */
public final class Quota {
  private final int mostMessages;
  private final long mostBytes;
  private final AtomicInteger messages = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicReference<@Nullable Runnable> paused = new AtomicReference<>();

  public Quota(int mostMessages, long mostBytes) {
    this.mostMessages = mostMessages;
    this.mostBytes = mostBytes;
  }

  /** Counts a message that is there already: the source stops afterwards if that was too much. */
  public void take(int size) {
    messages.incrementAndGet();
    bytes.addAndGet(size);
  }

  /** Counts a message if there is room for it. */
  public boolean tryTake(int size) {
    if (messages.incrementAndGet() > mostMessages) {
      messages.decrementAndGet();
      return false;
    }
    if (bytes.addAndGet(size) > mostBytes) {
      give(size);
      return false;
    }
    return true;
  }

  /** The loop, or whoever drops the message, is done with it. */
  public void give(int size) {
    int left = messages.decrementAndGet();
    long leftBytes = bytes.addAndGet(-size);
    if (paused.get() != null && left <= mostMessages / 2 && leftBytes <= mostBytes / 2) {
      resume();
    }
  }

  /** Runs {@code next} now if there is room, else as soon as half of the quota is free. */
  public void whenRoom(Runnable next) {
    if (!full()) {
      next.run();
      return;
    }
    paused.set(next);
    // the loop may have emptied it just before it could see that somebody waits
    if (!full()) {
      resume();
    }
  }

  private void resume() {
    Runnable next = paused.getAndSet(null);
    if (next != null) {
      next.run();
    }
  }

  private boolean full() {
    return messages.get() >= mostMessages || bytes.get() >= mostBytes;
  }

  /** Messages counted now. */
  public int waiting() {
    return messages.get();
  }
}
