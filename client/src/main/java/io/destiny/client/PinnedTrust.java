package io.destiny.client;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslProvider;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts one key, whatever name or issuer its certificate states: the cluster's description names
 * the key of each replica.
 */
final class PinnedTrust extends X509ExtendedTrustManager {
  private final byte[] pin;

  private PinnedTrust(byte[] pin) {
    this.pin = pin.clone();
  }

  /** TLS 1.3 for a connection to the replica with this pin. */
  static SslContext context(byte[] pin) {
    try {
      return GrpcSslContexts.forClient()
          .sslProvider(SslProvider.OPENSSL)
          .protocols("TLSv1.3")
          .trustManager(new PinnedTrust(pin))
          .build();
    } catch (SSLException e) {
      throw new IllegalStateException("this platform has no TLS library that Netty can use", e);
    }
  }

  private void check(X509Certificate[] chain) throws CertificateException {
    if (chain == null || chain.length == 0) {
      throw new CertificateException("the replica showed no certificate");
    }
    chain[0].checkValidity();
    if (!MessageDigest.isEqual(pin, sha256(chain[0].getPublicKey().getEncoded()))) {
      throw new CertificateException(
          "the replica's certificate is not the one in the cluster's description");
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain);
  }

  private static CertificateException noClients() {
    return new CertificateException("a client accepts no connections");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    throw noClients();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw noClients();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw noClients();
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
