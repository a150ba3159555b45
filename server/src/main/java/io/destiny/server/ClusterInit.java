package io.destiny.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Limits;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.crypto.ClientAlgorithm;
import io.destiny.crypto.ClientSigner;
import io.destiny.crypto.KeyCeremony;
import io.destiny.crypto.KeyCeremony.Ceremony;
import io.destiny.crypto.Scheme;
import io.destiny.crypto.TlsIdentity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

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
  private static final String PROVISIONER_FILE = "provisioner.yaml";

  public ClusterInit {
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
        Settings.Tuning.defaults(rule.f()));
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
      secret(folder.resolve(ClientFile.NAME), yaml(client.write()));
      JsonNode provisioner =
          Fields.YAML
              .createObjectNode()
              .put("key", Fields.base64(ceremony.provisionerPrivateKey()));
      secret(folder.resolve(PROVISIONER_FILE), yaml(provisioner));
      Files.write(
          folder.resolve(ManifestFile.NAME),
          yaml(ManifestFile.write(manifest(ceremony, members))),
          StandardOpenOption.CREATE_NEW);
    } catch (FileAlreadyExistsException e) {
      throw new ConfigException(
          e.getFile() + " exists already; choose another folder or remove it", e);
    } catch (IOException e) {
      throw new ConfigException(folder + " cannot be written: " + e.getMessage(), e);
    }
    return ClusterFolder.open(folder);
  }

  private ClusterManifest manifest(Ceremony ceremony, List<ClusterManifest.Member> members) {
    ClusterManifest unsigned =
        new ClusterManifest(
            protocol,
            ceremony.publicKeys(),
            limits,
            tuning,
            KeyValueStore.DEFAULT_MAX_BYTES,
            members,
            ceremony.provisionerPublicKey(),
            new byte[0]);
    byte[] signature =
        ClientSigner.of(ClientAlgorithm.ED25519, ceremony.provisionerPrivateKey())
            .sign(unsigned.statement());
    return new ClusterManifest(
        protocol,
        ceremony.publicKeys(),
        limits,
        tuning,
        unsigned.maxStateBytes(),
        members,
        ceremony.provisionerPublicKey(),
        signature);
  }

  private ClusterManifest.Member replica(Path cluster, int i, byte[] id, Ceremony ceremony)
      throws IOException {
    Path folder = ClusterFolder.replicaFolder(cluster, i);
    Files.createDirectories(folder, attributes(folder, "rwx------"));
    TlsIdentity identity = TlsIdentity.generate("replica-" + i);
    ReplicaFile file =
        new ReplicaFile(
            i,
            id,
            host,
            "127.0.0.1",
            "tls-certificate.pem",
            "tls-key.pem",
            "execution.key",
            "data",
            ceremony.provisionerPublicKey());
    Files.write(
        folder.resolve(ReplicaFile.NAME), yaml(file.write()), StandardOpenOption.CREATE_NEW);
    Files.write(
        folder.resolve(file.certificate()),
        identity.certificatePem().getBytes(StandardCharsets.US_ASCII),
        StandardOpenOption.CREATE_NEW);
    secret(folder.resolve(file.key()), identity.keyPem().getBytes(StandardCharsets.US_ASCII));
    secret(folder.resolve(file.executionKey()), ceremony.replicas().get(i).executionKey());
    secret(folder.resolve("provision.once"), ceremony.replicas().get(i).provision());
    Files.createDirectories(folder.resolve(file.data()));
    int port = basePort + 3 * i;
    return new ClusterManifest.Member(host, port, port + 1, port + 2, pin(identity));
  }

  private static byte[] pin(TlsIdentity identity) {
    byte[] pem = identity.certificatePem().getBytes(StandardCharsets.US_ASCII);
    try {
      Certificate certificate =
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(pem));
      return TlsIdentity.pin((X509Certificate) certificate);
    } catch (CertificateException e) {
      throw new IllegalStateException("a certificate just made can be read", e);
    }
  }

  private static byte[] yaml(JsonNode node) throws IOException {
    return Fields.YAML.writeValueAsBytes(node);
  }

  private static FileAttribute<?>[] attributes(Path path, String permissions) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  /** Writes a file that nobody else can read at any moment. */
  private static void secret(Path file, byte[] content) throws IOException {
    try (SeekableByteChannel channel =
        Files.newByteChannel(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            attributes(file, "rw-------"))) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }
}
