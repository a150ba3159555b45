package io.destiny.node;

import io.destiny.core.app.StateMachine;
import io.destiny.core.crypto.ClientRegistry;
import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.machine.MessageCodec;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Status;
import io.destiny.core.trusted.ThreshSign;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** A running replica. */
@SuppressWarnings("DoNotCallSuggester")
public final class Node implements AutoCloseable {
  private Node() {}

  /**
   * Opens the data folder, loads the newest checkpoint into {@code application}, and starts.
   *
   * @throws IOException if the folder is another replica's, damaged or in use, or a port is taken:
   *     the message is one sentence for the operator
   * @throws IllegalArgumentException if the certificate or key cannot be read
   */
  public static Node start(
      NodeConfig config,
      Protocol protocol,
      MessageCodec codec,
      CryptoProvider crypto,
      ThreshSign trusted,
      StateMachine application,
      ClientRegistry clients)
      throws IOException {
    throw new UnsupportedOperationException("API only so far");
  }

  /** What the protocol says of itself, at most a moment old. */
  public Status status() {
    throw new UnsupportedOperationException("API only so far");
  }

  /**
   * Completes when the replica has stopped: normally after {@link #close}, exceptionally if it
   * stopped itself, since a replica with doubtful state does not vote.
   */
  public CompletableFuture<Void> stopped() {
    throw new UnsupportedOperationException("API only so far");
  }

  /** The port for replicas. */
  public int peerPort() {
    return 0;
  }

  /** The port for clients. */
  public int clientPort() {
    return 0;
  }

  /** The port of the admin pages. */
  public int adminPort() {
    return 0;
  }

  /** Stops cleanly: what was recorded is durable when this returns. Idempotent. */
  @Override
  public void close() {}
}
