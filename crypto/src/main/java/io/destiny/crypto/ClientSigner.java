package io.destiny.crypto;

import io.destiny.crypto.sign.SignatureSuite;
import java.security.PrivateKey;

/** Signs a client's requests. Thread-safe. */
public final class ClientSigner {
  private final SignatureSuite suite;
  private final PrivateKey key;

  private ClientSigner(SignatureSuite suite, PrivateKey key) {
    this.suite = suite;
    this.key = key;
  }

  /**
   * @param pkcs8 the private key
   * @throws IllegalArgumentException if it is no private key of {@code algorithm}
   */
  public static ClientSigner of(ClientAlgorithm algorithm, byte[] pkcs8) {
    SignatureSuite suite = PublicKeys.suite(algorithm);
    return new ClientSigner(suite, suite.privateKey(pkcs8));
  }

  /** The signature over a statement, usually of {@code Domain.request}. */
  public byte[] sign(byte[] statement) {
    return suite.sign(key, statement);
  }
}
