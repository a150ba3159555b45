package io.destiny.server;

import io.destiny.crypto.PublicKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A cluster's folder as {@code destiny init} writes it. Opening it checks the manifest; what
 * belongs to one replica or to the client is read when it is asked for.
 */
public final class ClusterFolder {
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

  public PublicKeys keys() {
    return manifest.keys();
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
   * Reads one replica's part.
   *
   * @throws ConfigException if a file is missing, damaged or of another cluster
   */
  public ReplicaPart replica(int replica) {
    Path folder = replicaFolder(replica);
    ReplicaFile file = ReplicaFile.read(folder, replica);
    same(folder.resolve(ReplicaFile.NAME), file.cluster(), file.provisionerKey());
    return new ReplicaPart(
        folder,
        file.bind(),
        file.adminBind(),
        secret(folder.resolve(file.certificate())),
        secret(folder.resolve(file.key())),
        secret(folder.resolve(file.executionKey())),
        folder.resolve(file.data()));
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

  private void same(Path file, byte[] cluster, byte[] provisionerKey) {
    if (!Arrays.equals(cluster, keys().domain().cluster())) {
      throw new ConfigException(file + ": field 'cluster' names another cluster than cluster.yaml");
    }
    if (!Arrays.equals(provisionerKey, manifest.provisionerKey())) {
      throw new ConfigException(
          file + ": field 'provisionerKey' is not the key that signed cluster.yaml");
    }
  }

  private static byte[] secret(Path file) {
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
