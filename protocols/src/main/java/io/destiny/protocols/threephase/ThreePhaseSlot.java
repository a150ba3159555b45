package io.destiny.protocols.threephase;

import io.destiny.core.engine.Value;
import io.destiny.core.model.Digest;
import org.jspecify.annotations.Nullable;

/**
 * The state of one sequence number (pbft.md §2) but for its votes; pSet and qSet are kept apart.
 */
public final class ThreePhaseSlot {
  /** A proposal that is being checked; one is not another, whatever they say. */
  static final class Candidate {
    final ThreePhaseMessage.Header header;

    /** Null: only its header is here. */
    final @Nullable Value value;

    final int from;

    Candidate(ThreePhaseMessage.Header header, @Nullable Value value, int from) {
      this.header = header;
      this.value = value;
      this.from = from;
    }
  }

  final long slot;

  // ---- of the view entered last

  @Nullable Candidate candidate;

  /** The accepted proposal, if it is known; a re-proposal of the NEW-VIEW has no header. */
  @Nullable Digest proposal;

  ThreePhaseMessage.@Nullable Header header;
  boolean reproposed;

  /** The valid payload of {@link #proposal}. */
  @Nullable Value value;

  /** A payload of the proposal is being checked. */
  boolean checking;

  /** The composer was told of it. */
  boolean told;

  /** The composer refused it. */
  boolean rejected;

  /** It is pre-prepared here: in qSet, and in the log. */
  boolean voted;

  // ---- for good

  @Nullable Digest committed;
  @Nullable Value decision;

  ThreePhaseSlot(long slot) {
    this.slot = slot;
  }

  /** The slot's number. */
  public long number() {
    return slot;
  }

  /** The accepted proposal of the view entered last, if it is known. */
  public @Nullable Digest proposal() {
    return proposal;
  }

  /** Whether {@link #proposal} is in qSet and in the log: this replica may vote for it. */
  public boolean accepted() {
    return voted;
  }

  public @Nullable Digest committedDigest() {
    return committed;
  }

  /** Whether another digest than {@link #proposal} is committed: it comes to nothing. */
  boolean overruled() {
    return committed != null && proposal != null && !committed.equals(proposal);
  }

  /** Another view is entered: what is committed stays. */
  void beginView() {
    candidate = null;
    proposal = null;
    header = null;
    reproposed = false;
    value = null;
    checking = false;
    told = false;
    rejected = false;
    voted = false;
  }
}
