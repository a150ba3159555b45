package io.destiny.server;

import io.destiny.core.machine.LogRecord;
import io.destiny.core.model.Reconfiguration;
import io.destiny.crypto.trusted.DurableFile;
import io.destiny.node.Ending;
import io.destiny.node.storage.RocksStore;
import io.destiny.server.ClusterFolder.ReplicaPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A replica's folder through the epochs. Which epoch it is in is what its own copy of the manifest
 * says, not that of the cluster's folder: an epoch ends where the order ends it.
 */
final class ReplicaHome {
  static final String NEXT = "next.yaml";

  private final ClusterFolder cluster;
  private final int replica;
  private final Path folder;
  private byte[] bytes;
  private ClusterManifest manifest;

  private ReplicaHome(ClusterFolder cluster, int replica, byte[] bytes) {
    this.cluster = cluster;
    this.replica = replica;
    this.folder = ClusterFolder.replicaFolder(cluster.path(), replica);
    this.bytes = bytes;
    this.manifest = ManifestFile.parse(own(folder), bytes);
  }

  /**
   * Opens the folder; one that was never started takes the cluster's manifest.
   *
   * @throws ConfigException if a file is missing or damaged
   * @throws IOException if the folder cannot be written, or its data cannot be read
   */
  static ReplicaHome open(ClusterFolder cluster, int replica) throws IOException {
    Path folder = ClusterFolder.replicaFolder(cluster.path(), replica);
    Path data = folder.resolve(ReplicaFile.read(folder, replica).data());
    Path next = folder.resolve(NEXT);
    if (Files.exists(next)) {
      // A crash on the way into this epoch: whether it was begun is what the data say.
      long epoch = ManifestFile.parse(next, ClusterFolder.bytes(next)).epoch();
      if (RocksStore.epoch(data) == epoch) {
        new DurableFile(next).moveTo(own(folder));
      }
    }
    if (!Files.exists(own(folder))) {
      byte[] first = ClusterFolder.bytes(cluster.path().resolve(ManifestFile.NAME));
      new DurableFile(own(folder)).replace(first);
    }
    return new ReplicaHome(cluster, replica, ClusterFolder.bytes(own(folder)));
  }

  private static Path own(Path folder) {
    return folder.resolve(ManifestFile.NAME);
  }

  /** The manifest of the epoch that the replica is in. */
  ClusterManifest manifest() {
    return manifest;
  }

  /** The same as it was signed and is shown to others. */
  byte[] manifestBytes() {
    return bytes.clone();
  }

  /**
   * The keys and places of the present epoch.
   *
   * @throws ConfigException if a file is missing or damaged
   * @throws NoMemberException if the replica is no member of it
   */
  ReplicaPart part() {
    ReplicaPart part = cluster.replica(replica, manifest.epoch());
    checkMember(manifest, part);
    return part;
  }

  /**
   * Whether the cluster's folder, which describes an epoch that is in force, already knows that the
   * replica is no member any more. It may be the only one to say so: members turn a stranger away.
   */
  boolean dismissed() {
    return cluster.manifest().epoch() > manifest.epoch()
        && !member(cluster.manifest(), part().certificatePem());
  }

  private boolean member(ClusterManifest of, byte[] certificatePem) {
    return replica < of.members().size()
        && Arrays.equals(of.members().get(replica).pin(), NewReplica.pin(certificatePem));
  }

  private void checkMember(ClusterManifest of, ReplicaPart part) {
    if (!member(of, part.certificatePem())) {
      throw noMember(of);
    }
  }

  /** What there is to say when {@link #dismissed}. */
  NoMemberException noMember() {
    return noMember(cluster.manifest());
  }

  private NoMemberException noMember(ClusterManifest of) {
    return new NoMemberException(
        replica < of.members().size()
            ? "the replica in %s is no member of epoch %d: another one has its number %d now; its data stay as they are"
                .formatted(folder, of.epoch(), replica)
            : "replica %d is no member of epoch %d, which has replicas 0 to %d; its data stay as they are"
                .formatted(replica, of.epoch(), of.members().size() - 1));
  }

  /** Where the keys of the present epoch's trusted subsystem wait. */
  Path provision() {
    return ClusterFolder.epochFolder(folder, manifest.epoch()).resolve(NewReplica.PROVISION);
  }

  /**
   * Goes over to the epoch that an ordered command begins, with the state at its boundary.
   *
   * @throws ConfigException if its manifest cannot be used
   * @throws NoMemberException if the replica is no member any more
   * @throws IOException if the folder cannot be written
   */
  void goOver(Ending.EpochOver over) throws IOException {
    Reconfiguration to = over.next();
    ClusterManifest next = manifest.successor(to.manifest());
    if (next == null || next.epoch() != to.epoch() || next.keys().rule().n() != to.n()) {
      throw new ConfigException(
          "epoch %d is over, and what was ordered as the manifest of epoch %d is none"
              .formatted(manifest.epoch(), to.epoch()));
    }
    goOver(to.manifest(), next, over.slot(), over.carried());
  }

  /** Joins a later epoch without state, on the word of its signed manifest. */
  void join(byte[] later) throws IOException {
    ClusterManifest next = manifest.successor(later);
    if (next == null) {
      throw new IllegalArgumentException("no manifest of a later epoch");
    }
    goOver(later, next, -1, List.of());
  }

  /**
   * First what it is to be, then the data, then that it is so: {@link #open} finishes what a crash
   * interrupts.
   */
  private void goOver(byte[] nextBytes, ClusterManifest next, long slot, List<LogRecord> carried)
      throws IOException {
    ReplicaPart part = part();
    checkMember(next, part);
    Path prepared = folder.resolve(NEXT);
    new DurableFile(prepared).replace(nextBytes);
    RocksStore.beginEpoch(
        part.data(), manifest.settings(replica), next.settings(replica), slot, carried);
    new DurableFile(prepared).moveTo(own(folder));
    bytes = nextBytes.clone();
    manifest = next;
  }
}
