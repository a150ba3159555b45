package io.destiny.node.loop;

import io.destiny.core.machine.Message;

/** The way to the other replicas. Never blocks: what a slow peer does not take is dropped. */
public interface Network {
  void send(int to, Message message);

  void broadcast(Message message);

  /** What was queued so far may be put on the wire. */
  void flush();
}
