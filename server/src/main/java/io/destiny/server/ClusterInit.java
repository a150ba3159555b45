package io.destiny.server;

import io.destiny.core.machine.Settings;
import io.destiny.core.model.Limits;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.crypto.ClientAlgorithm;
import io.destiny.crypto.KeyCeremony;
import io.destiny.crypto.KeyCeremony.Ceremony;
import io.destiny.crypto.Scheme;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * A new cluster's parameters, and the writing of its folder.
 *
 * @param protocol its name in the catalogue
 * @param host where all replicas are reached
 * @param basePort B: replica i has ports B+3i (replicas), B+3i+1 (clients), B+3i+2 (admin)
 * @param tuning equal at all replicas
 */
public record ClusterInit(
    String protocol,
    QuorumRule rule,
    String host,
    int basePort,
    Scheme scheme,
    ClientAlgorithm clientAlgorithm,
    Limits limits,
    Settings.Tuning tuning) {
  /** Sessions that {@code init} allows each principal. */
  public static final int MAX_SESSIONS = 4096;

  private static final int CLUSTER_ID_BYTES = 16;
  private static final int FIRST_PRINCIPAL = 1;

  public ClusterInit {
    ClusterManifest.entry(protocol, rule);
    if (basePort < 1 || basePort + 3 * rule.n() - 1 > ManifestFile.MAX_PORT) {
      throw new ConfigException(
          "base port %d leaves no room for the ports of %d replicas".formatted(basePort, rule.n()));
    }
  }

  /** A cluster with the default limits and tuning. */
  public static ClusterInit of(String protocol, QuorumRule rule, String host, int basePort) {
    return new ClusterInit(
        protocol,
        rule,
        host,
        basePort,
        Scheme.MULTI_SIGNATURE,
        ClientAlgorithm.ED25519,
        Limits.DEFAULT,
        ClusterManifest.entry(protocol, rule).tuning(rule.f()));
  }

  public ClusterInit withScheme(Scheme other) {
    return new ClusterInit(protocol, rule, host, basePort, other, clientAlgorithm, limits, tuning);
  }

  public ClusterInit withClientAlgorithm(ClientAlgorithm other) {
    return new ClusterInit(protocol, rule, host, basePort, scheme, other, limits, tuning);
  }

  public ClusterInit withTuning(Settings.Tuning other) {
    return new ClusterInit(protocol, rule, host, basePort, scheme, clientAlgorithm, limits, other);
  }

  /**
   * Makes all keys and writes the folder, the manifest last: a folder without it is not complete.
   *
   * @throws ConfigException if the folder holds a cluster already or cannot be written
   */
  public ClusterFolder write(Path folder) {
    if (Files.exists(folder.resolve(ManifestFile.NAME))) {
      throw new ConfigException(
          folder + " holds a cluster already; choose another folder or remove it");
    }
    byte[] cluster = new byte[CLUSTER_ID_BYTES];
    new SecureRandom().nextBytes(cluster);
    Ceremony ceremony =
        KeyCeremony.generate(new Domain(cluster, 0), rule, scheme, clientAlgorithm, MAX_SESSIONS);
    try {
      Files.createDirectories(folder);
      List<ClusterManifest.Member> members = new ArrayList<>();
      for (int i = 0; i < rule.n(); i++) {
        members.add(replica(folder, i, cluster, ceremony));
      }
      ClientFile client =
          new ClientFile(
              FIRST_PRINCIPAL,
              cluster,
              clientAlgorithm,
              ceremony.clientPrivateKey(),
              ceremony.provisionerPublicKey());
      FolderWriter.secret(folder.resolve(ClientFile.NAME), FolderWriter.yaml(client.write()));
      ProvisionerFile provisioner = new ProvisionerFile(ceremony.provisionerPrivateKey());
      FolderWriter.secret(
          folder.resolve(ProvisionerFile.NAME), FolderWriter.yaml(provisioner.write()));
      FolderWriter.open(
          folder.resolve(ManifestFile.NAME),
          FolderWriter.yaml(ManifestFile.write(manifest(ceremony, members))));
    } catch (FileAlreadyExistsException e) {
      throw new ConfigException(
          e.getFile() + " exists already; choose another folder or remove it", e);
    } catch (IOException e) {
      throw new ConfigException(folder + " cannot be written: " + e.getMessage(), e);
    }
    return ClusterFolder.open(folder);
  }

  private ClusterManifest manifest(Ceremony ceremony, List<ClusterManifest.Member> members) {
    return new ClusterManifest(
            protocol,
            ceremony.publicKeys(),
            limits,
            tuning,
            KeyValueStore.DEFAULT_MAX_BYTES,
            members,
            new byte[0])
        .signedWith(ceremony.provisionerPrivateKey());
  }

  private ClusterManifest.Member replica(Path cluster, int i, byte[] id, Ceremony ceremony)
      throws IOException {
    NewReplica made = NewReplica.of(i, id, host, ceremony.provisionerPublicKey());
    boolean trusted = ClusterManifest.entry(protocol, rule).trusted();
    made.write(ClusterFolder.replicaFolder(cluster, i), ceremony.replicas().get(i), trusted);
    int port = basePort + 3 * i;
    return new ClusterManifest.Member(host, port, port + 1, port + 2, made.pin());
  }
}
