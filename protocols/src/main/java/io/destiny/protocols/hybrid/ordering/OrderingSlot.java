package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.engine.Value;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.Domain;
import org.jspecify.annotations.Nullable;

/** The state of one sequence number (linear-hybster.md §4). */
public final class OrderingSlot {
  /** A proposal whose certificate or payload is still being checked. */
  static final class Candidate {
    final OrderingMessage.Header header;
    final int from;
    @Nullable Value value;
    boolean certified;
    boolean valueValid;
    long certificateJob;
    long valueJob;

    Candidate(OrderingMessage.Header header, @Nullable Value value, int from) {
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

  @Nullable Candidate candidate;

  /** The certified proposal of the present view. */
  OrderingMessage.@Nullable Header header;

  /** The payload of {@link #header}, or of {@link #commit}. */
  @Nullable Value value;

  /** The payload passed the deterministic checks, or a commit vouches for it. */
  boolean valid;

  /** The trusted subsystem was asked for a share: never for another digest in this view. */
  boolean signing;

  /** What it made of this replica's vote. */
  OrderingMessage.@Nullable Header own;

  /** The payload is in the log. */
  boolean logged;

  /** {@link #header} is in the log: a VIEW-CHANGE may have to show it. */
  boolean headerLogged;

  @Nullable CommitCertificate commit;
  boolean decided;

  /** A commit whose certificate is being checked, and one to check after it. */
  @Nullable CommitCertificate checking;

  @Nullable CommitCertificate spare;
  int spareFrom;

  /** A payload that came before the commit that may vouch for it. */
  @Nullable Value stash;

  OrderingSlot(long slot) {
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
    candidate = null;
    header = null;
    headerLogged = false;
    signing = false;
    own = null;
    if (!committed()) {
      value = null;
      valid = false;
      logged = false;
    }
  }

  public long slot() {
    return slot;
  }

  /** The certified proposal of the view entered last. */
  public OrderingMessage.@Nullable Header header() {
    return header;
  }

  /** What the trusted subsystem made of this replica's vote in that view. */
  public OrderingMessage.@Nullable Header own() {
    return own;
  }

  /** What proves it committed. */
  public @Nullable CommitCertificate commit() {
    return commit;
  }

  public boolean committed() {
    return commit != null;
  }

  /** A commit of another replica is being checked; its value. */
  public @Nullable Digest checking() {
    return checking == null ? null : checking.value();
  }

  @Nullable Digest committedDigest() {
    return commit == null ? null : commit.value();
  }
}
