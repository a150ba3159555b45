package io.destiny.crypto.sign;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** One signature algorithm of one provider. Thread-safe: each thread has its own engine. */
public final class SignatureSuite {
  /** Ed25519. */
  public static final SignatureSuite ED25519 = ed25519(SignatureProviders.fastest());

  /** ECDSA over P-256 with SHA-256. */
  public static final SignatureSuite ECDSA_P256 = ecdsa(SignatureProviders.fastest());

  /** What precedes the 32 bytes of an Ed25519 key in its X.509 form. */
  private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

  /** What precedes the 32 secret bytes of an Ed25519 key in its PKCS#8 form. */
  private static final byte[] ED25519_SECRET_PREFIX =
      HexFormat.of().parseHex("302e020100300506032b657004220420");

  private static final int ED25519_BYTES = 32;
  private static final int P256_BITS = 256;

  private final String keyAlgorithm;
  private final KeyFactory keys;
  private final Provider provider;
  private final ThreadLocal<Signature> engines;

  private SignatureSuite(String keyAlgorithm, String algorithm, Provider provider) {
    this.keyAlgorithm = keyAlgorithm;
    this.provider = provider;
    this.keys = keyFactory(keyAlgorithm, provider);
    this.engines = ThreadLocal.withInitial(() -> engine(algorithm, provider));
    engine(algorithm, provider);
  }

  static SignatureSuite ed25519(Provider provider) {
    return new SignatureSuite("Ed25519", "Ed25519", provider);
  }

  static SignatureSuite ecdsa(Provider provider) {
    return new SignatureSuite("EC", "SHA256withECDSA", provider);
  }

  private static Signature engine(String algorithm, Provider provider) {
    try {
      return Signature.getInstance(algorithm, provider);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(provider.getName() + " has no " + algorithm, e);
    }
  }

  /** The provider's own, or the platform's where the provider reads the platform's keys. */
  private static KeyFactory keyFactory(String algorithm, Provider provider) {
    try {
      return provider.getService("KeyFactory", algorithm) == null
          ? KeyFactory.getInstance(algorithm)
          : KeyFactory.getInstance(algorithm, provider);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("no keys of " + algorithm, e);
    }
  }

  /** The key pair that this randomness gives: for simulations and tests. */
  public static KeyPair reproducibleEd25519(SecureRandom random) {
    try {
      // The providers chosen for speed do not take their randomness from outside.
      KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519", "SunEC");
      generator.initialize(NamedParameterSpec.ED25519, random);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no keys of Ed25519", e);
    }
  }

  /** A fresh key pair. */
  public KeyPair generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(keyAlgorithm);
      if (keyAlgorithm.equals("EC")) {
        generator.initialize(new ECGenParameterSpec("secp256r1"));
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no keys of " + keyAlgorithm, e);
    }
  }

  /**
   * Decodes a public key: X.509 SubjectPublicKeyInfo, or the 32 raw bytes of Ed25519.
   *
   * @throws IllegalArgumentException unless it is a canonical key of the right group; for Ed25519 a
   *     point of the prime-order group, so that all verifiers agree on every signature
   */
  public PublicKey publicKey(byte[] encoded) {
    byte[] spki = keyAlgorithm.equals("Ed25519") ? edwardsSpki(encoded) : encoded;
    try {
      PublicKey key = keys.generatePublic(new X509EncodedKeySpec(spki));
      if (key instanceof ECPublicKey ec
          && ec.getParams().getCurve().getField().getFieldSize() != P256_BITS) {
        throw new IllegalArgumentException("not a public key of P-256");
      }
      return key;
    } catch (InvalidKeySpecException e) {
      throw new IllegalArgumentException("not a public key of " + keyAlgorithm, e);
    }
  }

  private static byte[] edwardsSpki(byte[] encoded) {
    byte[] spki = encoded.length == ED25519_BYTES ? concat(ED25519_PREFIX, encoded) : encoded;
    int prefix = ED25519_PREFIX.length;
    if (spki.length != prefix + ED25519_BYTES
        || !Arrays.equals(spki, 0, prefix, ED25519_PREFIX, 0, prefix)
        || !Ed25519.validatePublicKeyFull(spki, prefix)) {
      throw new IllegalArgumentException("not an Ed25519 public key");
    }
    return spki;
  }

  /** The private key of 32 secret bytes, RFC 8032. */
  public static PrivateKey ed25519PrivateKey(byte[] seed) {
    return ED25519.privateKey(concat(ED25519_SECRET_PREFIX, seed));
  }

  /** The public key, 32 bytes, of 32 secret bytes. */
  public static byte[] ed25519PublicKey(byte[] seed) {
    byte[] key = new byte[ED25519_BYTES];
    Ed25519.generatePublicKey(seed, 0, key, 0);
    return key;
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  /**
   * Decodes a private key in PKCS#8.
   *
   * @throws IllegalArgumentException if it is none
   */
  public PrivateKey privateKey(byte[] pkcs8) {
    try {
      return keys.generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    } catch (InvalidKeySpecException e) {
      throw new IllegalArgumentException("not a private key of " + keyAlgorithm, e);
    }
  }

  /** Signs; {@code key} is of {@link #privateKey}. */
  public byte[] sign(PrivateKey key, byte[] statement) {
    Signature engine = engines.get();
    try {
      engine.initSign(key);
      engine.update(statement);
      return engine.sign();
    } catch (InvalidKeyException | SignatureException e) {
      engines.remove();
      throw new IllegalStateException("signing failed", e);
    }
  }

  /** Whether the signature is valid; false for whatever is no signature at all. */
  public boolean verify(PublicKey key, byte[] statement, byte[] signature) {
    Signature engine = engines.get();
    try {
      engine.initVerify(key);
      engine.update(statement);
      return engine.verify(signature);
    } catch (SignatureException e) {
      return false;
    } catch (InvalidKeyException | RuntimeException e) {
      // providers differ in what they throw for garbage; the engine may be left half used
      engines.remove();
      return false;
    }
  }

  /** The provider's name, to say which one runs. */
  public String providerName() {
    return provider.getName();
  }
}
