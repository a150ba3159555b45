package io.destiny.server;

import io.destiny.core.app.SnapshotSource;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MerkleTree;
import io.destiny.crypto.KeyCeremony;
import io.destiny.crypto.ReplicaSecrets;
import io.destiny.crypto.trusted.DurableFile;
import io.destiny.node.storage.CheckpointStore;
import io.destiny.node.storage.Manifest;
import io.destiny.node.storage.RocksStore;
import io.destiny.node.storage.StorageException;
import io.destiny.protocols.dqbft.Salvage;
import io.destiny.protocols.dqbft.SalvageBase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The epoch that the administrators begin with a recovered state. All of it is prepared beside what
 * is there, its manifest last, as {@code recovery.yaml}: from then on it is finished, by as many
 * attempts as it takes. What was there before is kept under another name.
 */
final class RecoveredEpoch {
  private static final String STAGED = "recovery.yaml";
  private static final String FRESH = ".recovered";

  private final ClusterFolder cluster;
  private final ClusterManifest manifest;
  private final byte[] bytes;
  private final List<ReplicaSecrets> secrets;

  /**
   * The state that it begins with.
   *
   * @param from the epoch that the state is of
   * @param application the application's part of it
   */
  record State(Domain from, Salvage.Boundary boundary, SnapshotSource application) {
    /** Chunk digests of all parts. */
    List<List<Digest>> chunks() {
      List<List<Digest>> all = new ArrayList<>();
      all.add(application.digests());
      for (List<byte[]> part : boundary.parts()) {
        all.add(part.stream().map(chunk -> Digest.of(chunk)).toList());
      }
      return all;
    }

    Digest digest() {
      List<Digest> roots = chunks().stream().map(MerkleTree::root).toList();
      return from.checkpointState(boundary.slot(), roots);
    }

    void write(CheckpointStore store) throws StorageException {
      List<Digest> digests = application.digests();
      for (int i = 0; i < digests.size(); i++) {
        store.put(digests.get(i), application.chunk(i));
      }
      for (List<byte[]> part : boundary.parts()) {
        for (byte[] chunk : part) {
          store.put(Digest.of(chunk), chunk);
        }
      }
      store.commit(new Manifest(boundary.slot(), chunks()));
    }
  }

  private RecoveredEpoch(
      ClusterFolder cluster, ClusterManifest manifest, byte[] bytes, List<ReplicaSecrets> secrets) {
    this.cluster = cluster;
    this.manifest = manifest;
    this.bytes = bytes;
    this.secrets = secrets;
  }

  /** Fresh keys for the members of the last epoch that is known. */
  static RecoveredEpoch of(
      ClusterFolder cluster, ClusterManifest last, long epoch, byte[] provisioner)
      throws IOException {
    KeyCeremony.NextEpoch keys = KeyCeremony.later(last.keys(), last.keys().rule(), epoch);
    ClusterManifest manifest =
        new ClusterManifest(
                last.protocol(),
                keys.publicKeys(),
                last.limits(),
                last.tuning(),
                last.maxStateBytes(),
                last.members(),
                new byte[0])
            .signedWith(provisioner);
    byte[] bytes = FolderWriter.yaml(ManifestFile.write(manifest));
    return new RecoveredEpoch(cluster, manifest, bytes, keys.replicas());
  }

  /**
   * One that an earlier attempt has staged and not finished, or null.
   *
   * @throws ConfigException if it is damaged
   */
  static @Nullable RecoveredEpoch staged(ClusterFolder cluster) {
    Path file = cluster.path().resolve(STAGED);
    if (!Files.exists(file)) {
      return null;
    }
    byte[] bytes = ClusterFolder.bytes(file);
    ClusterManifest manifest = cluster.manifest().successor(bytes);
    if (manifest == null) {
      throw new ConfigException(file + " is not the manifest of an epoch that can follow");
    }
    return new RecoveredEpoch(cluster, manifest, bytes, List.of());
  }

  ClusterManifest manifest() {
    return manifest;
  }

  byte[] manifestBytes() {
    return bytes.clone();
  }

  // ---- beside what is there

