package io.destiny.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import org.junit.jupiter.api.Test;

class TlsIdentityTest {
  private static X509Certificate certificate(TlsIdentity identity) throws Exception {
    byte[] pem = identity.certificatePem().getBytes(StandardCharsets.US_ASCII);
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
  }

  @Test
  void theCertificateBelongsToTheKeyAndLastsForYears() throws Exception {
    TlsIdentity identity = TlsIdentity.generate("replica, 0 = \"first\"");
    X509Certificate certificate = certificate(identity);
    certificate.verify(certificate.getPublicKey());
    certificate.checkValidity();
    certificate.checkValidity(Date.from(Instant.now().plus(365 * 30, ChronoUnit.DAYS)));
    assertThat(certificate.getBasicConstraints()).as("no authority").isEqualTo(-1);

    assertThat(identity.keyPem()).startsWith("-----BEGIN PRIVATE KEY-----");
    String base64 = identity.keyPem().replaceAll("-----[A-Z ]+-----|\\s", "");
    PrivateKey key =
        KeyFactory.getInstance("EC")
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key);
    signature.update((byte) 7);
    byte[] signed = signature.sign();
    signature.initVerify(certificate.getPublicKey());
    signature.update((byte) 7);
    assertThat(signature.verify(signed)).isTrue();
    assertThat(identity.toString()).doesNotContain("KEY");
  }

  @Test
  void thePinIsTheHashOfTheKeyAndDiffersBetweenIdentities() throws Exception {
    X509Certificate a = certificate(TlsIdentity.generate("a"));
    X509Certificate b = certificate(TlsIdentity.generate("a"));
    assertThat(TlsIdentity.pin(a))
        .hasSize(32)
        .isEqualTo(MessageDigest.getInstance("SHA-256").digest(a.getPublicKey().getEncoded()))
        .isNotEqualTo(TlsIdentity.pin(b));
  }
}
