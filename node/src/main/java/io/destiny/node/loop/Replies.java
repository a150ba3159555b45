package io.destiny.node.loop;

import io.destiny.core.model.Reply;

/** The way to the clients. Never blocks. */
public interface Replies {
  /** Sends to wherever the client was last seen; drops it if that is nowhere. */
  void answer(Reply reply);

  /** What was queued so far may be put on the wire. */
  void flush();
}
