package io.destiny.node.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.LogRecord;
import io.destiny.node.metrics.NodeMetrics;
import io.destiny.node.storage.LogChange;
import io.destiny.node.storage.LogStore;
import io.destiny.node.storage.StorageException;
import io.destiny.node.toy.Eventually;
import io.destiny.node.toy.ToyMessage;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nothing leaves before what was persisted before it is durable. */
class GroupCommitTest {
  private final Disk disk = new Disk();
  private final Wire wire = new Wire();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final GroupCommit commit =
      new GroupCommit(
          disk, wire, new Inbox(), new NodeMetrics(), new ThreadStarter(0, failure::set));

  /** A disk whose every write has to be allowed, and that tells what is durable. */
  private static final class Disk implements LogStore {
    private final Semaphore allowed = new Semaphore(0);
    private final Semaphore begun = new Semaphore(0);
    private final List<List<LogChange>> durable = new CopyOnWriteArrayList<>();
    private volatile boolean broken;

    @Override
    public List<LogRecord> load() {
      return List.of();
    }

    @Override
    public void write(List<LogChange> changes) throws StorageException {
      begun.release();
      allowed.acquireUninterruptibly();
      if (broken) {
        throw new StorageException("broken");
      }
      durable.add(List.copyOf(changes));
    }
  }

  private static final class Wire implements Outlet {
    private final List<Effect> out = new CopyOnWriteArrayList<>();
    private volatile int flushed;

    @Override
    public void carryOut(Effect effect) {
      out.add(effect);
    }

    @Override
    public void flush() {
      flushed = out.size();
    }
  }

  private static Effect.Persist persist(long slot, boolean lazily) {
    return new Effect.Persist(List.of(new LogRecord(0, slot, 1, 0, new byte[] {1})), lazily);
  }

  private static Effect send(long number) {
    return new Effect.Send(1, ToyMessage.small("m", number));
  }

  private void emit(Effect... effects) {
    for (Effect effect : effects) {
      commit.offer(effect);
    }
    commit.endRound();
  }

  @AfterEach
  void close() {
    disk.allowed.release(100);
    commit.close();
  }

  @Test
  void effectsGoAtOnceWhileNothingIsPending() {
    emit(send(1), send(2));

    assertThat(wire.out).containsExactly(send(1), send(2));
    assertThat(wire.flushed).isEqualTo(2);
  }

  @Test
  void whatFollowsAPersistWaitsForTheDisk() {
    commit.start();
    emit(send(1), persist(1, false), send(2));
    disk.begun.acquireUninterruptibly();

    // the disk is busy now: a later input's effects wait in line, too
    emit(send(3));
    assertThat(wire.out).containsExactly(send(1));

    disk.allowed.release();
    Eventually.until("the held effects", () -> wire.flushed == 3);
    assertThat(wire.out).containsExactly(send(1), send(2), send(3));
    assertThat(disk.durable).hasSize(1);
  }

  @Test
  void oneSyncCoversAllThatCameMeanwhile() {
    commit.start();
    emit(persist(1, false), send(1));
    disk.begun.acquireUninterruptibly();
    for (int i = 2; i <= 50; i++) {
      emit(persist(i, false), send(i));
    }
    disk.allowed.release(2);

    Eventually.until("all effects", () -> wire.flushed == 50);
    assertThat(disk.durable).hasSize(2);
    assertThat(disk.durable.get(1)).hasSize(49);
    assertThat(wire.out).isEqualTo(sends(50));
  }

  private static List<Effect> sends(int count) {
    return java.util.stream.IntStream.rangeClosed(1, count).mapToObj(i -> send(i)).toList();
  }

  @Test
  void onceAllIsDurableEffectsGoAtOnceAgain() {
    commit.start();
    disk.allowed.release();
    emit(persist(1, false), send(1));
    Eventually.until("the held effect", () -> wire.flushed == 1);
    // the storage thread makes this true as its last act
    Eventually.until("the hand-back", () -> sentAtOnce(2));
  }

  private boolean sentAtOnce(int number) {
    emit(send(number));
    return wire.out.contains(send(number));
  }

  @Test
  void whatIsRecordedLazilyHoldsNothingAndIsWrittenSoon() {
    commit.start();
    emit(persist(1, true), send(1));
    assertThat(wire.out).containsExactly(send(1));

    disk.allowed.release();
    Eventually.until("the lazy record", () -> disk.durable.size() == 1);
  }

  @Test
  void lazyRecordsRideWithTheNextSync() {
    emit(persist(1, true), new Effect.Forget(0, 5));
    emit(persist(2, false));
    commit.start();
    disk.allowed.release();

    Eventually.until("the write", () -> disk.durable.size() == 1);
    assertThat(disk.durable.getFirst()).hasSize(3);
    assertThat(disk.durable.getFirst().get(1)).isEqualTo(new LogChange.Forget(0, 5));
  }

  @Test
  void afterAFailedSyncNothingLeavesAndTheReplicaIsTold() {
    disk.broken = true;
    disk.allowed.release();
    commit.start();
    emit(persist(1, false), send(1));

    Eventually.until("the failure", () -> failure.get() != null);
    emit(send(2));
    assertThat(failure.get()).isInstanceOf(StorageException.class);
    assertThat(wire.out).isEmpty();
  }

  @Test
  void closingWritesWhatIsPending() {
    disk.allowed.release(100);
    commit.start();
    emit(persist(1, true));
    commit.close();

    assertThat(disk.durable).hasSize(1);
  }

  @Test
  void tooManyHeldEffectsAreCongestion() {
    emit(persist(1, false));
    for (int i = 0; i < 8193; i++) {
      emit(persist(2, false), send(i));
    }
    assertThat(commit.congested()).isTrue();
    disk.allowed.release(100);
    commit.start();
    Eventually.until("relief", () -> !commit.congested());
  }
}
