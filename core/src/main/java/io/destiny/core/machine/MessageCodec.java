package io.destiny.core.machine;

import io.destiny.core.statement.MalformedException;

/** Canonical encoding of one protocol's messages. Thread-safe and without state. */
public interface MessageCodec {
  /** The canonical bytes; {@code sender} goes into the header. */
  byte[] encode(Message message, int sender);

  /**
   * The message in {@code bytes}: all lengths and limits checked, payload digests computed, no
   * signature checked.
   *
   * @param sender who the channel says sent it; a header that names another is refused
   * @throws MalformedException for anything but the canonical encoding of a message of this cluster
   *     and epoch
   */
  Message decode(byte[] bytes, int sender) throws MalformedException;
}
