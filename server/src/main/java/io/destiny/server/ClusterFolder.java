package io.destiny.server;

import io.destiny.crypto.PublicKeys;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A cluster's folder as {@code destiny init} writes it. Opening it checks the manifest; what
 * belongs to one replica or to the client is read when it is asked for.
 */
public final class ClusterFolder {
  private static final String EARLIER = "earlier";

  private final Path path;
  private final ClusterManifest manifest;

  private ClusterFolder(Path path, ClusterManifest manifest) {
    this.path = path;
    this.manifest = manifest;
  }

  /**
   * Reads the manifest, checks its keys and its provisioner's signature.
   *
   * @throws ConfigException if a file is missing or damaged
   */
  public static ClusterFolder open(Path path) {
    return new ClusterFolder(path, ManifestFile.read(path));
  }

  public Path path() {
    return path;
  }

  public ClusterManifest manifest() {
    return manifest;
  }

  /** That of the epoch a replica is in, if its folder is here and says so. */
  ClusterManifest manifestOf(int replica) {
    Path own = replicaFolder(path, replica).resolve(ManifestFile.NAME);
    try {
      ClusterManifest of = Files.exists(own) ? ManifestFile.parse(own, bytes(own)) : manifest;
      return sameCluster(of) ? of : manifest;
    } catch (ConfigException e) {
      // Damaged: whoever needs it will say so.
      return manifest;
    }
  }

  public PublicKeys keys() {
    return manifest.keys();
  }

  /**
   * The keys of each epoch whose manifest the folder has, the present one's first. With these, old
   * receipts can be checked.
   *
   * @throws ConfigException if a file is damaged or of another cluster
   */
  public List<PublicKeys> knownKeys() {
    List<PublicKeys> known = new ArrayList<>(List.of(keys()));
    for (Path file : earlierManifests()) {
      ClusterManifest old = ManifestFile.parse(file, bytes(file));
      same(file, old.keys().domain().cluster(), old.provisionerKey());
      known.add(old.keys());
    }
    return known;
  }

  /** The files of {@link #knownKeys} but the present one. */
  List<Path> earlierManifests() {
    List<Path> all = new ArrayList<>();
    if (Files.exists(path.resolve(EARLIER))) {
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(path.resolve(EARLIER), "cluster-*.yaml")) {
        files.forEach(all::add);
      } catch (IOException e) {
        throw new ConfigException(path.resolve(EARLIER) + " cannot be read: " + e.getMessage(), e);
      }
    }
    return all;
  }

  /** Where the manifest of an epoch that is over is kept. */
  static Path earlier(Path cluster, long epoch) {
    return cluster.resolve(EARLIER).resolve("cluster-" + epoch + ".yaml");
  }

  /** Where a replica's keys of an epoch are that was begun with the replica already there. */
  static Path epochFolder(Path replicaFolder, long epoch) {
    return replicaFolder.resolve("epoch-" + epoch);
  }

  /**
   * The administrators' secret, PKCS#8.
   *
   * @throws ConfigException if the file is missing or damaged
   */
  public byte[] provisionerPrivateKey() {
    return ProvisionerFile.read(path).key();
  }

  /** The folder of a replica. */
  public static Path replicaFolder(Path cluster, int replica) {
    return cluster.resolve("replica-" + replica);
  }

  /**
   * The folder of a replica of this cluster.
   *
   * @throws ConfigException if the cluster has no such replica
   */
  public Path replicaFolder(int replica) {
    if (replica < 0 || replica >= keys().rule().n()) {
      throw new ConfigException(
          "%s describes replicas 0 to %d, there is no replica %d"
              .formatted(path.resolve(ManifestFile.NAME), keys().rule().n() - 1, replica));
    }
    return replicaFolder(path, replica);
  }

  /**
   * What a replica needs beside the manifest.
   *
   * @param certificatePem its TLS certificate
   * @param keyPem the certificate's key, PKCS#8
   * @param executionKey its share of π
   */
  public record ReplicaPart(
      Path folder,
      String bind,
      String adminBind,
      byte[] certificatePem,
      byte[] keyPem,
      byte[] executionKey,
      Path data) {
    @Override
    public String toString() {
      return "replica in " + folder;
    }
  }

  /**
   * Reads one replica's part, as of the epoch that the folder's manifest describes.
   *
   * @throws ConfigException if a file is missing, damaged or of another cluster
   */
  public ReplicaPart replica(int replica) {
    replicaFolder(replica);
    return replica(replica, manifest.epoch());
  }

  ReplicaPart replica(int replica, long epoch) {
    Path folder = replicaFolder(path, replica);
    ReplicaFile file = ReplicaFile.read(folder, replica);
    same(folder.resolve(ReplicaFile.NAME), file.cluster(), file.provisionerKey());
    return new ReplicaPart(
        folder,
        file.bind(),
        file.adminBind(),
        bytes(folder.resolve(file.certificate())),
        bytes(folder.resolve(file.key())),
        bytes(executionKey(folder, file, epoch)),
        folder.resolve(file.data()));
  }

  /**
   * A replica's first key is where its file says, those of later epochs in folders of their own.
   */
  private static Path executionKey(Path folder, ReplicaFile file, long epoch) {
    Path later = epochFolder(folder, epoch).resolve(NewReplica.EXECUTION_KEY);
    return Files.exists(later) ? later : folder.resolve(file.executionKey());
  }

  /**
   * Reads the enrolled client's key.
   *
   * @throws ConfigException if the file is missing, damaged or of another cluster
   */
  public ClientFile client() {
    ClientFile file = ClientFile.read(path);
    same(path.resolve(ClientFile.NAME), file.cluster(), file.provisionerKey());
    return file;
  }

  /** Whether a manifest is one of this cluster, by its administrators. */
  boolean sameCluster(ClusterManifest other) {
    return Arrays.equals(other.keys().domain().cluster(), keys().domain().cluster())
        && Arrays.equals(other.provisionerKey(), manifest.provisionerKey());
  }

  private void same(Path file, byte[] cluster, byte[] provisionerKey) {
    if (!Arrays.equals(cluster, keys().domain().cluster())) {
      throw new ConfigException(file + ": field 'cluster' names another cluster than cluster.yaml");
    }
    if (!Arrays.equals(provisionerKey, manifest.provisionerKey())) {
      throw new ConfigException(
          file + ": field 'provisionerKey' is not the key that signed cluster.yaml");
    }
  }

  /** The content of a file that must be there. */
  static byte[] bytes(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      if (bytes.length == 0) {
        throw new ConfigException(file + " is damaged: it is empty");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new ConfigException(file + " does not exist; the replica's folder is not complete", e);
    } catch (IOException e) {
      throw new ConfigException(file + " cannot be read: " + e.getMessage(), e);
    }
  }
}
