package io.destiny.protocols.linearhybster;

import io.destiny.core.crypto.Share;
import io.destiny.core.engine.Value;
import io.destiny.core.kit.FallBack;
import io.destiny.core.kit.ShareCollector;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.Domain;
import org.jspecify.annotations.Nullable;

/** The state of one sequence number (linear-hybster.md §4). */
final class LinearHybsterSlot {
  /** A proposal whose certificate or payload is still being checked. */
  static final class Candidate {
    final LinearHybsterMessage.Header header;
    final int from;
    @Nullable Value value;
    boolean certified;
    boolean valueValid;
    long certificateJob;
    long valueJob;

    Candidate(LinearHybsterMessage.Header header, @Nullable Value value, int from) {
      this.header = header;
      this.value = value;
      this.from = from;
    }
  }

  final long slot;

  /** P of this slot for {@link #statementView} and {@link #statementValue}, made once. */
  private @Nullable Digest statement;

  private @Nullable Digest statementValue;
  private long statementView;

  /** Shares of the present view, this replica's and the leader's included. */
  ShareCollector shares = new ShareCollector();

  @Nullable Candidate candidate;

  /** The certified proposal of the present view. */
  LinearHybsterMessage.@Nullable Header header;

  /** The payload of {@link #header}, or of {@link #commit}. */
  @Nullable Value value;

  /** The payload passed the deterministic checks, or a commit vouches for it. */
  boolean valid;

  /** This replica proposed it, and it is not committed yet. */
  boolean mine;

  /** The trusted subsystem was asked for a share: never for another digest in this view. */
  boolean signing;

  @Nullable Share own;

  /** The payload is in the log. */
  boolean logged;

  /** {@link #header} is in the log: a VIEW-CHANGE may have to show it. */
  boolean headerLogged;

  /** Somebody sent its vote here, or this replica is the first collector or its own fall-back. */
  boolean collecting;

  boolean combining;

  /** The commit was made here, and all have been sent it. */
  boolean announced;

  LinearHybsterMessage.@Nullable Commit commit;
  boolean decided;

  /** A commit whose certificate is being checked, and one to check after it. */
  LinearHybsterMessage.@Nullable Commit checking;

  LinearHybsterMessage.@Nullable Commit spare;
  int spareFrom;

  /** A payload that came before the commit that may vouch for it. */
  @Nullable Value stash;

  /** This replica's vote is made, and T_col ran since then. */
  boolean voted;

  /** Made when T_col first expires, which is rare. */
  @Nullable FallBack fallBack;

  long waitingSince;

  /** The first collector's commit came while another's was being checked. */
  boolean firstDelivers;

  /** When another than the first collector delivered the commit; 0: it did itself. */
  long missedAt;

  LinearHybsterSlot(long slot) {
    this.slot = slot;
  }

  /** P = H("LH-PROP", inst, v, s, d), remembered since all of a slot's messages concern one. */
  Digest statement(Domain domain, int instance, long view, Digest value) {
    Digest known = statement;
    if (known == null || statementView != view || !value.equals(statementValue)) {
      known = domain.proposal(instance, view, slot, value);
      statement = known;
      statementView = view;
      statementValue = value;
    }
    return known;
  }

  /** Another view is entered: what is committed stays, all else is the new view's to say. */
  void beginView() {
    shares = new ShareCollector();
    candidate = null;
    header = null;
    headerLogged = false;
    mine = false;
    signing = false;
    own = null;
    collecting = false;
    combining = false;
    announced = false;
    voted = false;
    fallBack = null;
    if (!committed()) {
      value = null;
      valid = false;
      logged = false;
    }
  }

  boolean committed() {
    return commit != null;
  }

  @Nullable Digest committedDigest() {
    return commit == null ? null : commit.value();
  }
}
