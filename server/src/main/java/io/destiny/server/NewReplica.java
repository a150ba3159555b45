package io.destiny.server;

import io.destiny.crypto.ReplicaSecrets;
import io.destiny.crypto.TlsIdentity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

/** A replica that is made: its TLS key, and the content of its folder. */
record NewReplica(ReplicaFile file, TlsIdentity identity) {
  /** Where a replica's folder has its keys of π, and a trusted subsystem's until they are taken. */
  static final String EXECUTION_KEY = "execution.key";

  static final String PROVISION = "provision.once";

  static NewReplica of(int number, byte[] cluster, String bind, byte[] provisionerKey) {
    ReplicaFile file =
        new ReplicaFile(
            number,
            cluster,
            bind,
            "127.0.0.1",
            "tls-certificate.pem",
            "tls-key.pem",
            EXECUTION_KEY,
            "data",
            provisionerKey);
    return new NewReplica(file, TlsIdentity.generate("replica-" + number));
  }

  /**
   * Writes its folder.
   *
   * @param trusted whether it has a trusted subsystem, which takes its keys from there
   */
  void write(Path folder, ReplicaSecrets secrets, boolean trusted) throws IOException {
    FolderWriter.folder(folder);
    FolderWriter.open(folder.resolve(ReplicaFile.NAME), FolderWriter.yaml(file.write()));
    FolderWriter.open(
        folder.resolve(file.certificate()),
        identity.certificatePem().getBytes(StandardCharsets.US_ASCII));
    FolderWriter.secret(
        folder.resolve(file.key()), identity.keyPem().getBytes(StandardCharsets.US_ASCII));
    FolderWriter.secret(folder.resolve(file.executionKey()), secrets.executionKey());
    if (trusted) {
      FolderWriter.secret(folder.resolve(PROVISION), secrets.provision());
    }
    Files.createDirectories(folder.resolve(file.data()));
  }

  /** What others know its TLS certificate by. */
  byte[] pin() {
    return pin(identity.certificatePem().getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * What a certificate is known by.
   *
   * @throws ConfigException if it is none
   */
  static byte[] pin(byte[] certificatePem) {
    try {
      Certificate certificate =
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(certificatePem));
      return TlsIdentity.pin((X509Certificate) certificate);
    } catch (CertificateException e) {
      throw new ConfigException("a TLS certificate is damaged: " + e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return "new replica " + file.replica();
  }
}
