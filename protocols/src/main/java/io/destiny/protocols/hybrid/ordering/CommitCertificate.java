package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.model.Digest;
import io.destiny.core.statement.Writer;

/** COMMIT: what proves a slot committed to anyone and for ever, as its engine's message. */
public interface CommitCertificate extends OrderingMessage {
  /** What the slot is committed to. */
  Digest value();

  /** Appends all but the header, as in the message and in the log. */
  void encode(Writer w);
}
