package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.crypto.Work;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.protocols.hybrid.CertificateForm;
import org.jspecify.annotations.Nullable;

/** What an engine of the family has of its own: how votes travel, and what a commit looks like. */
public interface Variant {
  /** What F1 makes of proposals and votes. */
  CertificateForm form();

  /** One instance's votes. */
  Votes votes(OrderingEngine engine);

  /** Reads what {@link VoteMessage#encode} wrote. */
  VoteMessage decodeVote(int instance, long view, long slot, Reader r) throws MalformedException;

  /** Reads what {@link CommitCertificate#encode} wrote. */
  CommitCertificate decode(int instance, long view, long slot, Reader r) throws MalformedException;

  /**
   * What shows a commit valid; null if its form shows that it is not.
   *
   * @param slot the commit's slot
   */
  @Nullable Work check(CommitCertificate commit, OrderingSlot slot, OrderingEngine engine);
}
