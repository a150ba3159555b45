package io.destiny.protocols.sbft;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.StatementKind;

/**
 * What shares sign (sbft.md §1). One BLS key a replica signs for σ and τ, and one share on h serves
 * both: they differ in how many must sign, which the bitmap of a certificate shows.
 */
record Statements(Domain domain, int instance) {
  /** H: a replica has accepted the value. */
  byte[] accepted(long view, long slot, Digest value) {
    return domain
        .begin(StatementKind.ACCEPTED_PROPOSAL, instance, view, slot)
        .digest(value)
        .toBytes();
  }

  /** h2: a replica has seen that Q have. */
  byte[] prepared(long view, long slot, Digest value) {
    return domain
        .begin(StatementKind.PREPARED_PROPOSAL, instance, view, slot)
        .digest(value)
        .toBytes();
  }

  static Work verify(byte[] statement, Certificate certificate) {
    return new Work.VerifyCertificate(KeyPurpose.EXECUTION, statement, certificate);
  }
}
