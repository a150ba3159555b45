package io.destiny.server;

import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Reconfiguration;
import io.destiny.crypto.KeyCeremony;
import io.destiny.crypto.trusted.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The next epoch of a cluster folder, as its administrators prepare it. Its manifest is written
 * last, as {@code next.yaml}: from then on this is the one that is asked for, by as many attempts
 * as it takes, since two that are signed for one epoch could mislead who was left behind. It ends
 * in force or discarded.
 */
public final class NextEpoch {
  static final String STAGED = "next.yaml";

  private final ClusterFolder cluster;
  private final byte[] bytes;
  private final ClusterManifest manifest;

  private NextEpoch(ClusterFolder cluster, byte[] bytes, ClusterManifest manifest) {
    this.cluster = cluster;
    this.bytes = bytes;
    this.manifest = manifest;
  }

  /**
   * What an earlier attempt prepared and nobody knows the end of, or null.
   *
   * @throws ConfigException if it is damaged
   */
  public static @Nullable NextEpoch prepared(ClusterFolder cluster) {
    Path staged = cluster.path().resolve(STAGED);
    if (!Files.exists(staged)) {
      return null;
    }
    byte[] bytes = ClusterFolder.bytes(staged);
    ClusterManifest manifest = cluster.manifest().successor(bytes);
    if (manifest == null) {
      throw new ConfigException(staged + " is not the manifest of an epoch that can follow");
    }
    return new NextEpoch(cluster, bytes, manifest);
  }

  /**
   * Makes fresh keys for the present members. TLS keys stay: by them clients and replicas of the
   * present epoch find those of the next.
   *
   * @throws ConfigException if the folder lacks the provisioner's key or cannot be written
   */
  public static NextEpoch rotate(ClusterFolder cluster) {
    return prepare(cluster, NextMembers.same(cluster.manifest()));
  }

  /**
   * The same, and a replica is exchanged for a new one, with a folder and a TLS key of its own. Its
   * folder takes the old one's place when the epoch is in force.
   *
   * @throws ConfigException also if there is no such replica, or the place is taken
   */
  public static NextEpoch replace(ClusterFolder cluster, int replica, Place place) {
    cluster.replicaFolder(replica);
    return prepare(cluster, NextMembers.replacing(cluster.manifest(), replica, place));
  }

  /**
   * The same, and there are more replicas at the end, each with a folder.
   *
   * @throws ConfigException also if there would be too many at a time, or the place is taken
   */
  public static NextEpoch add(ClusterFolder cluster, int count, Place place) {
    return prepare(cluster, NextMembers.adding(cluster.manifest(), count, place));
  }

  /**
   * The same without the last replicas. Their folders stay.
   *
   * @throws ConfigException also if these are not the last ones, or too many
   */
  public static NextEpoch remove(ClusterFolder cluster, List<Integer> replicas) {
    return prepare(cluster, NextMembers.removing(cluster.manifest(), replicas));
  }

  private static NextEpoch prepare(ClusterFolder cluster, NextMembers members) {
    ClusterManifest present = cluster.manifest();
    boolean trusted = present.entry().trusted();
    byte[] provisioner = cluster.provisionerPrivateKey();
    QuorumRule before = present.keys().rule();
    QuorumRule rule = new QuorumRule(members.all().size(), before.model());
    KeyCeremony.NextEpoch keys = KeyCeremony.next(present.keys(), rule);
    ClusterManifest next =
        new ClusterManifest(
                present.protocol(),
                keys.publicKeys(),
                present.limits(),
                present.tuning().goingOver(before, rule),
                present.maxStateBytes(),
                members.all(),
                new byte[0])
            .signedWith(provisioner);
    try {
      byte[] bytes = FolderWriter.yaml(ManifestFile.write(next));
      if (bytes.length > Reconfiguration.MOST_MANIFEST_BYTES) {
        throw new ConfigException(
            "the manifest of %d replicas is too large to be ordered".formatted(rule.n()));
      }
      for (int i = 0; i < rule.n(); i++) {
        Path folder = ClusterFolder.replicaFolder(cluster.path(), i);
        NewReplica fresh = members.fresh().get(i);
        // An attempt that broke off before its manifest was written may have left one.
        FolderWriter.delete(newcomer(folder));
        if (fresh != null) {
          fresh.write(newcomer(folder), keys.replicas().get(i), trusted);
        } else {
          FolderWriter.folder(folder);
          FolderWriter.provision(
              ClusterFolder.epochFolder(folder, next.epoch()), keys.replicas().get(i), trusted);
        }
      }
      new DurableFile(cluster.path().resolve(STAGED)).replace(bytes);
      return new NextEpoch(cluster, bytes, next);
    } catch (IOException e) {
      throw cannotWrite(cluster, e);
    }
  }

