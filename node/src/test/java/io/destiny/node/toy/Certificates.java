package io.destiny.node.toy;

import java.io.ByteArrayInputStream;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Self-signed certificates. */
public record Certificates(byte[] certificatePem, byte[] keyPem, byte[] pin) {
  public static Certificates valid(String name) {
    Instant now = Instant.now();
    return between(name, now.minus(Duration.ofHours(1)), now.plus(Duration.ofHours(1)));
  }

  public static Certificates expired(String name) {
    Instant now = Instant.now();
    return between(name, now.minus(Duration.ofHours(2)), now.minus(Duration.ofHours(1)));
  }

  private static Certificates between(String name, Instant from, Instant to) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      KeyPair keys = generator.generateKeyPair();
      X500Name subject = new X500Name("CN=" + name);
      var holder =
          new JcaX509v3CertificateBuilder(
                  subject,
                  BigInteger.valueOf(System.nanoTime()),
                  Date.from(from),
                  Date.from(to),
                  subject,
                  keys.getPublic())
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()));
      return new Certificates(
          pem(holder),
          pem(new JcaPKCS8Generator(keys.getPrivate(), null)),
          MessageDigest.getInstance("SHA-256").digest(keys.getPublic().getEncoded()));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] pem(Object object) throws java.io.IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  public ByteArrayInputStream certificate() {
    return new ByteArrayInputStream(certificatePem);
  }

  public ByteArrayInputStream key() {
    return new ByteArrayInputStream(keyPem);
  }
}
