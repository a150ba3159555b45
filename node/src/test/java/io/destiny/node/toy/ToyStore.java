package io.destiny.node.toy;

import io.destiny.core.machine.LogRecord;
import io.destiny.node.storage.CheckpointStore;
import io.destiny.node.storage.LogChange;
import io.destiny.node.storage.LogStore;
import io.destiny.node.storage.StorageException;
import io.destiny.node.storage.Store;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A real store whose synced writes can be held up, or fail. */
public final class ToyStore implements Store, LogStore {
  /** Writes that began. */
  public final AtomicInteger writes = new AtomicInteger();

  private final Store real;
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private volatile boolean broken;

  public ToyStore(Store real) {
    this.real = real;
  }

  /** From now on no write returns until {@link #release}. */
  public void hold() {
    gate = new CountDownLatch(1);
  }

  public void release() {
    gate.countDown();
  }

  /** From now on every write fails. */
  public void breakDown() {
    broken = true;
  }

  @Override
  public LogStore log() {
    return this;
  }

  @Override
  public CheckpointStore checkpoints() {
    return real.checkpoints();
  }

  @Override
  public List<LogRecord> load() throws StorageException {
    return real.log().load();
  }

  @Override
  public void write(List<LogChange> changes) throws StorageException {
    writes.incrementAndGet();
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new StorageException("interrupted", e);
    }
    if (broken) {
      throw new StorageException("the disk is gone");
    }
    real.log().write(changes);
  }

  @Override
  public void close() {
    release();
    real.close();
  }
}
