package io.destiny.crypto.sign;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.Provider;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * The providers, as objects: none is registered with the platform, so nothing else in the process
 * changes its behaviour.
 */
final class SignatureProviders {
  private SignatureProviders() {}

  /** Amazon's if its native library loads here and is healthy, Bouncy Castle's otherwise. */
  static Provider fastest() {
    try {
      AmazonCorrettoCryptoProvider amazon = AmazonCorrettoCryptoProvider.INSTANCE;
      if (amazon.getLoadingError() == null) {
        amazon.assertHealthy();
        return amazon;
      }
    } catch (RuntimeException | LinkageError e) {
      System.getLogger(SignatureProviders.class.getName())
          .log(System.Logger.Level.INFO, "the native signature provider does not load", e);
    }
    return bouncyCastle();
  }

  static Provider bouncyCastle() {
    return new BouncyCastleProvider();
  }
}
