package io.destiny.node.gateway;

import com.google.protobuf.UnsafeByteOperations;
import io.destiny.core.model.Reply;
import io.destiny.wire.WireLimits;
import io.destiny.wire.client.Notice;
import io.destiny.wire.client.ServerFrame;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** What waits to be sent to one connection. Thread-safe. */
final class OutboundReplies {
  private static final int OVERHEAD = 256;

  private final int mostEntries;
  private final long mostBytes;
  private final ArrayDeque<Reply> replies = new ArrayDeque<>();
  private final ArrayDeque<Notice> notices = new ArrayDeque<>();
  private long bytes;

  OutboundReplies(int mostEntries, long mostBytes) {
    this.mostEntries = mostEntries;
    this.mostBytes = mostBytes;
  }

  /** False if there is no room left. */
  synchronized boolean add(Reply reply) {
    replies.add(reply);
    bytes += size(reply);
    return fits();
  }

  /** False if there is no room left. */
  synchronized boolean add(Notice notice) {
    notices.add(notice);
    bytes += OVERHEAD;
    return fits();
  }

  private boolean fits() {
    return replies.size() + notices.size() <= mostEntries && bytes <= mostBytes;
  }

  private static long size(Reply reply) {
    return (long) reply.result().length + OVERHEAD;
  }

  /** As much as fits into a frame, or null if nothing waits. */
  synchronized @Nullable ServerFrame nextFrame() {
    if (replies.isEmpty() && notices.isEmpty()) {
      return null;
    }
    ServerFrame.Builder frame = ServerFrame.newBuilder();
    while (!notices.isEmpty() && frame.getNoticesCount() < WireLimits.MAX_PER_FRAME / 16) {
      frame.addNotices(notices.remove());
      bytes -= OVERHEAD;
    }
    long size = 0;
    while (!replies.isEmpty()
        && frame.getRepliesCount() < WireLimits.MAX_PER_FRAME
        && (size == 0 || size + size(replies.peek()) <= WireLimits.FRAME_BYTES)) {
      Reply reply = replies.remove();
      size += size(reply);
      frame.addReplies(UnsafeByteOperations.unsafeWrap(reply.encode()));
    }
    bytes -= size;
    return frame.build();
  }

  synchronized void clear() {
    replies.clear();
    notices.clear();
    bytes = 0;
  }
}