  /** The replicas that begin in this epoch, with folders of their own. */
  public List<Integer> newcomers() {
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < manifest.members().size(); i++) {
      if (Files.exists(newcomer(ClusterFolder.replicaFolder(cluster.path(), i)))) {
        numbers.add(i);
      }
    }
    return numbers;
  }

  /** Where a new replica's folder waits to take the place of the old one's. */
  private static Path newcomer(Path replicaFolder) {
    return replicaFolder.resolveSibling(replicaFolder.getFileName() + ".new");
  }

  /** Lets new replicas' folders take their places; what was there stays under another name. */
  private void installNewcomers() throws IOException {
    for (int i = 0; i < manifest.members().size(); i++) {
      Path folder = ClusterFolder.replicaFolder(cluster.path(), i);
      if (Files.exists(newcomer(folder))) {
        if (Files.exists(folder)) {
          Path old = folder.resolveSibling(folder.getFileName() + ".until-" + manifest.epoch());
          new DurableFile(folder).moveTo(old);
        }
        new DurableFile(newcomer(folder)).moveTo(folder);
      }
    }
  }

  private static ConfigException cannotWrite(ClusterFolder cluster, IOException e) {
    return new ConfigException(cluster.path() + " cannot be written: " + e.getMessage(), e);
  }

  public ClusterManifest manifest() {
    return manifest;
  }

  /** The manifest as replicas and clients will hold it. */
  public byte[] manifestBytes() {
    return bytes.clone();
  }

  /** The command that asks for this epoch. */
  public Reconfiguration command() {
    return new Reconfiguration(manifest.epoch(), manifest.keys().rule().n(), bytes);
  }

  /**
   * It was ordered: the folder describes it from now on, and keeps the old manifest for old
   * receipts.
   *
   * @return the folder as it is then
   */
  public ClusterFolder putInForce() {
    Path present = cluster.path().resolve(ManifestFile.NAME);
    Path old = ClusterFolder.earlier(cluster.path(), cluster.manifest().epoch());
    try {
      Files.createDirectories(old.getParent());
      FolderWriter.replace(old, ClusterFolder.bytes(present));
      installNewcomers();
      Path staged = cluster.path().resolve(STAGED);
      FolderWriter.open(staged);
      new DurableFile(staged).moveTo(present);
    } catch (IOException e) {
      throw cannotWrite(cluster, e);
    }
    return ClusterFolder.open(cluster.path());
  }

  /** It was refused: its keys and its manifest go. */
  public void discard() {
    try {
      // The keys first: while the manifest is there, the attempt is not forgotten.
      for (int i = 0; i < manifest.members().size(); i++) {
        Path folder = ClusterFolder.replicaFolder(cluster.path(), i);
        FolderWriter.delete(ClusterFolder.epochFolder(folder, manifest.epoch()));
        FolderWriter.delete(newcomer(folder));
      }
      Files.deleteIfExists(cluster.path().resolve(STAGED));
    } catch (IOException e) {
      throw cannotWrite(cluster, e);
    }
  }

  @Override
  public String toString() {
    return "epoch " + manifest.epoch() + " of " + List.of(cluster.path());
  }
}
