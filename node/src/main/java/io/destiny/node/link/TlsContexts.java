package io.destiny.node.link;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import javax.net.ssl.SSLException;

/**
 * TLS 1.3 with this replica's certificate, by OpenSSL where its native library is there.
 *
 * @param certificatePem the certificate
 * @param keyPem its private key, PKCS#8
 */
public record TlsContexts(byte[] certificatePem, byte[] keyPem) {
  private static final String VERSION = "TLSv1.3";

  /**
   * Reads the certificate and the key.
   *
   * @throws IllegalArgumentException if they cannot be used
   */
  public void check() {
    clientServer();
  }

  /** For the peer port: only replicas with a known pin get through the handshake. */
  SslContext peerServer(PeerPins pins, int self) {
    return build(
        GrpcSslContexts.configure(server(), provider())
            .clientAuth(ClientAuth.REQUIRE)
            .trustManager(new PinnedTrustManager(pins, replica -> replica != self)));
  }

  /** For a connection to {@code peer}: nobody else may answer. */
  SslContext peerClient(PeerPins pins, int peer) {
    SslContextBuilder builder =
        SslContextBuilder.forClient().keyManager(stream(certificatePem), stream(keyPem));
    return build(
        GrpcSslContexts.configure(builder, provider())
            .trustManager(new PinnedTrustManager(pins, replica -> replica == peer)));
  }

  /** For the client port: clients are known by their signatures, not by certificates. */
  public SslContext clientServer() {
    return build(GrpcSslContexts.configure(server(), provider()));
  }

  private SslContextBuilder server() {
    try {
      return SslContextBuilder.forServer(stream(certificatePem), stream(keyPem));
    } catch (IllegalArgumentException e) {
      throw unreadable(e);
    }
  }

  private static SslContext build(SslContextBuilder builder) {
    try {
      return builder.protocols(VERSION).build();
    } catch (SSLException | IllegalArgumentException e) {
      throw unreadable(e);
    }
  }

  private static IllegalArgumentException unreadable(Exception e) {
    return new IllegalArgumentException(
        "the replica's TLS certificate or key cannot be used: " + e.getMessage(), e);
  }

  private static SslProvider provider() {
    return OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
  }

  private static InputStream stream(byte[] pem) {
    return new ByteArrayInputStream(pem);
  }
}
