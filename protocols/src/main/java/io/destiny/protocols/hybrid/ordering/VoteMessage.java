package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.statement.Writer;

/** A replica's vote for a slot's proposal, as its engine's message. */
public interface VoteMessage extends OrderingMessage {
  /** Appends all but the header. */
  void encode(Writer w);
}
