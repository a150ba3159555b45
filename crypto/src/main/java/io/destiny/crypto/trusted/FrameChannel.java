package io.destiny.crypto.trusted;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** Frames over a blocking channel: length u32, body. Not thread-safe, except for closing. */
final class FrameChannel implements Closeable {
  /** Longest body; bounds what the other side can make this one allocate. */
  static final int MAX_BODY = 64 << 10;

  private static final int HEADER = 4;

  private final SocketChannel channel;
  private final ByteBuffer header = ByteBuffer.allocate(HEADER);

  FrameChannel(SocketChannel channel) {
    this.channel = channel;
  }

  /**
   * The next body, or null if the other side closed between frames.
   *
   * @throws IOException also if the frame is too long or cut off
   */
  byte @Nullable [] read() throws IOException {
    header.clear();
    if (!fill(header)) {
      return null;
    }
    int length = header.getInt(0);
    if (length < 1 || length > MAX_BODY) {
      throw new IOException("a frame of " + Integer.toUnsignedLong(length) + " bytes");
    }
    ByteBuffer body = ByteBuffer.allocate(length);
    if (!fill(body)) {
      throw new EOFException("a frame without its body");
    }
    return body.array();
  }

  /** Fills the buffer; false if the other side had closed before the first byte. */
  private boolean fill(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        if (buffer.position() > 0) {
          throw new EOFException("a frame is cut off");
        }
        return false;
      }
    }
    return true;
  }

  void write(byte[] body) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(HEADER + body.length);
    frame.putInt(body.length).put(body).flip();
    while (frame.hasRemaining()) {
      channel.write(frame);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
