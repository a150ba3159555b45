package io.destiny.node.link;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.function.IntPredicate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts certificates by the pins in the configuration and by nothing else: no authority, no host
 * name. An expired certificate is refused, too.
 */
final class PinnedTrustManager extends X509ExtendedTrustManager {
  private final PeerPins pins;
  private final IntPredicate expected;

  /**
   * @param expected which replicas may be at the other end
   */
  PinnedTrustManager(PeerPins pins, IntPredicate expected) {
    this.pins = pins;
    this.expected = expected;
  }

  private void check(X509Certificate[] chain) throws CertificateException {
    if (chain.length == 0) {
      throw new CertificateException("no certificate");
    }
    chain[0].checkValidity();
    int replica = pins.replicaOf(chain[0]);
    if (replica < 0 || !expected.test(replica)) {
      throw new CertificateException("not the certificate of an expected replica");
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
