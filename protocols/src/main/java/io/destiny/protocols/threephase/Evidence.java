package io.destiny.protocols.threephase;

import io.destiny.core.crypto.Work;
import io.destiny.core.model.Digest;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.List;

/**
 * What a VIEW-CHANGE says of the slots above its watermark: what its sender has accepted there, and
 * how far each got. Immutable.
 */
public interface Evidence {
  /** Reads what {@link Evidence#encode} wrote. */
  @FunctionalInterface
  interface Decoder {
    Evidence decode(Reader r) throws MalformedException;
  }

  int encodedLength();

  void encode(Writer w);

  /**
   * Whether it may be said by a VIEW-CHANGE for {@code view} of the slots (low, high], but for what
   * {@link #proofs} verifies.
   */
  boolean wellFormed(QuorumRule rule, long low, long high, long view);

  /** What must verify; empty where all are claims. */
  List<Work> proofs(Domain domain, int instance);

  /** Whether the sender has accepted this value at this slot, so that it has the payload. */
  boolean names(long slot, Digest value);
}
