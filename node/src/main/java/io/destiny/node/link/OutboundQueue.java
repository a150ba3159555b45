package io.destiny.node.link;

import com.google.protobuf.ByteString;
import io.destiny.wire.WireLimits;
import io.destiny.wire.replica.ReplicaFrame;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Encoded messages that wait for the network. When it is full the oldest goes: protocols repeat
 * what matters, and the newest says more. Thread-safe.
 */
final class OutboundQueue {
  private final int mostMessages;
  private final long mostBytes;
  private final ArrayDeque<ByteString> messages = new ArrayDeque<>();
  private long bytes;

  OutboundQueue(int mostMessages, long mostBytes) {
    this.mostMessages = mostMessages;
    this.mostBytes = mostBytes;
  }

  /**
   * Adds a message.
   *
   * @param connected without a connection only an eighth is kept: what is old by then is of little
   *     use
   * @return how many old ones were dropped for it
   */
  synchronized int add(ByteString message, boolean connected) {
    int share = connected ? 1 : 8;
    messages.add(message);
    bytes += message.size();
    int dropped = 0;
    while (messages.size() > 1
        && (messages.size() > mostMessages / share || bytes > mostBytes / share)) {
      bytes -= messages.remove().size();
      dropped++;
    }
    return dropped;
  }

  /** As many as fit into a frame, or null if none waits. */
  synchronized @Nullable ReplicaFrame nextFrame() {
    if (messages.isEmpty()) {
      return null;
    }
    ReplicaFrame.Builder frame = ReplicaFrame.newBuilder();
    long size = 0;
    while (!messages.isEmpty()
        && frame.getMessagesCount() < WireLimits.MAX_PER_FRAME
        && (size == 0 || size + messages.peek().size() <= WireLimits.FRAME_BYTES)) {
      ByteString message = messages.remove();
      size += message.size();
      frame.addMessages(message);
    }
    bytes -= size;
    return frame.build();
  }

  synchronized boolean isEmpty() {
    return messages.isEmpty();
  }
}
