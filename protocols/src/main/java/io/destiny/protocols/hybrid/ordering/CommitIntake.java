package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Port;
import io.destiny.core.machine.DropReason;
import io.destiny.core.trusted.Counters;

/** Commits of others (linear-hybster.md §5 rule 5, hybster.md §3 rule 5): checked once a slot. */
final class CommitIntake {
  private final OrderingEngine engine;
  private final Variant variant;

  CommitIntake(OrderingEngine engine, Variant variant) {
    this.engine = engine;
    this.variant = variant;
  }

  /** A commit of any view counts. */
  void onCommit(int from, CommitCertificate m, Port port) {
    OrderingSlot s = engine.window.get(m.slot());
    if (s.commit != null) {
      engine.votes.repeated(s, m, from, port);
      port.drop(DropReason.DUPLICATE, from, m.kind());
    } else if (engine.blacklist.contains(from, m.slot())) {
      // It sent a commit that does not verify, and checks are dear; a correct replica has it too.
      port.drop(DropReason.BAD_SIGNATURE, from, m.kind());
    } else if (m.view() >= Counters.VIEW_LIMIT || m.slot() >= Counters.SLOT_LIMIT) {
      port.drop(DropReason.INVALID, from, m.kind());
    } else if (s.checking == null) {
      check(s, m, from, port);
    } else {
      engine.votes.repeated(s, m, from, port);
      keepSpare(s, m, from, port);
    }
  }

  private void keepSpare(OrderingSlot s, CommitCertificate m, int from, Port port) {
    if (s.spare == null) {
      s.spare = m;
      s.spareFrom = from;
    } else {
      port.drop(DropReason.FULL, from, m.kind());
    }
  }

  private void check(OrderingSlot s, CommitCertificate m, int from, Port port) {
    Work work = variant.check(m, s, engine);
    if (work == null) {
      port.drop(DropReason.INVALID, from, m.kind());
      return;
    }
    s.checking = m;
    engine.jobs.compute(
        work,
        port,
        (result, turn) -> {
          if (engine.holds(s)) {
            checked(s, m, from, ((Result.Verdict) result).valid(), turn);
          }
        });
  }

  private void checked(OrderingSlot s, CommitCertificate m, int from, boolean valid, Port port) {
    s.checking = null;
    if (valid) {
      engine.votes.delivered(s, from, port);
      engine.commitment.committed(s, m, port);
      return;
    }
    engine.blacklist.strike(from, s.slot);
    s.stash = null;
    port.drop(DropReason.BAD_SIGNATURE, from, m.kind());
    CommitCertificate spare = s.spare;
    s.spare = null;
    if (spare != null && !s.committed()) {
      check(s, spare, s.spareFrom, port);
    }
  }
}
