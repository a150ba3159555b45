package io.destiny.node;

import io.destiny.core.machine.Settings;
import io.destiny.wire.WireLimits;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;

/**
 * All that a node is told about its place in the world.
 *
 * @param protocol the catalogue's name of the protocol, for the status page only
 * @param settings what the protocol is told
 * @param peers one endpoint a replica, this one included, in order of their numbers
 * @param bind where this node listens
 * @param certificatePem this replica's certificate, PEM
 * @param keyPem its private key, PKCS#8 in PEM
 * @param dataFolder where the log and the checkpoints are; made if it is missing
 * @param manifest the cluster's manifest of this epoch, opaque here: shown to clients and peers
 *     that are in an earlier one; empty if there is none to show
 * @param queues how much is held for others before they are told to wait
 */
public record NodeConfig(
    String protocol,
    Settings settings,
    List<Endpoint> peers,
    Bind bind,
    byte[] certificatePem,
    byte[] keyPem,
    Path dataFolder,
    byte[] manifest,
    Queues queues) {

  /**
   * @throws IllegalArgumentException unless there is one endpoint for each replica, each with a pin
   *     of its own
   */
  public NodeConfig {
    peers = List.copyOf(peers);
    if (manifest.length > WireLimits.MAX_MANIFEST_BYTES) {
      throw new IllegalArgumentException(
          "a manifest has at most %d bytes, not %d"
              .formatted(WireLimits.MAX_MANIFEST_BYTES, manifest.length));
    }
    if (peers.size() != settings.n()) {
      throw new IllegalArgumentException(
          "there are %d endpoints for %d replicas".formatted(peers.size(), settings.n()));
    }
    if (peers.stream().map(Endpoint::pinHex).distinct().count() != peers.size()) {
      throw new IllegalArgumentException("two replicas have the same certificate pin");
    }
  }

  /**
   * Where another replica listens for replicas, and who it must be.
   *
   * @param port its peer port
   * @param pin SHA-256 of the SubjectPublicKeyInfo of its certificate, 32 bytes
   */
  public record Endpoint(String host, int port, byte[] pin) {
    public Endpoint {
      if (pin.length != 32) {
        throw new IllegalArgumentException("a pin has 32 bytes, not " + pin.length);
      }
      pin = pin.clone();
    }

    @Override
    public byte[] pin() {
      return pin.clone();
    }

    String pinHex() {
      return HexFormat.of().formatHex(pin);
    }
  }

  /**
   * Where this node listens; port 0 lets the system choose, see {@link Node}'s accessors.
   *
   * @param host for replicas and clients
   * @param adminHost for the admin pages, which know no passwords: loopback unless there is a
   *     reason
   */
  public record Bind(String host, int peerPort, int clientPort, String adminHost, int adminPort) {
    /** Admin pages on loopback. */
    public static Bind of(String host, int peerPort, int clientPort, int adminPort) {
      return new Bind(host, peerPort, clientPort, "127.0.0.1", adminPort);
    }
  }

  /**
   * Limits of the queues.
   *
   * @param inboundMessages of one peer and lane that wait for the loop; beyond it, its stream is
   *     not read
   * @param inboundBytes the same in bytes
   * @param outboundMessages to one peer and lane that wait for the network; beyond it the oldest is
   *     dropped
   * @param outboundBytes the same in bytes
   * @param clientRequests of all clients that wait for verification or the loop; beyond it they are
   *     answered BUSY
   * @param clientBytes the same in bytes
   * @param clientReplies to one connection that wait for the network; beyond it the connection is
   *     cut off
   * @param clientReplyBytes the same in bytes
   * @param connections of clients at one time
   */
  public record Queues(
      int inboundMessages,
      long inboundBytes,
      int outboundMessages,
      long outboundBytes,
      int clientRequests,
      long clientBytes,
      int clientReplies,
      long clientReplyBytes,
      int connections) {
    private static final long MEBIBYTE = 1 << 20;

    /** Defaults for a cluster of {@code n} replicas: all peers together stay under 256 MiB. */
    public static Queues defaults(int n) {
      long perPeer = Math.max(4 * MEBIBYTE, Math.min(16 * MEBIBYTE, 128 * MEBIBYTE / n));
      return new Queues(
          1024, perPeer, 8192, perPeer, 8192, 64 * MEBIBYTE, 8192, 16 * MEBIBYTE, 4096);
    }
  }
}
