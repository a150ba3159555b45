package io.destiny.crypto.trusted;

import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import io.destiny.core.trusted.ThreshSign;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Semaphore;

/**
 * Answers connections, a few at a time. What is not a proper request ends the connection and
 * changes nothing.
 */
final class TrustedServer {
  /** Most connections at once; further ones are closed at once. */
  static final int MAX_CONNECTIONS = 8;

  private static final System.Logger LOG = System.getLogger(TrustedServer.class.getName());

  private final ThreshSign subsystem;
  private final ServerSocketChannel server;
  private final Semaphore places = new Semaphore(MAX_CONNECTIONS);

  TrustedServer(ThreshSign subsystem, ServerSocketChannel server) {
    this.subsystem = subsystem;
    this.server = server;
  }

  /** Accepts connections until the server's channel is closed or fails. */
  void run() {
    try {
      while (server.isOpen()) {
        SocketChannel channel = server.accept();
        if (places.tryAcquire()) {
          Thread.ofPlatform().daemon().name("host").start(() -> serve(channel));
        } else {
          channel.close();
        }
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.INFO, "no more connections: {0}", e.toString());
    }
  }

  private void serve(SocketChannel channel) {
    try (FrameChannel frames = new FrameChannel(channel)) {
      byte[] request = frames.read();
      while (request != null) {
        frames.write(answer(request));
        request = frames.read();
      }
    } catch (IOException | MalformedException e) {
      LOG.log(System.Logger.Level.INFO, "connection ended: {0}", e.toString());
    } finally {
      places.release();
    }
  }

  private byte[] answer(byte[] request) throws MalformedException {
    Reader r = new Reader(request);
    return switch (Operation.of(r.u8())) {
      case CALL -> TrustedCodec.encodeResults(subsystem.call(TrustedCodec.decodeCalls(r)));
      case READ -> {
        int instance = (int) r.u32();
        int counter = (int) r.u32();
        r.end();
        yield new Writer(8).u64(subsystem.read(instance, counter)).toBytes();
      }
      case ATTEST -> {
        byte[] nonce = r.bytes(TrustedCodec.MAX_NONCE);
        r.end();
        yield TrustedCodec.encodeQuote(subsystem.attest(nonce));
      }
    };
  }
}
