package io.destiny.server;

import io.destiny.core.app.SnapshotSink;
import io.destiny.core.app.StateMachine;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.model.Digest;
import io.destiny.node.storage.CheckpointStore;
import io.destiny.node.storage.Manifest;
import io.destiny.node.storage.RocksStore;
import io.destiny.node.storage.StorageException;
import io.destiny.protocols.dqbft.Salvage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/**
 * What is left of a replica that does not run: its folder, kept open so that nobody starts it
 * meanwhile. What is damaged in it is named and left out.
 */
final class Survivor implements AutoCloseable {
  /** A liar's log may give reason for more than anybody reads. */
  static final int MOST_REASONS = 100;

  private final int replica;
  private final ReplicaHome home;
  private final byte[] pin;
  private final RocksStore store;
  private final SequencedSet<String> rejected = new LinkedHashSet<>();
  private final List<LogRecord> records;
  private final List<Input.SavedCheckpoint> snapshots = new ArrayList<>();

  private Survivor(int replica, ReplicaHome home, byte[] pin, RocksStore store)
      throws StorageException {
    this.replica = replica;
    this.home = home;
    this.pin = pin;
    this.store = store;
    // As a whole or not: to go on with an empty log would forget all that it voted for.
    this.records = store.log().load();
    for (long slot : store.checkpoints().slots()) {
      try {
        snapshots.add(snapshot(store.checkpoints(), slot));
      } catch (StorageException e) {
        reject("its checkpoint at " + slot + ": " + e.getMessage());
      }
    }
  }

  /**
   * Opens a replica's folder.
   *
   * @throws ConfigException if it is not there, has no data, or is of another cluster
   * @throws IOException if it is in use, or damaged as a whole
   */
  static Survivor open(ClusterFolder cluster, int replica) throws IOException {
    try {
      return openData(cluster, replica);
    } catch (StorageException e) {
      throw new StorageException(
          "replica %d: %s; if it is damaged for good, go on with --without %d"
              .formatted(replica, e.getMessage(), replica),
          e);
    }
  }

  private static Survivor openData(ClusterFolder cluster, int replica) throws IOException {
    Path folder = ClusterFolder.replicaFolder(cluster.path(), replica);
    if (!Files.exists(folder.resolve(ReplicaFile.NAME))
        || RocksStore.epoch(data(folder, replica)) < 0) {
      throw new ConfigException(
          ("there are no data of replica %d in %s; copy its folder here, or say --without %d:"
                  + " what it alone holds is lost then")
              .formatted(replica, folder, replica));
    }
    ReplicaHome home = ReplicaHome.open(cluster, replica);
    ClusterManifest manifest = home.manifest();
    if (!cluster.sameCluster(manifest)) {
      throw new ConfigException(folder + " is of another cluster");
    }
    Path certificate = folder.resolve(ReplicaFile.read(folder, replica).certificate());
    byte[] pin = NewReplica.pin(ClusterFolder.bytes(certificate));
    RocksStore store = RocksStore.open(data(folder, replica), manifest.settings(replica));
    try {
      return new Survivor(replica, home, pin, store);
    } catch (StorageException e) {
      store.close();
      throw e;
    }
  }

  /** Where a replica's data are. */
  static Path data(Path folder, int replica) {
    return folder.resolve(ReplicaFile.read(folder, replica).data());
  }

  private static Input.SavedCheckpoint snapshot(CheckpointStore from, long slot)
      throws StorageException {
    Manifest manifest = from.manifest(slot);
    if (manifest == null) {
      throw new StorageException("it is gone");
    }
    List<List<byte[]>> parts = new ArrayList<>();
    for (List<Digest> part : manifest.parts().subList(1, manifest.parts().size())) {
      List<byte[]> chunks = new ArrayList<>();
      for (Digest chunk : part) {
        chunks.add(chunk(from, chunk));
      }
      parts.add(chunks);
    }
    return new Input.SavedCheckpoint(slot, manifest.parts().getFirst(), parts);
  }

  private static byte[] chunk(CheckpointStore from, Digest digest) throws StorageException {
    byte[] bytes = from.chunk(digest);
    if (bytes == null) {
      throw new StorageException("chunk " + digest.toHex() + " is missing");
    }
    return bytes;
  }

  int replica() {
    return replica;
  }

  /** Of the epoch that the replica was in. */
  ClusterManifest manifest() {
    return home.manifest();
  }

  byte[] manifestBytes() {
    return home.manifestBytes();
  }

  /** Of its TLS certificate: who it is. */
  byte[] pin() {
    return pin;
  }

  Salvage.Holding holding() {
    return new Salvage.Holding(replica, records, snapshots);
  }

  /** What of it does not count, and why. */
  List<String> rejected() {
    return List.copyOf(rejected);
  }

  void reject(String why) {
    if (rejected.size() < MOST_REASONS) {
      rejected.add(why);
    } else {
      rejected.add("and more");
    }
  }

  /** Loads a checkpoint that it has; false, and it is rejected, if that is damaged. */
  boolean load(Input.SavedCheckpoint checkpoint, StateMachine application) {
    try {
      SnapshotSink sink = application.restore();
      for (Digest chunk : checkpoint.application()) {
        sink.accept(chunk(store.checkpoints(), chunk));
      }
      sink.finish();
      return true;
    } catch (StorageException | IllegalArgumentException e) {
      reject("its checkpoint at " + checkpoint.slot() + ": " + e.getMessage());
      return false;
    }
  }

  @Override
  public void close() {
    store.close();
  }

  @Override
  public String toString() {
    return "what is left of replica " + replica;
  }
}
