package io.destiny.node.storage;

import io.destiny.core.app.SnapshotSink;
import io.destiny.core.app.StateMachine;
import io.destiny.core.machine.Input;
import io.destiny.core.model.Digest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a replica finds of itself when it starts. */
public final class Recovery {
  private Recovery() {}

  /**
   * Loads the newest durable checkpoint into the application, every chunk checked against its
   * digest.
   *
   * @return what the protocol is told of it, or null if there is none
   * @throws StorageException if it is damaged or the application refuses it
   */
  public static Input.@Nullable SavedCheckpoint load(
      CheckpointStore store, StateMachine application) throws StorageException {
    List<Long> slots = store.slots();
    Manifest manifest = slots.isEmpty() ? null : store.manifest(slots.getLast());
    if (manifest == null) {
      return null;
    }
    List<Digest> chunks = manifest.parts().getFirst();
    try {
      SnapshotSink sink = application.restore();
      for (Digest chunk : chunks) {
        sink.accept(read(store, chunk));
      }
      sink.finish();
    } catch (IllegalArgumentException e) {
      throw new StorageException(
          "the application refuses its checkpoint at slot %d: %s"
              .formatted(manifest.slot(), e.getMessage()),
          e);
    }
    return saved(store, manifest);
  }

  /**
   * The other durable checkpoints, oldest first.
   *
   * @throws StorageException if one is damaged
   */
  public static List<Input.SavedCheckpoint> earlier(CheckpointStore store) throws StorageException {
    List<Long> slots = store.slots();
    List<Input.SavedCheckpoint> earlier = new ArrayList<>();
    for (long slot : slots.subList(0, Math.max(0, slots.size() - 1))) {
      Manifest manifest = store.manifest(slot);
      if (manifest != null) {
        earlier.add(saved(store, manifest));
      }
    }
    return earlier;
  }

  private static Input.SavedCheckpoint saved(CheckpointStore store, Manifest manifest)
      throws StorageException {
    List<Digest> chunks = manifest.parts().getFirst();
    List<List<byte[]>> parts = new ArrayList<>();
    for (List<Digest> part : manifest.parts().subList(1, manifest.parts().size())) {
      List<byte[]> bytes = new ArrayList<>();
      for (Digest chunk : part) {
        bytes.add(read(store, chunk));
      }
      parts.add(bytes);
    }
    return new Input.SavedCheckpoint(manifest.slot(), chunks, parts);
  }

  private static byte[] read(CheckpointStore store, Digest chunk) throws StorageException {
    byte[] bytes = store.chunk(chunk);
    if (bytes == null) {
      throw new StorageException("a checkpoint is damaged: chunk " + chunk.toHex() + " is missing");
    }
    return bytes;
  }
}