  /** Writes everybody's keys, and the state for those who took part. */
  void stage(List<Integer> participants, State state, UnaryOperator<byte[]> signer)
      throws IOException {
    LogRecord vouched =
        SalvageBase.vouch(
            manifest.keys().domain(),
            state.from.epoch(),
            state.boundary.slot(),
            state.chunks(),
            signer);
    for (int i = 0; i < manifest.members().size(); i++) {
      Path folder = ClusterFolder.replicaFolder(cluster.path(), i);
      FolderWriter.folder(folder);
      FolderWriter.provision(
          ClusterFolder.epochFolder(folder, manifest.epoch()),
          secrets.get(i),
          manifest.entry().trusted());
      if (participants.contains(i)) {
        write(fresh(folder, i), i, state, vouched);
      }
    }
    new DurableFile(cluster.path().resolve(STAGED)).replace(bytes);
  }

  private void write(Path data, int replica, State state, LogRecord vouched) throws IOException {
    FolderWriter.delete(data);
    Settings begun = manifest.settings(replica);
    Settings over = new Settings(state.from, begun.rule(), replica, begun.limits(), begun.tuning());
    try (RocksStore store = RocksStore.open(data, over)) {
      state.write(store.checkpoints());
    }
    RocksStore.beginEpoch(data, over, begun, state.boundary.slot(), List.of(vouched));
    // What is staged next is believed to be there after a power cut.
    new DurableFile(data).syncFolder();
  }

  private static Path fresh(Path folder, int replica) {
    Path data = Survivor.data(folder, replica);
    return data.resolveSibling(data.getFileName() + FRESH);
  }

  // ---- in its place

  /**
   * Lets it take the place of what was there.
   *
   * @param known manifests that belong to the earlier ones of the cluster's folder, by epoch
   */
  void putInForce(Map<Long, byte[]> known) throws IOException {
    for (int i = 0; i < manifest.members().size(); i++) {
      Path folder = ClusterFolder.replicaFolder(cluster.path(), i);
      if (Files.exists(folder.resolve(ReplicaFile.NAME))) {
        goOver(folder, i);
      }
    }
    Path present = cluster.path().resolve(ManifestFile.NAME);
    keep(cluster.manifest().epoch(), ClusterFolder.bytes(present));
    for (Map.Entry<Long, byte[]> earlier : known.entrySet()) {
      keep(earlier.getKey(), earlier.getValue());
    }
    // What was prepared cannot be ordered any more.
    Files.deleteIfExists(cluster.path().resolve(NextEpoch.STAGED));
    Path staged = cluster.path().resolve(STAGED);
    FolderWriter.open(staged);
    new DurableFile(staged).moveTo(present);
  }

  private void keep(long epoch, byte[] content) throws IOException {
    Path file = ClusterFolder.earlier(cluster.path(), epoch);
    Files.createDirectories(file.getParent());
    if (!Files.exists(file)) {
      FolderWriter.replace(file, content);
    }
  }

  /** First what the replica is to be, then its data, then that it is so: {@link ReplicaHome}. */
  private void goOver(Path folder, int replica) throws IOException {
    Path data = Survivor.data(folder, replica);
    Path fresh = fresh(folder, replica);
    Path next = folder.resolve(ReplicaHome.NEXT);
    if (Files.exists(fresh)) {
      new DurableFile(next).replace(bytes);
      if (Files.exists(data)) {
        new DurableFile(data).moveTo(free(data));
      }
      new DurableFile(fresh).moveTo(data);
    }
    // Of a replica that took no part nothing is touched, nor read: it may be damaged.
    if (Files.exists(next)
        && Arrays.equals(ClusterFolder.bytes(next), bytes)
        && RocksStore.epoch(data) == manifest.epoch()) {
      new DurableFile(next).moveTo(folder.resolve(ManifestFile.NAME));
    }
  }

  /** A name for what was there. */
  private Path free(Path data) {
    String name = data.getFileName() + ".until-" + manifest.epoch();
    Path free = data.resolveSibling(name);
    for (int i = 1; Files.exists(free); i++) {
      free = data.resolveSibling(name + "." + i);
    }
    return free;
  }
}
