package io.destiny.protocols.sbft;

import io.destiny.core.kit.SlotWindow;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.protocols.threephase.SlotClaim;
import io.destiny.protocols.threephase.SlotHistory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What of the votes is in the log, and what a VIEW-CHANGE says of them (sbft.md §5 rule 13). */
final class SbftLog {
  /** Prep[s]. */
  private static final int PREPARED = 2;

  private static final int COMMITTED = 3;

  private final int instance;

  SbftLog(int instance) {
    this.instance = instance;
  }

  LogRecord prepared(long slot, PrepareCertificate p) {
    return new LogRecord(instance, slot, PREPARED, 0, p.encodedLength(), p::encode);
  }

  LogRecord committed(long slot, CommitProof proof) {
    return new LogRecord(
        instance,
        slot,
        COMMITTED,
        0,
        5 + proof.encodedLength(),
        w -> proof.encode(w.u32(proof.view()).u8(proof.fast() ? 1 : 0)));
  }

  /** Puts a record back; the value, if it shows the slot committed. */
  @Nullable Digest restore(LogRecord record, SbftSlot c, long installed) throws MalformedException {
    Reader r = new Reader(record.body());
    if (record.kind() == COMMITTED) {
      CommitProof proof = CommitProof.decode(r.u32(), r.u8() != 0, r);
      c.proof = proof;
      return proof.value();
    }
    PrepareCertificate p = PrepareCertificate.decode(r);
    c.prepared = p;
    c.certificate = p.view() == installed ? p : null;
    return null;
  }

  /** What is known here of the slots (low, high]. */
  SlotEvidence evidence(SlotHistory history, SlotWindow<SbftSlot> window, long low, long high) {
    List<SlotEvidence.Entry> all = new ArrayList<>();
    for (long n = low + 1; n <= high; n++) {
      SbftSlot c = window.peek(n);
      SlotClaim latest = history.latest(n);
      CommitProof proof = c == null ? null : c.proof;
      PrepareCertificate prepared = c == null ? null : c.prepared;
      if (proof != null) {
        all.add(new SlotEvidence.Entry(n, proof, null, null));
      } else if (prepared != null || latest != null) {
        SlotEvidence.Accepted accepted =
            latest == null ? null : new SlotEvidence.Accepted(latest.view(), latest.value());
        all.add(new SlotEvidence.Entry(n, null, prepared, accepted));
      }
    }
    return new SlotEvidence(List.copyOf(all));
  }
}
