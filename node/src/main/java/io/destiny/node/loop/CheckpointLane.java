package io.destiny.node.loop;

import io.destiny.core.app.SnapshotSource;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.model.Digest;
import io.destiny.node.storage.CheckpointStore;
import io.destiny.node.storage.Manifest;
import io.destiny.node.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Writes, reads and collects checkpoints on a thread of its own, so that execution goes on. */
final class CheckpointLane {
  /** Most parts of a checkpoint that is installed. */
  private static final int MOST_PARTS = 1 << 16;

  private final CheckpointStore store;
  private final Inbox inbox;
  private final Failure failure;
  private final ExecutorService executor;

  // of the lane's thread: the checkpoint that is being installed
  private long installing = -1;
  private final List<List<Digest>> staged = new ArrayList<>();

  CheckpointLane(CheckpointStore store, Inbox inbox, ThreadStarter threads) {
    this.store = store;
    this.inbox = inbox;
    this.failure = threads.failure();
    this.executor = threads.lane("checkpoint");
  }

  void run(Failure.Fallible task) {
    executor.execute(failure.guard(task));
  }

  <T> Future<T> ask(Callable<T> task) {
    return executor.submit(task);
  }

  private void tell(Input.SnapshotEvent event) {
    inbox.own(new Input.Snapshot(event));
  }

  /** Makes a cut state durable; chunks that an older checkpoint has are not written again. */
  void save(Effect.TakeSnapshot taken, SnapshotSource source) throws StorageException {
    List<List<Digest>> parts = new ArrayList<>();
    List<Digest> application = source.digests();
    for (int i = 0; i < application.size(); i++) {
      Digest digest = application.get(i);
      if (!store.retain(digest)) {
        byte[] chunk = source.chunk(i);
        if (!Digest.of(chunk).equals(digest)) {
          throw new IllegalStateException("the application's chunk " + i + " has another digest");
        }
        store.put(digest, chunk);
      }
    }
    parts.add(application);
    for (List<byte[]> part : taken.parts()) {
      List<Digest> digests = new ArrayList<>();
      for (byte[] chunk : part) {
        digests.add(keep(chunk));
      }
      parts.add(digests);
    }
    store.commit(new Manifest(taken.slot(), parts));
    tell(new Input.SnapshotEvent.Durable(taken.slot()));
  }

  private Digest keep(byte[] chunk) throws StorageException {
    Digest digest = Digest.of(chunk);
    store.put(digest, chunk);
    return digest;
  }

  void dropBelow(long below) throws StorageException {
    for (long slot : store.slots()) {
      if (slot < below) {
        store.drop(slot);
      }
    }
  }

  /** Answers with the chunks asked for, or with none. */
  void read(Effect.ReadChunks wanted) throws StorageException {
    List<byte[]> chunks = new ArrayList<>();
    List<Digest> part = part(wanted);
    long sum = 0;
    for (int i = Math.max(0, wanted.first()); i < part.size(); i++) {
      byte[] chunk = chunk(part.get(i));
      sum += chunk.length;
      if (!chunks.isEmpty() && sum > wanted.maxBytes()) {
        break;
      }
      chunks.add(chunk);
    }
    tell(new Input.SnapshotEvent.ChunksRead(wanted.job(), chunks));
  }

  private List<Digest> part(Effect.ReadChunks wanted) {
    Manifest manifest = store.manifest(wanted.slot());
    if (manifest == null || wanted.part() < 0 || wanted.part() >= manifest.parts().size()) {
      return List.of();
    }
    return manifest.parts().get(wanted.part());
  }

  byte[] chunk(Digest digest) throws StorageException {
    byte[] chunk = store.chunk(digest);
    if (chunk == null) {
      throw new StorageException(
          "a checkpoint is damaged: chunk " + digest.toHex() + " is missing");
    }
    return chunk;
  }

  /** A new installation: whatever was staged before is dropped. */
  void begin(long slot) throws StorageException {
    abandon();
    installing = slot;
  }

  /** Stores a verified chunk of a checkpoint that is not in force yet. */
  void stage(Effect.InstallChunk install) throws StorageException {
    if (install.slot() != installing) {
      begin(install.slot());
    }
    if (install.part() < 0 || install.part() >= MOST_PARTS) {
      throw new IllegalArgumentException("no such part of a checkpoint: " + install.part());
    }
    while (staged.size() <= install.part()) {
      staged.add(new ArrayList<>());
    }
    staged.get(install.part()).add(keep(install.chunk()));
  }

  /** What was staged for the slot, or null if that is nothing. */
  @Nullable Manifest staged(long slot) {
    return slot == installing && !staged.isEmpty() ? new Manifest(slot, staged) : null;
  }

  /** Forgets what was staged. */
  void abandon() throws StorageException {
    store.release(staged.stream().flatMap(List::stream).toList());
    forgetStaged();
  }

  private void forgetStaged() {
    staged.clear();
    installing = -1;
  }

  /** Makes what was staged a durable checkpoint. */
  void commitStaged(Manifest manifest) throws StorageException {
    store.commit(manifest);
    forgetStaged();
  }

  void drop(long slot) throws StorageException {
    store.drop(slot);
  }

  void close() {
    ThreadStarter.close(executor);
  }
}
